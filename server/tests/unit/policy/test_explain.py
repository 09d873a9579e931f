"""Why a request is asked what it is asked."""

from datetime import datetime

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, changed, read

from newel.domain.requirement import DENY, SESSION, require
from newel.policy.base import DecisionRequest
from newel.policy.engine import Snapshot
from newel.policy.explain import alone, explain, with_absent

DOCUMENT = read(EXAMPLE)
CALM = {"risk.score": 5, "risk.level": "low", "risk.looks_like": "owner", "now": 1_795_500_000}
SEND = {**CALM, "ctx.amount": 2000, "ctx.payee_known": True, "ctx.country": "DE"}
COUNTED = 'transfer_24h: {sum: ctx.amount, by: subject.id, over: 24h, of: "bank.transfer:send"}'


def test_an_undeclared_target_has_no_rules() -> None:
    found = explain(DOCUMENT, "bank.transfer:steal", {})
    assert (found.declared, found.requirement, found.rules) == (False, DENY, ())


def test_each_rule_says_what_it_read_and_what_would_be_without_it() -> None:
    found = explain(DOCUMENT, "bank.transfer:send", alone(DOCUMENT, "bank.transfer:send", {**SEND, "ctx.amount": 5000}))
    rules = {rule.id: rule for rule in found.rules}
    bound = rules["transfer-send-bound"]
    assert (bound.verdict, bound.matched, bound.read) == (
        "matches",
        True,
        {"ctx.amount": 5000, "ctx.payee_known": True},
    )
    assert bound.because == "payment law asks for amount and payee in the authentication"
    assert bound.place.line == EXAMPLE[: EXAMPLE.index("- id: transfer-send-bound")].count("\n") + 1
    assert bound.requires == require({"aal2": 300}, bind=frozenset({"amount", "payee"}))
    assert bound.without == found.requirement  # the counter alone demands the same
    assert rules["transfer-large"].verdict == "does not match"
    assert not rules["transfer-large"].matched
    assert rules["transfer-sanctions"].because == "sanctioned-country"


def test_what_is_missing_counts_as_a_match_and_is_named() -> None:
    found = explain(DOCUMENT, "bank.transfer:send", {**CALM, "ctx.payee_known": True, "ctx.country": "DE"})
    rules = {rule.id: rule for rule in found.rules}
    assert (rules["transfer-send-bound"].verdict, rules["transfer-send-bound"].missing) == ("fails", "ctx.amount")
    assert rules["transfer-send-bound"].matched
    assert rules["transfer-send-bound"].read == {"ctx.amount": None, "ctx.payee_known": True}


def test_only_declared_facts_are_known_and_absent_ones_have_their_value() -> None:
    known = with_absent(DOCUMENT, "news.account:cancel", {"subject.plan": "free", "ctx.amount": 5, "risk.score": 3})
    assert known == {"subject.plan": "free", "risk.score": 3, "risk.level": "unknown", "risk.looks_like": "relay", "device.managed": False, "device.trusted": False}  # fmt: skip


def test_a_counter_that_is_not_given_holds_this_request_alone() -> None:
    more = "sent: {count: requests, by: subject.id, over: 1h, of: 'bank.transfer:send'}\n  payees: {distinct: ctx.country, by: subject.id, over: 1h, of: 'bank.transfer:send'}"  # fmt: skip
    document = read(changed((COUNTED, f"{COUNTED.replace('24h,', '24h, range: [0, 4000],')}\n  {more}"), ("velocity.transfer_24h > 2000000", "velocity.transfer_24h > 3999")))  # fmt: skip
    names = ("velocity.transfer_24h", "velocity.sent", "velocity.payees")
    sent = alone(document, "bank.transfer:send", {"ctx.amount": 5000})
    assert [sent[name] for name in names] == [4000, 1, 1]
    prepared = alone(document, "bank.transfer:prepare", {"ctx.amount": 5000})
    assert [prepared[name] for name in names] == [0, 0, 0]
    assert names[0] not in alone(document, "bank.transfer:send", {})
    assert alone(document, "bank.transfer:send", {names[0]: 7})[names[0]] == 7
    assert names[1] not in alone(document, "hr.salary:export", {})


def test_the_floor_of_the_console_is_explained_too() -> None:
    found = explain(DOCUMENT, "newel.console:keys", {**CALM, "subject.plan": "staff"})
    assert found.requirement == require({"phr": 300})
    signed_in = explain(DOCUMENT, "newel.session:sign_in", {**CALM, "subject.plan": "free"})
    assert signed_in.requirement == require({"aal1": SESSION})


@pytest.mark.parametrize(("day", "ended"), [("19", False), ("20", True)])
def test_a_grace_that_ended_leaves_nothing_to_skip(day: str, ended: bool) -> None:
    soon = "  - id: soon\n    on: newel.session:sign_in\n    require: {evidence: {phr: 5m}}\n"
    document = read(changed(("\ninvariants:", f"{soon}    grace: {{until: 2026-12-20, skips: 3}}\n\ninvariants:")))
    now = int(datetime.fromisoformat(f"2026-12-{day}T00:00:00Z").timestamp())
    found = explain(document, "newel.session:sign_in", {**CALM, "subject.plan": "free", "now": now})
    (rule,) = [each for each in found.rules if each.id == "soon"]
    assert rule.ended is ended
    assert found.skipped == (None if ended else require({"aal1": SESSION}))


def test_what_a_fallback_and_grace_leave_is_explained_as_it_is_decided() -> None:
    fresh = "on: newel.session:sign_in\n    require: {evidence: {aal2: 5m}}\n"
    soon = f"  - id: soon\n    {fresh.replace('aal2', 'phr')}    grace: {{until: 2026-12-20, skips: 3}}\n"
    hard = f"  - id: hard\n    {fresh}    fallback: {{when: cannot_meet, require: signed-in}}\n"
    seen = f"  - id: seen\n    mode: observe\n    {fresh.replace('aal2', 'aal3')}"
    for rules, fallback, skipped in (
        ("", None, None),
        (soon, None, require({"aal1": SESSION})),
        (hard, require({"aal1": SESSION}), None),
        (soon + hard, require({"phr": 300}), require({"aal2": 300})),
    ):
        document = read(changed(("\ninvariants:", f"{rules}{seen}\ninvariants:")))
        facts = {**CALM, "subject.plan": "free", "device.trusted": True}
        found = explain(document, "newel.session:sign_in", facts)
        assert (found.fallback, found.skipped) == (fallback, skipped)
        decision = Snapshot(document).decide(DecisionRequest(target="newel.session:sign_in", facts=facts))
        assert found.requirement == decision.requirement
        assert found.fallback == decision.fallback
        assert found.skipped == (decision.grace.demanded if decision.grace else None)
        by_id = {rule.id: rule for rule in found.rules}
        assert by_id["seen"].enforced == require({"aal3": 300})
        assert by_id["sign-in"].enforced == by_id["sign-in-staff"].enforced == found.requirement
