"""Demands and numbers in words."""

import pytest

from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, SessionTerms, require
from newel.policy.replay.words import age, amount, day, demand, opening, plural, share, short_amount


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        (NOTHING, "nothing"),
        (DENY, "refused"),
        (require({"aal1": SESSION}), "signed in"),
        (require({"aal1": 60}), "signed in within 1 minute"),
        (require({"aal2": 300}), "a second factor within 5 minutes"),
        (require({"aal2": 300}, bind=frozenset({"amount", "payee"})), "a second factor within 5 minutes, bound to amount and payee"),
        (require({"phr": SESSION, "aal1": 7200}), "a passkey, signed in within 2 hours"),
        (Requirement(evidence=(("zz", 86_400),)), "zz within 1 day"),
        (Requirement(evidence=(("aal1", 5), ("zz", 5))), "zz within 5 seconds"),
        (require({"aal2": 5, "recovery": 5}), "a second factor within 5 seconds"),
        (require({"recovery": SESSION}), "a recovery code"),
        (require(bind={"aal1": frozenset({"a", "b", "c"})}), "bound to a, b and c"),
        (require(bind={"aal1": frozenset({"a"})}), "bound to a"),
        (require(forbid={"sms"}), "without sms"),
        (require(approve=[Approval("treasury", 2, frozenset(), 9)]), "2 approvals from treasury"),
        (require(entitle={"news"}), "entitled to news"),
        (require(meter={"articles": 1}), "articles metered"),
        (require(session=SessionTerms(key_bound=True)), "a key-bound token"),
    ],
)  # fmt: skip
def test_demands_are_told_in_a_few_words(requirement: Requirement, said: str) -> None:
    assert demand(requirement) == said


def test_numbers_are_told_as_people_read_them() -> None:
    assert (age(0), age(90), age(7200)) == ("0 seconds", "90 seconds", "2 hours")
    assert (plural(1, "day"), plural(2000, "day")) == ("1 day", "2,000 days")
    assert (amount(123_456), short_amount(123_456), amount(-5)) == ("1,234.56", "1,235", "-0.05")
    assert (share(1, 0), share(1, 3), share(1, 30), share(1, 100)) == ("0 %", "33 %", "3.3 %", "1 %")
    assert day("2026-11-03") == "3 Nov"
    assert (opening("draft 42"), opening("a.yaml and more"), opening("")) == ("Draft 42", "a.yaml and more", "")
