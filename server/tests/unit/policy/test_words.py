"""Requirements and values in words."""

from typing import Any

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, changed, read

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, SessionTerms, require
from newel.policy.facts import Fact
from newel.policy.words import requirement_text, short_duration, value_words

FIELDS = frozenset({"payee", "amount"})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (-5, "-5s"),
        (1, "1s"),
        (60, "1m"),
        (90, "1m30s"),
        (5400, "1h30m"),
        (86_400, "1d"),
        (90_061, "1d1h1m1s"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert short_duration(seconds) == words


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


def test_a_strength_of_the_policys_own_is_named_once() -> None:
    classes = read(changed(("  aal3: {implies", "  badge: {implies: [aal1], lasts: 8h, methods: [[totp]]}\n  aal3: {implies"), text=EXAMPLE)).classes  # fmt: skip
    assert requirement_text(require({"badge": 60}, classes=classes), classes) == "badge within 1m"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("int", None, "(absent)"),
        ("int", 5, "5"),
        ("string", "a", "a"),
        ("bool", True, "true"),
        ("bool", False, "false"),
        ("timestamp", 1_795_521_600, "2026-11-24T12:00:00Z"),
        ("duration", 90, "1m30s"),
        ("ip", (0xFFFF << 32) + 1, "0.0.0.1"),
        ("set", frozenset({"b", "a"}), "[a, b]"),
    ],
)
def test_values(kind: Any, value: Any, words: str) -> None:
    assert value_words(Fact(name="a", kind=kind), value) == words
