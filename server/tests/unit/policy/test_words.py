"""Requirements and values in words."""

from typing import Any

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, changed, read

from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, SessionTerms, require
from newel.policy.facts import Fact
from newel.policy.words import short_duration, short_requirement, value_words

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
    ("requirement", "words"),
    [
        (DENY, "deny"),
        (NOTHING, "nothing"),
        (require({"aal2": 300}), "aal2 within 5m"),
        (require({"aal1": SESSION}), "aal1 in this session"),
        (require({"aal2": SESSION, "aal1": 60}), "aal1 within 1m, aal2 in this session"),
        (require({"phr": 60, "aal2": 60}), "phr within 1m"),
        (require({"aal2": 300}, bind=FIELDS), "aal2 within 5m, aal2 signs amount and payee"),
        (require(bind={"phr": FIELDS, "aal1": frozenset({"rows", *FIELDS})}), "aal1 signs amount and payee and rows, phr signs amount and payee"),
        (require(forbid={"totp", "otp"}), "not by otp or totp"),
        (require(approve=[Approval("treasury", 1, frozenset({"aal2"}), 900)]), "1 approval by treasury"),
        (require(approve=[Approval("treasury", 2, frozenset({"aal2"}), 900)]), "2 approvals by treasury"),
        (require(entitle={"b", "a"}, meter={"articles": 2}), "entitlement a, entitlement b, 2 of meter articles"),
        (require(session=SessionTerms(60, key_bound=True, notify=frozenset({"b", "a"}))), "a token of at most 1m, a token bound to a key, notice to a and b"),
    ],
)  # fmt: skip
def test_requirements(requirement: Requirement, words: str) -> None:
    assert short_requirement(requirement) == words


def test_a_strength_of_the_policys_own_is_named_once() -> None:
    classes = read(changed(("  aal3: {implies", "  badge: {implies: [aal1], lasts: 8h, methods: [[totp]]}\n  aal3: {implies"), text=EXAMPLE)).classes  # fmt: skip
    assert short_requirement(require({"badge": 60}, classes=classes), classes) == "badge within 1m"


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
