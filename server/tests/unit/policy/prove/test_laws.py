"""Against every request of small policies: what is found is so, and nothing is overlooked."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import (
    ALL,
    CONDITIONS,
    DEMANDS,
    DOCUMENTS,
    FACTS,
    HERE,
    REQUIREMENTS,
    TARGET,
    document,
    small,
)

from newel.domain.requirement import NOTHING, SESSION, Requirement, join_all, require
from newel.domain.value import replace
from newel.policy.document import Document, Grace, Invariant
from newel.policy.lang.core import Core
from newel.policy.prove.audit import audit
from newel.policy.prove.demand import Demands, meet
from newel.policy.prove.diff import diff
from newel.policy.prove.invariants import prove
from newel.policy.prove.replay import admissible, holds, matches
from newel.policy.prove.table import table

MANY = 500 if os.environ.get("NEWEL_NIGHTLY") else 15
LAW = settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def demanded(policy: Document, facts: Mapping[str, Any], view: str = "face") -> Requirement:
    """What a policy demands, read off its rules."""
    whole: list[Requirement] = []
    for each in policy.rules:
        if each.observe or not matches(each.condition(TARGET), facts):
            continue
        whole.append(side(each.require, each.fallback, view, policy, skipped=each.grace is not None))
    return join_all(whole)


def side(
    require: Requirement, fallback: Requirement | None, view: str, policy: Document, *, skipped: bool
) -> Requirement:
    """What a rule demands: at first, without escape, or at most."""
    if view == "floor":
        least = require if fallback is None else meet(require, fallback, policy.classes)
        return NOTHING if skipped else least
    if view == "fallback":
        return require if fallback is None else fallback
    return join_all([require, fallback or NOTHING]) if view == "most" else require


def falls(before: Document, after: Document, facts: Mapping[str, Any]) -> bool:
    """Whether something is no longer demanded of a request: at first, without escape, or of those who fall back.

    Who falls back and gives all that was demanded first gives no less.
    """
    if any(not demanded(before, facts, view) <= demanded(after, facts, view) for view in ("face", "floor")):
        return True
    given = demanded(after, facts, "fallback")
    return not any(demanded(before, facts, view) <= given for view in ("face", "fallback"))


def goes(before: Document, after: Document) -> Iterable[Mapping[str, Any]]:
    """The requests of which something is no longer demanded."""
    return [facts for facts in ALL if falls(before, after, facts)]


@LAW
@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_is_found_if_and_only_if_there_is_one(before: Document, after: Document) -> None:
    found = diff(before, after, answer_all)
    assert all(each.certain for each in found)
    by_witness = [each for each in found if each.witness is not None]
    for direction, sides in (("weaker", (before, after)), ("stronger", (after, before))):
        mine = [each for each in by_witness if each.direction == direction]
        assert bool(mine) is bool(goes(*sides))
        for each in mine:
            assert each.witness is not None
            facts = each.witness.facts
            assert admissible(Demands(after).scene(TARGET), facts)
            assert falls(*sides, facts)
            assert each.lost is not None
            assert any(not each.lost <= demanded(sides[1], facts, view) for view in ("face", "fallback", "floor"))


@LAW
@given(DOCUMENTS, DOCUMENTS)
def test_every_rule_whose_demand_goes_is_named(before: Document, after: Document) -> None:
    named = {each.rule for each in diff(before, after, answer_all) if each.direction == "weaker"}
    for each in before.rules:
        alone = replace(before, rules=(each,))
        if goes(alone, after):
            assert each.id in named


WEAKER = st.sampled_from([DEMANDS[0], DEMANDS[1], require({"aal2": SESSION}), require({"aal1": 60}), DEMANDS[5]])
FALLS: st.SearchStrategy[tuple[Core, Requirement, Requirement | None, Grace | None]] = st.tuples(
    CONDITIONS, st.sampled_from([require({"phr": SESSION}), *DEMANDS[:4]]), st.none() | WEAKER, st.none()
)
FALLING = st.lists(FALLS, min_size=1, max_size=3).map(small)


@LAW
@given(FALLING, FALLING, st.data())
def test_a_fallback_that_asks_for_less_is_found_whatever_stands_before_it(
    before: Document, other: Document, data: st.DataObject
) -> None:
    one, *rest = before.rules
    edited = replace(before, rules=(replace(one, fallback=data.draw(WEAKER)), *rest))
    for after in (edited, other):
        found = [each for each in diff(before, after, answer_all) if each.direction == "weaker"]
        assert all(each.certain for each in found)
        assert bool(found) is bool(goes(before, after))
        for each in found:
            assert each.witness is not None
            assert falls(before, after, each.witness.facts)


@LAW
@given(DOCUMENTS, CONDITIONS, st.none() | REQUIREMENTS, st.none() | REQUIREMENTS)
def test_an_invariant_is_proved_if_and_only_if_every_request_keeps_it(
    policy: Document, condition: Core, least: Requirement | None, most: Requirement | None
) -> None:
    claim = Invariant(id="i", targets=(TARGET,), conditions={"t": condition}, at_least=least, at_most=most, place=HERE)
    verdict = prove(replace(policy, invariants=(claim,)), answer_all)[0]
    spoken = [facts for facts in ALL if holds(condition, facts)]
    breaking = [
        facts
        for facts in spoken
        if (least is not None and not least <= demanded(policy, facts, "floor"))
        or (most is not None and not demanded(policy, facts, "most") <= most)
    ]
    assert verdict.state == ("refuted" if breaking else "proved")
    assert verdict.vacuous is (not spoken)
    if verdict.witness is not None:
        assert any(verdict.witness.facts.items() <= facts.items() for facts in breaking)


@LAW
@given(DOCUMENTS)
def test_a_table_has_every_outcome_and_no_other(policy: Document) -> None:
    found = table(policy, TARGET, answer_all)
    assert not found.incomplete
    outcomes = [each.requirement for each in found.outcomes]
    assert len(set(outcomes)) == len(outcomes)
    assert set(outcomes) == {demanded(policy, facts) for facts in ALL}
    for each in found.outcomes:
        assert demanded(policy, each.witness.facts) == each.requirement
        assert not each.more
        assert {*each.rules, *each.others} == {
            rule.id
            for facts in ALL
            if demanded(policy, facts) == each.requirement
            for rule in policy.rules
            if not rule.observe and (rule.require.denied or not each.requirement.denied)
            if matches(rule.condition(TARGET), facts)
        }


def useless(policy: Document, names: Iterable[str]) -> bool:
    """Whether a policy demands the same without some of its rules."""
    left = replace(policy, rules=tuple(each for each in policy.rules if each.id not in names))
    views = ("face", "floor", "fallback")
    return all(demanded(policy, facts, view) == demanded(left, facts, view) for facts in ALL for view in views)


@LAW
@given(DOCUMENTS | FALLING)
def test_rules_that_an_audit_calls_useless_can_all_be_removed(policy: Document) -> None:
    found = audit(policy, answer_all)
    gone = {each.rule for each in found if each.kind in {"shadowed", "redundant"}}
    assert useless(policy, gone)
    dead = {each.rule for each in found if each.kind == "dead"}
    assert dead == {each.id for each in policy.rules if not any(holds(each.condition(TARGET), facts) for facts in ALL)}
    assert not any(each.kind == "unknown" for each in found)


@LAW
@given(DOCUMENTS, REQUIREMENTS)
def test_a_target_below_its_minimum_is_found(policy: Document, minimum: Requirement) -> None:
    below = [facts for facts in ALL if not minimum <= demanded(policy, facts, "floor")]
    found = [
        each for each in audit(document(*policy.rules, minimum=minimum), answer_all) if each.kind == "below-minimum"
    ]
    assert bool(found) is bool(below)


@LAW
@given(DOCUMENTS)
def test_a_demand_that_falls_is_found(policy: Document) -> None:
    found = audit(policy, answer_all)
    absent = any(
        not demanded(policy, facts) <= demanded(policy, {**facts, "risk.score": FACTS["risk.score"].absent})
        for facts in ALL
    )
    assert any(each.kind == "falls-when-absent" for each in found) is absent
    for each in found:
        if each.kind == "falls":
            assert each.witness is not None
            assert demanded(policy, each.witness.facts) == each.witness.now.requirement
    higher = any(
        not demanded(policy, facts) <= demanded(policy, {**facts, "velocity.v": more})
        for facts in ALL
        if "velocity.v" in facts
        for more in range(facts["velocity.v"] + 1, 4)
    )
    assert any(each.kind == "falls" and "velocity.v rises" in each.what for each in found) is higher
