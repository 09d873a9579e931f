"""The second pass: prompts prove evidence anew; what a session did by itself counts under any policy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import CLASSES, asked, document, log_of, rule

from newel.domain.requirement import DENY, NOTHING, SESSION, Requirement, require
from newel.policy.document import Document
from newel.policy.lang.core import Compare, Constant, Read
from newel.policy.replay import walk as walking
from newel.policy.replay.build import Row
from newel.policy.replay.cases import FirstPass
from newel.policy.replay.log import Log
from newel.policy.replay.outcomes import DENIED, LOCKED, MET, PROMPT, recorded
from newel.policy.replay.reach import Reaching
from newel.policy.replay.sessions import Sessions
from newel.policy.replay.walk import walk

HOUR = 3600
SECOND = require({"aal2": 300})


def walked(policy: Document, log: Log) -> list[int]:
    """What comes of each row of a log."""
    passing = FirstPass(log, (policy,))
    reaching = Reaching(passing.cases[0], log)
    found: list[int] = []
    for rows, starts in log.chunks():
        (cases,) = passing.run(rows)
        found += walk(Sessions(log, rows, starts), cases, reaching.tables()).outcome.tolist()
    return found


def outcomes(demand: Requirement, *rows: Row) -> list[int]:
    """What comes of rows under a policy that demands one thing."""
    policy = document(rule("r", "bank:send", demand))
    return walked(policy, log_of(policy, rows))


def test_a_prompt_silences_the_requests_of_its_next_minutes() -> None:
    assert outcomes(SECOND, asked(0), asked(60), asked(300), asked(301)) == [PROMPT, MET, MET, PROMPT]


def test_another_session_is_not_silenced() -> None:
    assert outcomes(SECOND, asked(0), asked(60, session=2)) == [PROMPT, PROMPT]


def test_a_demand_bound_to_its_action_is_asked_each_time_and_proves_evidence_for_others() -> None:
    policy = document(
        rule("bound", "bank:send", require({"aal2": 300}, bind=frozenset({"amount"}))),
        rule("plain", "bank:read", SECOND),
        actions=("send", "read"),
    )
    rows = [asked(0), asked(1), asked(2, targets=("bank:read",))]
    assert walked(policy, log_of(policy, rows)) == [PROMPT, PROMPT, MET]


def test_who_cannot_prove_what_is_demanded_is_locked_out_and_not_asked() -> None:
    assert outcomes(require({"phr": SESSION}), asked(0), asked(1, ages={"aal1": 0, "aal2": 0, "phr": 0})) == [
        LOCKED,
        MET,
    ]


def test_who_holds_a_passkey_proves_more_than_was_demanded() -> None:
    policy = document(
        rule("some", "bank:send", require({"aal2": 300})),
        rule("more", "bank:read", require({"phr": 300})),
        actions=("send", "read"),
    )
    rows = [asked(0, methods=("passkey",)), asked(9, methods=("passkey",), targets=("bank:read",))]
    assert walked(policy, log_of(policy, rows)) == [PROMPT, MET]
    unknown = [asked(0, methods=None), asked(9, methods=None, targets=("bank:read",))]
    assert walked(policy, log_of(policy, unknown)) == [PROMPT, PROMPT]


def test_evidence_that_the_old_policys_prompt_caused_does_not_count() -> None:
    renewed = {"aal1": 5, "aal2": 5}
    assert outcomes(SECOND, asked(0, ages=renewed), asked(600, ages=renewed)) == [MET, MET]
    assert outcomes(SECOND, asked(0, ages=renewed, outcome="asked"), asked(600, ages=renewed)) == [MET, PROMPT]


def test_evidence_goes_when_its_class_ends_or_lies_idle() -> None:
    fresh = {"aal1": 0, "aal2": 0}
    any_age = require({"aal2": SESSION})
    assert outcomes(any_age, asked(0, ages=fresh), asked(HOUR, ages={}), asked(2 * HOUR + 1, ages={})) == [
        MET,
        MET,
        PROMPT,
    ]
    busy = [asked(at, ages=fresh if at == 0 else {}) for at in range(0, 26 * HOUR, HOUR)]
    assert outcomes(any_age, *busy) == [MET] * 25 + [PROMPT]


def test_what_is_denied_is_denied_and_what_demands_nothing_is_met() -> None:
    assert outcomes(DENY, asked(0)) == [DENIED]
    assert outcomes(NOTHING, asked(0, ages={})) == [MET]


def test_an_undeclared_target_is_denied_and_targets_are_joined() -> None:
    assert outcomes(NOTHING, asked(0, targets=("bank:steal",)), asked(1, targets=("bank:send", "x:y"))) == [
        DENIED,
        DENIED,
    ]
    policy = document(rule("one", "bank:send", NOTHING), rule("two", "bank:read", DENY), actions=("send", "read"))
    assert walked(policy, log_of(policy, [asked(0, targets=("bank:send", "bank:read"))])) == [DENIED]


def test_a_rule_that_observes_asks_nobody() -> None:
    policy = document(rule("seen", "bank:send", DENY, observe=True))
    assert walked(policy, log_of(policy, [asked(0)])) == [MET]


AGES = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 5000))
ROWS = st.lists(
    st.builds(
        asked,
        st.integers(0, 20_000),
        session=st.integers(1, 3),
        ages=AGES,
        methods=st.sampled_from([None, ("password",), ("password", "totp"), ("passkey",)]),
        outcome=st.sampled_from(["met", "asked"]),
        targets=st.sampled_from([("bank:send",), ("bank:read",), ("bank:send", "bank:read"), ("no:where",)]),
        facts=st.fixed_dictionaries({}, optional={"ctx.amount": st.integers(0, 9)}),
    ),
    min_size=1,
    max_size=40,
)
DEMANDS = st.one_of(
    st.just(DENY),
    st.builds(require, st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 4000) | st.just(SESSION), min_size=1)),
    st.builds(lambda age: require({"aal2": age}, bind=frozenset({"amount"})), st.integers(0, 4000)),
)
LARGE = Compare(">", Read("ctx.amount"), Constant(4, "int"))


def policies(demands: list[Any]) -> Document:
    """Four demands: two of them for large amounts only."""
    return document(
        rule("a", "bank:send", demands[0]),
        rule("b", "bank:send", demands[1], LARGE),
        rule("c", "bank:read", demands[2], LARGE),
        rule("d", "bank:read", demands[3]),
        facts={"ctx.amount": "int"},
        actions=("send", "read"),
    )


@settings(max_examples=60)
@given(ROWS, st.lists(DEMANDS, min_size=4, max_size=4))
def test_sessions_side_by_side_come_out_as_one_by_one(rows: list[Row], demands: list[Any]) -> None:
    policy = policies(demands)
    log = log_of(policy, rows)
    alone = walked(policy, log)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(walking, "SIDE_BY_SIDE", 0)
        assert walked(policy, log) == alone


def first_as_recorded(rows: list[Row], demands: list[Any]) -> None:
    policy = policies(demands)
    log = log_of(policy, rows)
    passing = FirstPass(log, (policy,))
    ((span, starts),) = log.chunks()
    (cases,) = passing.run(span)
    reach = Reaching(passing.cases[0], log).tables()
    told = walk(Sessions(log, span, starts), cases, reach)
    firsts = starts[:-1]
    assert told.outcome[firsts].tolist() == recorded(log, span, cases, reach)[firsts].tolist()
    assert np.array_equal(np.sort(told.rows), np.flatnonzero(np.isin(told.outcome, [PROMPT, LOCKED])))


@settings(max_examples=60)
@given(ROWS, st.lists(DEMANDS, min_size=4, max_size=4))
def test_the_first_request_of_each_session_comes_out_as_recorded(rows: list[Row], demands: list[Any]) -> None:
    first_as_recorded(rows, demands)


def test_first_requests_of_every_outcome_come_out_as_recorded() -> None:
    rows = [
        asked(1, session=1, methods=("password",)),
        asked(2, session=2, ages={"aal1": 10, "aal2": 10}, facts={"ctx.amount": 9}),
        asked(3, session=3, targets=("bank:read",), facts={"ctx.amount": 1}),
        asked(4, session=4, targets=("no:where",)),
    ]
    first_as_recorded(rows, [require({"aal2": 60}), DENY, DENY, NOTHING])
    first_as_recorded(rows, [require({"aal1": 60}), require({"aal2": 5}), NOTHING, require({"phr": SESSION})])
