"""Conditions with known facts mean what they mean with these facts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.cores import CONDITIONS, SOME_FACTS, VALUES

from newel.policy.lang import core
from newel.policy.lang.core import Core, Read
from newel.policy.lang.network import address_number, network_ranges
from newel.policy.prove.replay import holds, matches, reads
from newel.policy.prove.substitute import FALSE, known, renamed


def known_alike(condition: Core, facts: dict[str, object], names: set[str]) -> None:
    given_facts = {name: facts[name] for name in names if name in facts}
    left = {name: value for name, value in facts.items() if name not in given_facts}
    made = known(condition, given_facts)
    assert reads(made).isdisjoint(given_facts)
    assert matches(made, left) == matches(condition, facts)
    assert holds(made, left) == holds(condition, facts)


@given(CONDITIONS, SOME_FACTS, st.sets(st.sampled_from(sorted(VALUES))))
def test_known_facts_need_not_be_there(condition: Core, facts: dict[str, object], names: set[str]) -> None:
    known_alike(condition, facts, names)


RENAMED = ("ctx.amount", "risk.score", "ctx.known", "ctx.branch", "now")


def renamed_alike(condition: Core, facts: dict[str, object], name: str) -> None:
    made = renamed(condition, name, "other")
    moved = {("other" if each == name else each): value for each, value in facts.items()}
    assert name not in reads(made)
    assert matches(made, moved) == matches(condition, facts)


@settings(max_examples=50)
@given(CONDITIONS, SOME_FACTS, st.sampled_from(RENAMED))
def test_a_fact_by_another_name_is_the_same(condition: Core, facts: dict[str, object], name: str) -> None:
    renamed_alike(condition, facts, name)


@pytest.mark.parametrize("name", every_part.CONDITIONS)
def test_every_part_is_substituted_in(name: str) -> None:
    condition = every_part.CONDITIONS[name]
    for facts in every_part.ROWS:
        for path in VALUES:
            known_alike(condition, facts, {path})
        for path in RENAMED:
            renamed_alike(condition, facts, path)


@pytest.mark.parametrize("members", [frozenset(), frozenset({"a"})])
def test_a_known_set_still_fails_for_a_text_that_is_missing(members: frozenset[str]) -> None:
    asked = core.HasMember(Read("groups"), Read("name"))
    made = known(asked, {"groups": members})
    assert matches(made, {})
    assert not holds(made, {})
    assert holds(made, {"name": "a"}) is ("a" in members)


def test_a_known_fact_is_there() -> None:
    assert known(core.Present("name"), {"name": "a"}) == core.TRUE
    assert known(core.Present("name"), {"other": "a"}) == core.Present("name")


def test_a_known_address_is_in_a_network_or_not() -> None:
    within = core.Within(Read("client.ip"), ("10.0.0.0/8",), network_ranges("10.0.0.0/8"))
    assert known(within, {"client.ip": address_number("10.1.2.3")}) == core.TRUE
    assert known(within, {"client.ip": address_number("192.0.2.1")}) == FALSE


def test_known_values_are_written_out_by_their_type() -> None:
    for written in (core.Constant(True, "bool"), core.Constant(7, "int"), core.Constant("a", "string")):
        assert known(Read("x"), {"x": written.value}) == written
