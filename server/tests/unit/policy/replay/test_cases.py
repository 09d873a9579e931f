"""The first pass: the rules that match a row are those that match it alone, for each of several policies."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.cores import CONDITIONS, SOME_FACTS
from server.tests.unit.policy.replay.documents import asked, document, log_of, rule
from server.tests.unit.policy.replay.test_vector import KINDS

from newel.domain.requirement import DENY, NOTHING, Requirement, join_all, require
from newel.domain.value import replace
from newel.policy.document import EVERYWHERE, Document
from newel.policy.facts import Fact
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.replay.cases import FirstPass
from newel.policy.replay.fold import combinations

DEMANDS = [require({"aal1": 600}), require({"aal2": 60}), require({"phr": 60}), require(entitle={"x"}), DENY]


def decided(policy: Document, target: str, facts: dict[str, Any]) -> Requirement:
    """What a policy demands, rule by rule by the reference."""
    if not policy.declared(target):
        return DENY
    matching = (each for each in policy.rules_at(target) if holds(each.condition(target), facts) and not each.observe)
    return join_all(each.require for each in matching)


def holds(condition: Core, facts: dict[str, Any]) -> bool:
    """Whether a condition holds or fails."""
    try:
        return bool(evaluate(condition, facts))
    except MissingFact:
        return True


def policy_of(conditions: list[Core], *, absent: int | None = None) -> Document:
    """A policy with a rule for each condition, by turns at send, read and everywhere."""
    places = ["bank:send", "bank:read", EVERYWHERE]
    rules = [
        rule(f"r{number}", places[number % 3], DEMANDS[number % 5], condition, observe=number % 7 == 6)
        for number, condition in enumerate(conditions)
    ]
    made = document(*rules, facts=KINDS, actions=("send", "read"))
    scores = Fact(name="risk.score", kind="int", absent=absent)
    return replace(made, facts={**made.facts, "risk.score": scores})


ROWS = st.lists(
    st.tuples(
        SOME_FACTS, st.lists(st.sampled_from(["bank:send", "bank:read", "bank:odd", "odd"]), max_size=2, unique=True)
    ),
    min_size=1,
    max_size=8,
)


def decided_alike(conditions: list[Core], others: list[Core], rows: list[Any], *, other_facts: bool) -> None:
    before = policy_of(conditions)
    after = policy_of(conditions + others, absent=100 if other_facts else None)
    log = log_of(before, [asked(at, facts=facts, targets=tuple(targets)) for at, (facts, targets) in enumerate(rows)])
    passing = FirstPass(log, (before, after))
    found = passing.run(slice(0, len(rows)))
    for policy, cases, numbers in zip((before, after), passing.cases, found, strict=True):
        filled = {"risk.score": 100} if other_facts and policy is after else {}
        assert [cases.table[number].requirement for number in numbers.tolist()] == [
            join_all(decided(policy, target, {**filled, **facts}) for target in targets) if targets else DENY
            for facts, targets in rows
        ]


@settings(max_examples=100, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=8), st.lists(CONDITIONS, max_size=3), ROWS, st.booleans())
def test_decisions_over_columns_are_those_of_the_reference(
    conditions: list[Core], others: list[Core], rows: list[Any], other_facts: bool
) -> None:
    decided_alike(conditions, others, rows, other_facts=other_facts)


@pytest.mark.parametrize("other_facts", [False, True])
def test_decisions_on_every_part_are_those_of_the_reference(other_facts: bool) -> None:
    targets: tuple[list[str], ...] = (["bank:send"], ["bank:read"], ["bank:send", "bank:read"], ["bank:odd"], [])
    rows = [(facts, targets[number % 5]) for number, facts in enumerate(every_part.ROWS)]
    conditions = list(every_part.CONDITIONS.values())
    decided_alike(conditions[:-8], conditions[-8:], rows, other_facts=other_facts)


@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 2**32))
def test_combinations_are_told_apart_however_many_conditions_there_are(count: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    conditions = [rng.random(count) < 0.5 for _ in range(width)]
    numbers, masks = combinations(conditions, count)
    assert [masks[number] for number in numbers.tolist()] == [
        sum(int(condition[row]) << bit for bit, condition in enumerate(conditions)) for row in range(count)
    ]


def test_rows_without_rules_demand_nothing() -> None:
    policy = document()
    log = log_of(policy, [asked(0)])
    passing = FirstPass(log, (policy,))
    (numbers,) = passing.run(slice(0, 1))
    assert passing.cases[0].table[numbers[0]].requirement == NOTHING
