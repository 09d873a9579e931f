"""Counters that the log does not hold are counted from it, each request once, itself included."""

from operator import itemgetter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import asked, document, log_of, rule
from server.tests.unit.policy.replay.test_build import column

from newel.domain.requirement import NOTHING, require
from newel.domain.value import replace
from newel.policy.document import Counter, Document
from newel.policy.facts import Fact, Kind
from newel.policy.lang.core import Compare, Constant, Read
from newel.policy.replay.counters import columns_of
from newel.policy.replay.log import Log
from newel.policy.replay.report import Change
from newel.policy.replay.run import Named, replay

KINDS: dict[str, Kind] = {"ctx.amount": "int", "ctx.payee": "string", "subject.id": "string", "client.ip": "ip"}
NAME = "velocity.v"


def counting(
    kind: Any, *, by: str = "subject.id", over: int = 100, high: int = 10**9, fact: str = "ctx.amount"
) -> Document:
    """A policy that counts what is sent, and asks beyond 1,000."""
    limit = rule("limit", "bank:send", require({"aal2": 1}), Compare(">", Read(NAME), Constant(1000, "int")))
    made = document(limit, rule("read", "bank:read", NOTHING), facts=KINDS, actions=("send", "read"))
    counter = Counter(name=NAME, kind=kind, targets=("bank:send",), fact=fact, by=by, over=over, high=high)
    bank = replace(made.resources["bank"], facts={NAME: Fact(name=NAME, kind="int", low=0, high=high)})
    return replace(made, counters={NAME: counter}, resources={"bank": bank})


def values(policy: Document, log: Log) -> list[Any]:
    """The counter in each row, None where it is missing."""
    (columns,) = columns_of(log, (policy,))
    return column(replace(log, facts=columns), NAME, "int")


EACH: dict[str, Any] = {
    "ctx.amount": st.integers(0, 50),
    "ctx.payee": st.sampled_from("abc"),
    "subject.id": st.sampled_from("xy"),
    "client.ip": st.integers(0, 2) | st.integers(2**64, 2**64 + 2),
}
ROWS = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.sampled_from(["bank:send", "bank:read", "bank:send", "odd:x"]),
        st.fixed_dictionaries(EACH) | st.fixed_dictionaries({}, optional=EACH),
    ),
    min_size=1,
    max_size=25,
    unique_by=itemgetter(0),
)


def by_hand(policy: Document, rows: list[Any]) -> dict[int, Any]:
    """The counter at the time of each row, counted the slow way."""
    counter = policy.counters[NAME]
    found: dict[int, Any] = {}
    for at, target, facts in rows:
        sent = target == "bank:send"
        if (
            not target.startswith("bank:")
            or counter.by not in facts
            or (sent and counter.kind != "count" and counter.fact not in facts)
        ):
            found[at] = None
            continue
        window: list[Any] = [
            other[2].get(counter.fact)
            for other in rows
            if other[1] == "bank:send" and at - counter.over < other[0] <= at and other[2].get(counter.by) == facts[counter.by]
            and (counter.kind == "count" or counter.fact in other[2])
        ]  # fmt: skip
        total = {"sum": sum(window) if counter.kind == "sum" else 0, "count": len(window), "distinct": len(set(window))}
        found[at] = min(total[counter.kind], counter.high)
    return found


def counted_alike(rows: list[Any], kind: Any, by: str, over: int, high: int) -> None:
    policy = counting(kind, by=by, over=over, high=high)
    log = log_of(policy, [asked(at, targets=(target,), facts=facts, session=at) for at, target, facts in rows])
    assert dict(zip(log.time.tolist(), values(policy, log), strict=True)) == by_hand(policy, rows)


@given(
    ROWS,
    st.sampled_from(["sum", "count", "distinct"]),
    st.sampled_from(["subject.id", "ctx.payee", "client.ip", "ctx.amount"]),
    st.sampled_from([1, 50, 1000]),
    st.sampled_from([40, 10**9]),
)
def test_windows_hold_what_they_should(rows: list[Any], kind: Any, by: str, over: int, high: int) -> None:
    if any("subject.id" in facts for _, _, facts in rows) or by != "subject.id":
        counted_alike(rows, kind, by, over, high)


@pytest.mark.parametrize("kind", ["sum", "count", "distinct"])
@pytest.mark.parametrize("by", ["subject.id", "ctx.payee", "client.ip", "ctx.amount"])
def test_windows_of_every_kind_hold_what_they_should(kind: str, by: str) -> None:
    whole = {"ctx.amount": 5, "ctx.payee": "a", "subject.id": "x", "client.ip": 2**64 + 1}
    rows = [
        (0, "bank:send", whole),
        (10, "bank:send", whole),
        (20, "bank:read", whole),
        (30, "bank:send", {**whole, "client.ip": 1, "ctx.payee": "b", "ctx.amount": 40}),
        (40, "odd:x", whole),
        *(
            (50 + place, "bank:send", {name: whole[name] for name in whole if name != gone})
            for place, gone in enumerate(whole)
        ),
        (70, "bank:send", whole),
    ]
    for over in (1, 25, 1000):
        counted_alike(rows, kind, by, over, 40)


def test_what_left_the_window_counts_no_longer() -> None:
    policy = counting("distinct", over=5)
    rows = [(at, "bank:send", {"ctx.amount": at // 10, "subject.id": "x"}) for at in range(0, 60, 2)]
    log = log_of(policy, [asked(at, facts=facts) for at, _, facts in rows])
    assert values(policy, log) == list(by_hand(policy, rows).values())
    assert set(values(policy, log)) == {1, 2}


def test_a_person_is_told_by_the_keyed_hash_where_the_log_has_no_name() -> None:
    policy = counting("count")
    rows = [asked(0, person=1), asked(1, person=2, session=2), asked(2, person=1, session=3)]
    assert values(policy, log_of(policy, rows)) == [1, 1, 2]


def test_small_payments_add_up_under_a_policy_that_counts_them() -> None:
    before, after = replace(counting("sum"), rules=()), counting("sum")
    rows = [asked(at, facts={"ctx.amount": 400}) for at in range(4)]
    report = replay(log_of(before, rows), Named("before", before), Named("after", after))
    assert report.prompts == Change(0, 1)
    assert any("Some counters were not recorded" in each for each in report.caveats)


def test_a_counter_that_was_recorded_stands_and_one_defined_otherwise_is_counted() -> None:
    before, after = counting("sum"), counting("sum", over=5)
    log = log_of(before, [asked(at, facts={"ctx.amount": 1, NAME: 77}) for at in (0, 10)])
    columns = columns_of(log, (before, before, after))
    assert columns[0] is columns[1] is log.facts
    told = [column(replace(log, facts=each), NAME, "int") for each in columns]
    assert told == [[77, 77], [77, 77], [1, 1]]


@pytest.mark.parametrize("kind", ["sum", "count", "distinct"])
def test_nothing_to_count_is_missing(kind: Any) -> None:
    policy = counting(kind)
    log = log_of(policy, [asked(0, targets=("odd:x",))])
    assert values(policy, log) == [None]
    empty = log_of(policy, [])
    assert len(columns_of(empty, (policy,))[0][NAME, "int"].take(np.zeros(0, np.int64)).missing() or []) == 0
