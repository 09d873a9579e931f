"""L10: one meaning, however it is reached: read off, generated as Python, or written out and read again."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.conditions import core_of
from server.tests.unit.policy.lang.cores import CONDITIONS, FACTS, SOME_FACTS, VALUES
from server.tests.unit.policy.lang.masks import generate

from newel.policy.code import Code
from newel.policy.lang import core, reads
from newel.policy.lang.core import Core, Read
from newel.policy.lang.evaluate import day, evaluate, hour
from newel.policy.lang.missing import Missing, MissingFact
from newel.policy.lang.write import written
from newel.policy.message import Fault
from newel.policy.replay import reads as columns

PLACES = {path: place for place, path in enumerate(VALUES)}


def row(facts: dict[str, Any]) -> tuple[Any, ...]:
    """Facts as the generated function takes them."""
    return tuple(facts.get(path, Missing(path)) for path in PLACES)


@given(st.lists(CONDITIONS, min_size=1, max_size=5), FACTS)
def test_generated_python_means_what_evaluation_means(conditions: list[Core], facts: dict[str, Any]) -> None:
    mask = generate(conditions, PLACES)(row(facts))
    assert mask == sum(bool(evaluate(each, facts)) << number for number, each in enumerate(conditions))


def matches(condition: Core, facts: dict[str, Any]) -> bool:
    """Whether a condition holds or fails."""
    try:
        return bool(evaluate(condition, facts))
    except MissingFact:
        return True


@given(st.lists(CONDITIONS, min_size=1, max_size=5), SOME_FACTS)
def test_what_is_missing_counts_as_a_match_in_both(conditions: list[Core], facts: dict[str, Any]) -> None:
    mask = generate(conditions, PLACES)(row(facts))
    assert mask == sum(matches(each, facts) << number for number, each in enumerate(conditions))


@settings(max_examples=200)
@given(CONDITIONS)
def test_a_condition_written_out_reads_as_itself(condition: Core) -> None:
    try:
        found = core_of(written(condition))
    except Fault as fault:
        assume(fault.code != Code.CANNOT_CHANGE)
        raise
    assert found == condition


def test_a_condition_that_is_always_true_needs_no_look() -> None:
    assert generate([core.TRUE, Read("ctx.known"), core.TRUE], PLACES)(row({"ctx.known": False})) == 0b101


@pytest.mark.parametrize(
    ("time", "zone", "at", "weekday"),
    [
        (0, "UTC", 0, 4),
        (1_795_478_400, "UTC", 0, 2),
        (1_795_478_400, "Europe/Berlin", 1, 2),
        (1_782_864_000, "Europe/Berlin", 2, 3),
        (1_795_478_400, "America/New_York", 19, 1),
        (1_795_478_400, "Asia/Kathmandu", 5, 2),
        (1_289_097_059, "America/St_Johns", 0, 0),
        (1_289_097_060, "America/St_Johns", 23, 6),
    ],
)
def test_hours_and_days_in_zones(time: int, zone: str, at: int, weekday: int) -> None:
    assert (hour(time, zone), day(time, zone)) == (at, weekday)


@given(st.sampled_from(sorted(PLACES)))
def test_whoever_looks_at_what_is_missing_is_told_its_name(path: str) -> None:
    with pytest.raises(MissingFact, match=path):
        bool(Missing(path))
    assert repr(Missing(path)) == f"Missing({path!r})"


@pytest.mark.parametrize("back_end", [lambda odd: evaluate(odd, {}), written, lambda odd: generate([odd], {})])
def test_what_is_no_core_has_no_meaning(back_end: Any) -> None:
    with pytest.raises(TypeError, match="str has no"):
        back_end("true")


def test_a_text_of_the_policy_never_becomes_python() -> None:
    hostile = core.OneOf(Read("subject.id"), ("'}) or exit('", '"""', "\\"))
    assert generate([hostile], PLACES)(row({"subject.id": '"""'})) == 1


@pytest.mark.parametrize("name", every_part.CONDITIONS)
def test_every_part_has_one_meaning(name: str) -> None:
    condition = every_part.CONDITIONS[name]
    generated = generate([condition], PLACES)
    assert [generated(row(facts)) for facts in every_part.ROWS] == [
        matches(condition, facts) for facts in every_part.ROWS
    ]


@pytest.mark.parametrize("name", every_part.CONDITIONS)
def test_of_every_part_it_is_known_what_it_reads_and_how_large_it_is(name: str) -> None:
    condition = every_part.CONDITIONS[name]
    looked: set[str] = set()
    for part in columns.parts(condition):
        looked.update([part.path] if isinstance(part, core.Read | core.Present) else ())
    assert reads.facts_read(condition) == looked
    assert reads.size(condition) >= len(list(columns.parts(condition)))
    assert reads.listed(condition) <= len(written(condition))


@pytest.mark.parametrize("text", every_part.TEXTS)
def test_every_part_written_out_reads_as_itself(text: str) -> None:
    condition = every_part.CONDITIONS[text]
    assert written(condition).isprintable()
    assert core_of(written(condition)) == condition


@pytest.mark.parametrize(
    "use", [bool, repr, hash, lambda gone: gone.startswith("a"), lambda gone: gone + 1, lambda gone: gone > 1]
)
def test_what_is_missing_is_of_no_use(use: Any) -> None:
    gone = Missing("ctx.amount")
    if use is repr:
        assert repr(gone) == "Missing('ctx.amount')"
    else:
        with pytest.raises(MissingFact, match=r"ctx\.amount is missing"):
            use(gone)
