"""L10: over columns a condition means what it means read off, row by row, errors included."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.cores import CLOCKS, CONDITIONS, FACTS, NUMBERS, SOME_FACTS, STRINGS, TEXTS, VALUES
from server.tests.unit.policy.lang.masks import generate

from newel.policy.facts import Fact, Kind
from newel.policy.lang import core
from newel.policy.lang.core import Constant, Core, Read
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import Missing, MissingFact
from newel.policy.replay import vector
from newel.policy.replay.bound import Batch, Bound, Columns
from newel.policy.replay.clocks import clock
from newel.policy.replay.columns import STORES, Array, Bools
from newel.policy.replay.encode import TYPED, Distinct, encoded, stacked
from newel.policy.replay.vector import matches

KINDS: Mapping[str, Kind] = {
    "subject.id": "string",
    "subject.groups": "set",
    "client.ip": "ip",
    "ctx.amount": "int",
    "ctx.known": "bool",
    "ctx.branch": "string",
    "ctx.published": "timestamp",
    "risk.score": "int",
    "now": "timestamp",
}
DECLARED = {path: Fact(name=path, kind=kind) for path, kind in KINDS.items()}
PLACES = {path: place for place, path in enumerate(VALUES)}
ROWS = st.lists(SOME_FACTS, min_size=1, max_size=9)
TWO_TEXTS = st.one_of(
    STRINGS, st.just(Read("ctx.branch")), st.builds(core.Select, CONDITIONS, STRINGS, st.just(Read("ctx.branch")))
)
"""Texts of more than one column."""
WIDER: st.SearchStrategy[Core] = st.one_of(
    st.builds(core.Compare, st.sampled_from(["==", "!="]), TWO_TEXTS, TWO_TEXTS),
    st.builds(core.HasMember, st.just(Read("subject.groups")), TWO_TEXTS),
    st.builds(core.Affix, st.sampled_from(["startsWith", "endsWith", "contains"]), TWO_TEXTS, TEXTS),
    st.builds(lambda item, texts: core.OneOf(item, tuple(sorted(texts))), TWO_TEXTS, st.sets(TEXTS, max_size=3)),
    st.builds(core.Compare, st.just("<"), st.builds(core.Select, CONDITIONS, NUMBERS, NUMBERS), NUMBERS),
    st.builds(core.Compare, st.sampled_from(["==", "!="]), st.just(Read("client.ip")), st.just(Read("client.ip"))),
    st.builds(core.Compare, st.sampled_from(["==", "!="]), CONDITIONS, CONDITIONS),
    st.builds(core.Negation, CONDITIONS),
    st.builds(core.Every, st.tuples(CONDITIONS, CONDITIONS, CONDITIONS)),
)


def columns(rows: list[dict[str, Any]]) -> Columns:
    """Rows as columns; a fact that no row has gets none."""
    made = {}
    for path in {path for row in rows for path in row}:
        store, distinct = STORES[KINDS[path]], Distinct()
        made[path, store] = stacked([encoded(store, [TYPED[store](row.get(path)) for row in rows], distinct)], distinct)
    return made


def batch(rows: list[dict[str, Any]], declared: Mapping[str, Fact] = DECLARED) -> Batch:
    """All rows at once."""
    return Batch(Bound(columns(rows), declared), slice(None), len(rows))


def values(condition: Core, together: Batch) -> tuple[Array, Bools]:
    """A condition's values, and the rows in which it fails (where the value means nothing)."""
    found = vector._Rows(together).found(condition)
    fails = np.False_ if found.fails is None else found.fails
    return np.broadcast_to(np.asarray(found.value), (together.count,)), np.broadcast_to(fails, (together.count,))


def read_off(condition: Core, facts: Mapping[str, Any]) -> Any:
    """What the reference says: a value, or that a fact is missing."""
    try:
        return evaluate(condition, facts)
    except MissingFact:
        return MissingFact


@settings(max_examples=300)
@given(CONDITIONS | WIDER, ROWS)
def test_columns_mean_what_evaluation_means_row_by_row(condition: Core, rows: list[dict[str, Any]]) -> None:
    found, fails = values(condition, batch(rows))
    assert [MissingFact if fail else value for value, fail in zip(found.tolist(), fails.tolist(), strict=True)] == [
        read_off(condition, row) for row in rows
    ]


@given(NUMBERS | CLOCKS, st.lists(FACTS, min_size=1, max_size=5))
def test_numbers_stay_exact_in_64_bits(number: Core, rows: list[dict[str, Any]]) -> None:
    found, fails = values(number, batch(rows))
    assert not fails.any()
    assert found.tolist() == [evaluate(number, row) for row in rows]


@given(st.lists(CONDITIONS, min_size=1, max_size=4), ROWS)
def test_columns_match_where_the_generated_function_matches(conditions: list[Core], rows: list[dict[str, Any]]) -> None:
    mask = generate(conditions, PLACES)
    together = batch(rows)
    found = [matches(condition, together) for condition in conditions]
    for number, row in enumerate(rows):
        expected = mask(tuple(row.get(path, Missing(path)) for path in PLACES))
        assert sum(bool(each[number]) << bit for bit, each in enumerate(found)) == expected


@given(CONDITIONS, ROWS)
def test_a_declared_absent_value_stands_where_a_fact_is_missing(condition: Core, rows: list[dict[str, Any]]) -> None:
    absent: Mapping[str, Any] = {"risk.score": 100, "ctx.amount": 10**9, "subject.id": "a", "ctx.known": False}
    declared = {path: Fact(name=path, kind=kind, absent=absent.get(path)) for path, kind in KINDS.items()}
    found, fails = values(condition, batch(rows, declared))
    told = [MissingFact if fail else value for value, fail in zip(found.tolist(), fails.tolist(), strict=True)]
    assert told == [read_off(condition, {**absent, **row}) for row in rows]


@given(CONDITIONS, ROWS, st.data())
def test_some_rows_of_a_log_are_as_those_rows_alone(condition: Core, rows: list[dict[str, Any]], data: Any) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=4)))
    bound = Bound(columns(rows), DECLARED)
    everything = matches(condition, Batch(bound, slice(None), len(rows)))
    some = matches(condition, Batch(bound, places, len(places)))
    assert some.tolist() == everything[places].tolist()


def test_a_fact_of_another_type_than_declared_is_missing() -> None:
    rows = [{"ctx.amount": 5}]
    declared = {**DECLARED, "ctx.amount": Fact(name="ctx.amount", kind="string")}
    assert values(core.Present("ctx.amount"), batch(rows, declared))[0].tolist() == [False]
    assert matches(core.Compare("==", Read("ctx.amount"), Constant("x", "string")), batch(rows, declared)).tolist() == [
        True
    ]


@pytest.mark.parametrize("text", ["getHours", "getDayOfWeek"])
@given(
    st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=5),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
)
def test_clocks_are_exact_however_far_the_times_lie_apart(text: Any, times: list[int], zone: str) -> None:
    part = core.Clock(text, Read("now"), zone)
    found, _ = values(part, batch([{"now": time} for time in times]))
    assert found.tolist() == [evaluate(part, {"now": time}) for time in times]


def test_what_is_no_core_has_no_columns() -> None:
    odd: Any = "true"
    with pytest.raises(TypeError, match="str has no facts"):
        matches(odd, batch([{}]))


def test_no_times_have_no_hours() -> None:
    assert clock("getHours", np.zeros(0, np.int64), "UTC").tolist() == []


@pytest.mark.parametrize("name", every_part.CONDITIONS)
@pytest.mark.parametrize(
    "absent", [{}, {"risk.score": 100, "ctx.amount": 10**9, "subject.id": "abc", "ctx.known": False}]
)
def test_every_part_has_its_meaning_over_columns(name: str, absent: Mapping[str, Any]) -> None:
    condition, rows = every_part.CONDITIONS[name], list(every_part.ROWS)
    declared = {path: Fact(name=path, kind=kind, absent=absent.get(path)) for path, kind in KINDS.items()}
    for some in (rows, rows[:1], rows[2:3], rows[:2]):
        found, fails = values(condition, batch(some, declared))
        told = [MissingFact if fail else value for value, fail in zip(found.tolist(), fails.tolist(), strict=True)]
        assert told == [read_off(condition, {**absent, **row}) for row in some]
    places, bound = np.array([1, 3, 1]), Bound(columns(rows), declared)
    everything = matches(condition, Batch(bound, slice(None), len(rows)))
    assert matches(condition, Batch(bound, places, 3)).tolist() == everything[places].tolist()
