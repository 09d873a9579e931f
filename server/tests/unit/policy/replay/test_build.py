"""From rows to typed columns: whatever order they come in, and whatever they hold."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import CLASSES, asked, document, log_of, rule

from newel.domain.requirement import NOTHING
from newel.domain.value import replace
from newel.policy.facts import Fact
from newel.policy.replay import build
from newel.policy.replay.build import stores
from newel.policy.replay.columns import Addresses, Coded, Plain, narrow, narrow_numbers
from newel.policy.replay.log import Log, LogRefused

FACTS: dict[str, Any] = {
    "ctx.amount": "int",
    "ctx.known": "bool",
    "client.ip": "ip",
    "subject.id": "string",
    "subject.groups": "set",
}
POLICY = document(rule("r", "bank:send", NOTHING), facts=FACTS)


def column(log: Log, path: str, store: Any) -> list[Any]:
    """A fact's values, None where it is missing."""
    found = log.facts[path, store]
    missing = found.missing()
    gone = np.zeros(len(log), np.bool_) if missing is None else missing
    match found:
        case Coded(codes, entries):
            told = [None if code == len(entries) else entries[code] for code in codes.tolist()]
        case Addresses(high, low):
            told = [(int(first) << 64) + int(second) for first, second in zip(high, low, strict=True)]
        case Plain(values):
            told = values.tolist()
    return [None if lost else value for value, lost in zip(told, gone.tolist(), strict=True)]


def test_sessions_stand_one_after_the_other_each_in_time_order() -> None:
    log = log_of(POLICY, [asked(9, session=7), asked(1, session=9), asked(3, session=7), asked(4, session=8)])
    assert log.time.tolist() == [3, 9, 4, 1]
    assert log.starts.tolist() == [0, 2, 3, 4]


def test_no_rows_are_a_log_of_no_sessions() -> None:
    log = log_of(POLICY, [])
    assert len(log) == 0
    assert log.starts.tolist() == [0]
    assert list(log.chunks()) == []


def test_values_of_each_kind_come_back() -> None:
    given_facts: list[dict[str, Any]] = [
        {
            "ctx.amount": 2**40,
            "ctx.known": True,
            "client.ip": "10.0.0.1",
            "subject.id": "a",
            "subject.groups": ["x", "y"],
        },
        {
            "ctx.amount": -5,
            "ctx.known": False,
            "client.ip": 2**127 + 3,
            "subject.id": "b",
            "subject.groups": frozenset({"y"}),
        },
        {},
    ]
    log = log_of(POLICY, [asked(at, facts=facts) for at, facts in enumerate(given_facts)])
    assert column(log, "ctx.amount", "int") == [2**40, -5, None]
    assert column(log, "ctx.known", "bool") == [True, False, None]
    assert column(log, "client.ip", "ip") == [(0xFFFF << 32) + (10 << 24) + 1, 2**127 + 3, None]
    assert column(log, "subject.id", "text") == ["a", "b", None]
    assert column(log, "subject.groups", "set") == [frozenset("xy"), frozenset("y"), None]


@pytest.mark.parametrize(
    ("path", "store", "odd"),
    [
        ("ctx.amount", "int", "5"),
        ("ctx.amount", "int", True),
        ("ctx.amount", "int", 2**63),
        ("ctx.known", "bool", 1),
        ("client.ip", "ip", "10.0.0.256"),
        ("client.ip", "ip", -1),
        ("client.ip", "ip", 2**128),
        ("client.ip", "ip", 1.5),
        ("subject.id", "text", 5),
        ("subject.groups", "set", "admins"),
        ("subject.groups", "set", [1]),
        ("subject.groups", "set", 5),
    ],
)
def test_a_value_of_another_type_is_missing(path: str, store: Any, odd: object) -> None:
    assert (path, store) not in log_of(POLICY, [asked(0, facts={path: odd})]).facts


def test_a_fact_that_only_some_chunks_hold_is_missing_in_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "AT_ONCE", 2)
    rows = [
        asked(at, facts={"ctx.amount": at, "client.ip": at, "subject.id": "a"} if at > 2 else {}) for at in range(5)
    ]
    log = log_of(POLICY, rows)
    assert column(log, "ctx.amount", "int") == column(log, "client.ip", "ip") == [None, None, None, 3, 4]
    assert column(log, "subject.id", "text") == [None, None, None, "a", "a"]


def test_a_path_that_two_resources_type_differently_has_two_columns() -> None:
    one, two = POLICY.resources["bank"], replace(POLICY.resources["bank"], name="shop")
    facts = {"ctx.size": Fact(name="ctx.size", kind="int")}
    others = {"ctx.size": Fact(name="ctx.size", kind="enum", values=("small",))}
    policy = replace(POLICY, resources={"bank": replace(one, facts=facts), "shop": replace(two, facts=others)})
    assert set(stores(policy)) >= {("ctx.size", "int"), ("ctx.size", "text")}
    log = log_of(policy, [asked(0, facts={"ctx.size": 3}), asked(1, facts={"ctx.size": "small"})])
    assert column(log, "ctx.size", "int") == [3, None]
    assert column(log, "ctx.size", "text") == [None, "small"]


def test_ages_are_kept_within_bounds_and_attacks_where_somebody_said() -> None:
    log = log_of(POLICY, [asked(0, ages={"aal2": 2**40, "aal1": -3}), asked(1, ages={}, attack=True)])
    assert [log.ages[name].tolist() for name in CLASSES] == [[0, -1], [2**31 - 1, -1], [-1, -1]]
    assert log.attack is not None
    assert log.attack.tolist() == [False, True]
    assert log_of(POLICY, [asked(0)]).attack is None


@pytest.mark.parametrize("odd", [{"person": 2**64}, {"person": -1}, {"session": 2**64}])
def test_hashes_beyond_64_bits_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(LogRefused):
        log_of(POLICY, [asked(0, **odd)])


@pytest.mark.parametrize("at", [-1, 2**40, 2**70])
def test_a_time_that_no_request_has_is_refused(at: int) -> None:
    with pytest.raises(LogRefused, match="a time"):
        log_of(POLICY, [asked(at)])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=60), st.integers(1, 20))
def test_chunks_are_whole_sessions_and_leave_nothing_out(pairs: list[tuple[int, int]], size: int) -> None:
    log = log_of(POLICY, [asked(at, session=session) for session, at in pairs])
    end = 0
    for rows, starts in log.chunks(size):
        assert rows.start == end
        assert set((starts + rows.start).tolist()) <= set(log.starts.tolist())
        assert (starts[0], starts[-1]) == (0, rows.stop - rows.start)
        end = rows.stop
    assert end == len(pairs)


def test_codes_and_numbers_take_the_fewest_bytes() -> None:
    assert [narrow(np.zeros(1, np.int64), most).dtype.itemsize for most in (255, 256, 2**16, 2**32)] == [1, 2, 4, 8]
    numbers = [[], [-128], [128], [2**15], [-(2**31) - 1]]
    assert [narrow_numbers(np.array(each, np.int64)).dtype.itemsize for each in numbers] == [1, 1, 2, 4, 8]


def test_a_log_can_go_without_the_names_of_people() -> None:
    log = log_of(POLICY, [asked(0, facts={"subject.id": "alice", "ctx.amount": 5})])
    assert set(log.without({"subject.id"}).facts) == {("ctx.amount", "int")}
    assert len(log.without(())) == len(log) == 1


def test_decisions_about_one_act_are_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MOST_ACTS", 1)
    rows = [asked(0, act=1, outcome="asked"), asked(9, act=1, outcome="met"), asked(10, act=2), asked(11)]
    later = [asked(900, act=1), asked(2000, act=1), asked(2001, act=2), asked(2002, act=2)]
    assert log_of(POLICY, [*rows, *later]).time.tolist() == [0, 10, 11, 2000, 2001]
