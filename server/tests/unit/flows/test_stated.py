"""Stated: a value becomes a fact of its declared kind, or is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.flows.stated import FactRefused, from_text, typed
from newel.policy.facts import Fact, Kind

KINDS: tuple[Kind, ...] = ("string", "enum", "int", "bool", "timestamp", "duration", "ip", "set")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
READ_AS = {
    "string": str,
    "enum": str,
    "int": int,
    "bool": bool,
    "timestamp": int,
    "duration": int,
    "ip": str,
    "set": frozenset,
}


def fact(kind: Kind) -> Fact:
    return Fact(name="ctx.x", kind=kind, values=("a", "b"), low=-100, high=4_000_000_000)


@given(st.sampled_from(KINDS), ANYTHING)
def test_whatever_is_stated_is_of_the_declared_kind_or_refused(kind: Kind, value: Any) -> None:
    try:
        read = typed(fact(kind), value)
    except FactRefused:
        return
    assert type(read) is READ_AS[kind]
    assert type(read) is not int or -100 <= read <= 4_000_000_000


@given(st.sampled_from(KINDS), st.text())
def test_whatever_text_was_registered_is_of_the_declared_kind_or_refused(kind: Kind, text: str) -> None:
    try:
        read = from_text(fact(kind), text)
    except FactRefused:
        return
    assert type(read) is READ_AS[kind]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("string", "007", "007"),
        ("enum", "a", "a"),
        ("int", "-7", -7),
        ("bool", "true", True),
        ("bool", "false", False),
        ("timestamp", "1970-01-01T01:00:00+01:00", 0),
        ("timestamp", "2026-11-24T12:00:00.250Z", 1795521600),
        ("duration", "2h", 7200),
        ("ip", "192.0.2.7", "192.0.2.7"),
        ("set", "a,b,,a", frozenset({"a", "b"})),
        ("set", "", frozenset()),
    ],
)
def test_a_registered_text_is_read_by_the_kind_of_its_fact(kind: Kind, text: str, expected: Any) -> None:
    assert from_text(fact(kind), text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "7.0"), ("int", "99999999999999999999"), ("int", ""), ("bool", "yes"), ("enum", "c"), ("ip", "here")],
)
def test_a_registered_text_that_does_not_fit_is_refused_by_its_facts_name(kind: Kind, text: str) -> None:
    with pytest.raises(FactRefused, match=r"ctx\.x must be"):
        from_text(fact(kind), text)


def test_a_set_has_a_bounded_number_of_members() -> None:
    assert len(typed(fact("set"), [str(number) for number in range(1000)])) == 1000
    with pytest.raises(FactRefused):
        typed(fact("set"), ["x"] * 1001)
