"""Requirements and facts as people read them."""

import pytest

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, SessionTerms, require
from newel.policy.facts import Fact, Kind
from newel.policy.lang.network import address_number
from newel.policy.prove.words import fact_text, facts_json, requirement_text


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        (NOTHING, "nothing"),
        (DENY, "refused"),
        (require({"phr": 300}), "phr within 5m"),
        (require({"phr": SESSION, "aal2": 60}), "aal2 within 1m, phr in this session"),
        (
            require({"aal2": 60}, bind=frozenset({"amount", "payee"})),
            "aal2 within 1m, amount and payee bound to aal2",
        ),
        (
            require(approve=[Approval("leads", 2, frozenset({"aal2"}), 900), Approval("one", 1, frozenset(), SESSION)]),
            "2 approvals by leads with aal2 within 15m, 1 approval by one",
        ),
        (require(forbid=["totp"], entitle=["gold"], meter={"reads": 2}), "not by totp, entitlement gold, 2 of reads"),
        (
            require(session=SessionTerms(3600, key_bound=True, notify=frozenset({"owner"}))),
            "a token of at most 1h, a key-bound token, notice to owner",
        ),
    ],
)
def test_a_requirement_in_words(requirement: Requirement, text: str) -> None:
    assert requirement_text(requirement, SHIPPED) == text


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
