"""Stated facts are checked when they are there: a wrong type or a value out of range is refused by name."""

from collections.abc import Mapping
from typing import Any

import pytest
from server.tests.unit.policy.documents import nested

from newel.policy import load
from newel.policy.facts import END_OF_TIME, Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core, Read
from newel.policy.lang.network import address_number, network_ranges
from newel.policy.load import FactRefused, Layout, generate_matching

DECLARED = (
    Fact(name="subject.id", kind="string"),
    Fact(name="subject.plan", kind="enum", values=("free", "staff")),
    Fact(name="subject.groups", kind="set"),
    Fact(name="client.ip", kind="ip"),
    Fact(name="ctx.cart.amount", kind="int", low=0, high=100),
    Fact(name="ctx.cart.age", kind="duration", low=-10, high=10),
    Fact(name="ctx.known", kind="bool"),
    Fact(name="risk.score", kind="int", low=0, high=100, absent=100),
    Fact(name="now", kind="timestamp", low=0, high=END_OF_TIME),
)
BY_NAME = {fact.name: fact for fact in DECLARED}
LAYOUTS: tuple[Layout, ...] = ("flat", "nested")


def matches(condition: Core, facts: Mapping[str, Any], layout: Layout) -> bool:
    """Whether a condition holds or fails for stated facts."""
    matching = generate_matching(DECLARED, [condition], layout)
    return matching(facts if layout == "flat" else nested(facts)) == 1


def equals(path: str, value: Any, unit: Any = "int") -> Core:
    """The condition that a fact has a value."""
    return core.Compare("==", Read(path), core.Constant(value, unit))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("path", "stated", "condition"),
    [
        ("subject.id", "maria", equals("subject.id", "maria", "string")),
        ("subject.plan", "staff", equals("subject.plan", "staff", "string")),
        ("subject.groups", ["a", "b"], core.HasMember(Read("subject.groups"), core.Constant("b", "string"))),
        ("subject.groups", ("a", "b"), core.HasMember(Read("subject.groups"), core.Constant("b", "string"))),
        ("subject.groups", frozenset({"b"}), core.HasMember(Read("subject.groups"), core.Constant("b", "string"))),
        ("client.ip", "10.0.0.1", core.Within(Read("client.ip"), ("10.0.0.0/8",), network_ranges("10.0.0.0/8"))),
        ("client.ip", "::ffff:10.0.0.1", core.Within(Read("client.ip"), ("10.0.0.0/8",), network_ranges("10.0.0.0/8"))),
        ("ctx.cart.amount", 100, equals("ctx.cart.amount", 100)),
        ("ctx.cart.age", -10, equals("ctx.cart.age", -10, "duration")),
        ("ctx.known", True, Read("ctx.known")),
        ("now", 0, equals("now", 0)),
        ("now", "1970-01-01T00:01:00Z", equals("now", 60)),
        ("now", "1970-01-01T01:01:00+01:00", equals("now", 60)),
    ],
)
def test_a_stated_fact_is_read_as_it_is_meant(layout: Layout, path: str, stated: Any, condition: Core) -> None:
    assert matches(condition, {path: stated}, layout)
    assert not matches(core.Negation(condition), {path: stated}, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("path", "stated", "why"),
    [
        ("subject.id", 5, "is not a text"),
        ("subject.id", ["maria"], "is not a text"),
        ("subject.plan", "gold", "is none of its values"),
        ("subject.plan", ["free"], "is none of its values"),
        ("subject.groups", "abc", "is not a list of texts"),
        ("subject.groups", {"a": "b"}, "is not a list of texts"),
        ("subject.groups", ["a", 1], "is not a list of texts"),
        ("subject.groups", ["a", ["b"]], "is not a list of texts"),
        ("client.ip", "10.0.0", "is not an address"),
        ("client.ip", "fe80::1%eth0", "is not an address"),
        ("client.ip", "1" * 100_000, "is not an address"),
        ("client.ip", address_number("10.0.0.1"), "is not an address"),
        ("ctx.cart.amount", 101, "lies outside 0 to 100"),
        ("ctx.cart.amount", -1, "lies outside 0 to 100"),
        ("ctx.cart.amount", 10**400, "lies outside 0 to 100"),
        ("ctx.cart.amount", "5", "is not a whole number"),
        ("ctx.cart.amount", 5.0, "is not a whole number"),
        ("ctx.cart.amount", True, "is not a whole number"),
        ("ctx.cart.age", 11, "lies outside -10 to 10"),
        ("ctx.known", 1, "is not true or false"),
        ("ctx.known", "true", "is not true or false"),
        ("risk.score", float("nan"), "is not a whole number"),
        ("now", "1970-01-01T00:01:00", "is not a time"),
        ("now", "noon", "is not a time"),
        ("now", "0001-01-01T00:00:00+14:00", "is not a time"),
        ("now", 1.5, "is not a time"),
        ("now", True, "is not a time"),
        ("now", -1, f"lies outside 0 to {END_OF_TIME}"),
        ("now", "9000-01-01T00:00:00Z", f"lies outside 0 to {END_OF_TIME}"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_a_value_of_a_fact_is_refused_by_name(layout: Layout, path: str, stated: Any, why: str) -> None:
    with pytest.raises(FactRefused) as refused:
        matches(core.TRUE, {path: stated}, layout)
    assert (refused.value.path, str(refused.value)) == (path, f"'{path}' {why}")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("path", [fact.name for fact in DECLARED if fact.absent is None])
@pytest.mark.parametrize("facts", [{}, None], ids=["absent", "null"])
def test_what_is_not_there_fails_and_so_matches(layout: Layout, path: str, facts: Any) -> None:
    stated = {} if facts is not None else {path: None}
    assert matches(equals(path, 1), stated, layout)
    assert not matches(core.Present(path), stated, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_has_a_value_when_it_is_absent_reads_as_that(layout: Layout) -> None:
    assert matches(equals("risk.score", 100), {}, layout)
    assert matches(equals("risk.score", 100), {"risk.score": None}, layout)
    assert not matches(equals("risk.score", 100), {"risk.score": 5}, layout)


@pytest.mark.parametrize(
    ("stated", "path"),
    [({"ctx": 5}, "ctx"), ({"ctx": None}, "ctx"), ({"ctx": {"cart": [1]}}, "ctx.cart"), ({"client": "x"}, "client")],
)
def test_a_group_of_facts_is_an_object(stated: Any, path: str) -> None:
    with pytest.raises(FactRefused, match="is not an object") as refused:
        generate_matching(DECLARED, [core.TRUE], "nested")(stated)
    assert refused.value.path == path


def test_undeclared_facts_are_not_looked_at() -> None:
    stated = {"subject.id": "maria", "subject.admin": True, "evidence": {"aal3": 0}}
    assert matches(equals("subject.id", "maria", "string"), stated, "flat")


def test_no_text_is_kept_that_cannot_be_an_address() -> None:
    load._address.cache_clear()
    for stated in ("x" * 46, "1" * 1_000_000):
        with pytest.raises(FactRefused):
            matches(core.TRUE, {"client.ip": stated}, "flat")
    assert load._address.cache_info().currsize == 0


def test_without_facts_or_conditions_nothing_matches() -> None:
    assert generate_matching([], [], "flat")({}) == generate_matching([], [], "nested")({}) == 0
