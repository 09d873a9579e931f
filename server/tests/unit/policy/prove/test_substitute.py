"""Conditions with known facts mean what they mean with these facts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang.cores import CONDITIONS, SOME_FACTS, VALUES

from newel.policy.lang import core
from newel.policy.lang.core import Core, Read
from newel.policy.prove.replay import holds, matches, reads
from newel.policy.prove.substitute import known, renamed


@given(CONDITIONS, SOME_FACTS, st.sets(st.sampled_from(sorted(VALUES))))
def test_known_facts_need_not_be_there(condition: Core, facts: dict[str, object], names: set[str]) -> None:
    given_facts = {name: facts[name] for name in names if name in facts}
    left = {name: value for name, value in facts.items() if name not in given_facts}
    made = known(condition, given_facts)
    assert reads(made).isdisjoint(given_facts)
    assert matches(made, left) == matches(condition, facts)
    assert holds(made, left) == holds(condition, facts)


@settings(max_examples=50)
@given(CONDITIONS, SOME_FACTS, st.sampled_from(["ctx.amount", "risk.score", "ctx.known", "ctx.branch", "now"]))
def test_a_fact_by_another_name_is_the_same(condition: Core, facts: dict[str, object], name: str) -> None:
    made = renamed(condition, name, "other")
    moved = {("other" if each == name else each): value for each, value in facts.items()}
    assert name not in reads(made)
    assert matches(made, moved) == matches(condition, facts)


@pytest.mark.parametrize("members", [frozenset(), frozenset({"a"})])
def test_a_known_set_still_fails_for_a_text_that_is_missing(members: frozenset[str]) -> None:
    asked = core.HasMember(Read("groups"), Read("name"))
    made = known(asked, {"groups": members})
    assert matches(made, {})
    assert not holds(made, {})
    assert holds(made, {"name": "a"}) is ("a" in members)
