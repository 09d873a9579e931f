"""Requirements and facts as people read them."""

import pytest

from newel.policy.facts import Fact, Kind
from newel.policy.lang.network import address_number
from newel.policy.prove.words import fact_text, facts_json


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("bool", True, "true"),
        ("bool", False, "false"),
        ("string", 'a"\u202e', '"a\\"\\U0000202e"'),
        ("set", frozenset({"b", "a"}), '{"a", "b"}'),
        ("ip", address_number("10.0.0.1"), "10.0.0.1"),
        ("ip", address_number("2001:db8::1"), "2001:db8::1"),
        ("timestamp", 1_768_478_400, "Thursday 2026-01-15 13:00:00 Europe/Berlin"),
        ("duration", 300, "5m"),
        ("enum", "low", "low"),
        ("int", 5, "5"),
    ],
)
def test_a_fact_in_words(kind: Kind, value: object, text: str) -> None:
    assert fact_text(Fact(name="f", kind=kind), value, "Europe/Berlin") == text


def test_facts_for_a_machine_have_no_sets() -> None:
    assert facts_json({"b": frozenset({"y", "x"}), "a": 1}) == {"a": 1, "b": ["x", "y"]}
