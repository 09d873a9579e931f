"""Decisions: every matching rule adds, nothing takes away, and the fast way decides what the plain one explains (L8, L10)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.documents import ASKED, FACTS, POLICIES, RULES, Rule, document_of, nested, stated
from server.tests.unit.policy.read.base import EXAMPLE, changed, read

from newel.domain.grace import Skip, Skippable
from newel.domain.interaction import Reason
from newel.domain.requirement import DENY, NOTHING, SESSION, Requirement, require
from newel.domain.value import replace
from newel.policy import engine
from newel.policy.base import Decision, DecisionRequest
from newel.policy.engine import Snapshot
from newel.policy.explain import explain

ENOUGH = settings(max_examples=60, deadline=None)
LAST = "  - id: account-change\n"


def decided(rules: Sequence[Rule], target: str, facts: Mapping[str, Any]) -> Decision:
    """The decision of a policy of these rules."""
    return Snapshot(document_of(rules)).decide(DecisionRequest(target=target, facts=stated(facts)))


def demanded(rules: Sequence[Rule], target: str, facts: Mapping[str, Any]) -> Requirement:
    """What it demands."""
    return decided(rules, target, facts).requirement


@ENOUGH
@given(POLICIES, RULES, st.data(), ASKED, FACTS)
def test_a_rule_more_never_demands_less(
    rules: list[Rule], rule: Rule, data: st.DataObject, target: str, facts: Mapping[str, Any]
) -> None:
    at = data.draw(st.integers(0, len(rules)))
    assert demanded(rules, target, facts) <= demanded([*rules[:at], rule, *rules[at:]], target, facts)


@ENOUGH
@given(POLICIES, st.data(), ASKED, FACTS)
def test_neither_order_nor_repetition_matters(
    rules: list[Rule], data: st.DataObject, target: str, facts: Mapping[str, Any]
) -> None:
    again = data.draw(st.permutations([*rules, *rules]))
    assert demanded(again, target, facts) == demanded(rules, target, facts)


@ENOUGH
@given(POLICIES, ASKED, FACTS)
def test_the_engine_decides_what_the_explanation_says(rules: list[Rule], target: str, facts: Mapping[str, Any]) -> None:
    document = document_of(rules)
    decision = Snapshot(document).decide(DecisionRequest(target=target, facts=stated(facts)))
    explanation = explain(document, target, facts)
    assert decision.requirement == explanation.requirement
    assert decision.conditions == {rule.id: rule.matched for rule in explanation.rules}
    assert decision.observed == tuple(rule.id for rule in explanation.rules if rule.matched and rule.observe)
    for rule in explanation.rules:
        others = tuple(each for each in document.rules if each.id != rule.id)
        assert rule.without == explain(replace(document, rules=others), target, facts).requirement


@ENOUGH
@given(POLICIES, ASKED, FACTS)
def test_facts_may_be_flat_or_nested(rules: list[Rule], target: str, facts: Mapping[str, Any]) -> None:
    snapshot = Snapshot(document_of(rules))
    flat = snapshot.decide(DecisionRequest(target=target, facts=stated(facts)))
    assert snapshot.decide_nested(target, nested(stated(facts))) == flat


def test_an_undeclared_target_is_denied() -> None:
    snapshot = Snapshot(read(EXAMPLE))
    for target in ("bank.transfer:steal", "bank:send", "bank.transfer", "newel.scope:", "*", ""):
        for decision in (snapshot.decide(DecisionRequest(target=target, facts={})), snapshot.decide_nested(target, {})):
            assert (decision.requirement, decision.reasons) == (DENY, (Reason("undeclared-target", ""),))
            assert decision.policy == snapshot.version
    assert not snapshot.declared("bank.transfer:steal")


def test_a_refused_fact_is_a_refusal_that_names_it() -> None:
    snapshot = Snapshot(read(EXAMPLE))
    decision = snapshot.decide(DecisionRequest(target="news.account:cancel", facts={"risk.score": 101}))
    assert decision.requirement == DENY
    assert decision.reasons == (Reason("fact-refused", "'risk.score' lies outside 0 to 100"),)


def test_reasons_say_why_in_the_words_of_the_file() -> None:
    facts = {"ctx.amount": 1, "ctx.payee_known": True, "ctx.country": "KP", "risk.score": 90, "risk.level": "low", "risk.looks_like": "owner", "subject.plan": "free"}  # fmt: skip
    decision = Snapshot(read(EXAMPLE)).decide(DecisionRequest(target="bank.transfer:prepare", facts=facts))
    assert decision.requirement == DENY
    assert decision.reasons == (
        Reason("risk-high", "high risk needs a phishing-resistant method, recently"),
        Reason("transfer-any", ""),
        Reason("transfer-sanctions", "sanctioned-country"),
    )


def test_an_observed_rule_is_shown_and_demands_nothing() -> None:
    text = changed((LAST, "  - {id: seen, on: 'news.account:*', mode: observe, require: {deny: later}}\n" + LAST))
    facts = {"risk.score": 0, "risk.level": "low", "risk.looks_like": "owner", "subject.plan": "free"}
    decision = Snapshot(read(text)).decide(DecisionRequest(target="news.account:cancel", facts=facts))
    assert (decision.requirement, decision.observed) == (require({"aal1": 600}), ("seen",))
    assert decision.conditions["seen"]
    assert [reason.rule for reason in decision.reasons] == ["account-change"]


def test_a_fallback_replaces_only_what_its_own_rule_demands() -> None:
    text = changed((LAST, "  - {id: strong, on: 'news.account:*', require: {evidence: {phr: 5m}}, fallback: {when: cannot_meet, require: {evidence: {aal2: 1m}}}}\n" + LAST))  # fmt: skip
    facts = {"risk.score": 0, "risk.level": "low", "risk.looks_like": "owner", "subject.plan": "free"}
    decision = Snapshot(read(text)).decide(DecisionRequest(target="news.account:cancel", facts=facts))
    assert decision.requirement == require({"phr": 300, "aal1": 300})
    assert decision.fallback == require({"aal2": 60, "aal1": 60})
    assert Snapshot(read(EXAMPLE)).decide(DecisionRequest(target="news.account:cancel", facts=facts)).fallback is None


def test_grace_says_what_is_left_where_it_is_used() -> None:
    grace = "grace: {until: 2027-01-01T00:00:00Z, skips: 3}"
    text = changed(
        (
            LAST,
            f"  - {{id: soon, on: newel.session:sign_in, require: {{evidence: {{phr: session}}}}, {grace}}}\n" + LAST,
        )
    )
    facts = {"risk.score": 0, "risk.level": "low", "risk.looks_like": "owner", "subject.plan": "free"}
    decision = Snapshot(read(text)).decide(DecisionRequest(target="newel.session:sign_in", facts=facts))
    assert decision.requirement == require({"phr": SESSION})
    soon = Skip(require({"phr": SESSION}), most=3, until=1_798_761_600)
    assert decision.grace == Skippable(demanded=require({"aal1": SESSION}), rules={"soon": soon})


@pytest.mark.parametrize(
    ("target", "least"),
    [
        ("newel.console:subjects", require({"aal2": 300})),
        ("newel.console:keys", require({"phr": 300})),
        ("newel.account:add", NOTHING),
    ],
)
def test_no_policy_lowers_the_floor_of_the_console(target: str, least: Requirement) -> None:
    assert demanded([], target, {}) == least
    assert demanded([{"on": target, "require": {"evidence": {"aal1": "session"}}, "fallback": {"when": "cannot_meet", "require": {"evidence": {"aal1": "session"}}}}], target, {}) >= least  # fmt: skip
    fallback = decided([{"on": target, "require": {"deny": "x"}, "fallback": {"when": "cannot_meet", "require": {"evidence": {"aal1": "session"}}}}], target, {}).fallback  # fmt: skip
    assert fallback is not None
    assert fallback >= least


def test_a_scope_without_a_rule_demands_nothing() -> None:
    assert demanded([], "newel.scope:anything", {}) == NOTHING


def test_functions_and_decisions_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_MASKS", 2)
    monkeypatch.setattr(engine, "MOST_NAMES", 6)
    rule = {"on": "*", "when": "ctx.amount > 5", "require": {"deny": "x"}}
    other = {"on": "*", "when": "ctx.known", "require": {"forbid": ["totp"]}}
    snapshot = Snapshot(document_of([rule, other]))
    for number in range(20):
        asked = DecisionRequest(target=f"newel.scope:s{number}", facts={"ctx.amount": number % 10, "ctx.known": True})
        assert snapshot.decide(asked).requirement == (DENY if number % 10 > 5 else require(forbid=["totp"]))
    for amount, known in ((1, True), (9, True), (1, False), (9, False), (1, True)):
        facts = {"ctx.amount": amount, "ctx.known": known}
        assert snapshot.decide_nested("shop.cart:buy", {"ctx": {"amount": amount, "known": known}}) == snapshot.decide(
            DecisionRequest(target="shop.cart:buy", facts=facts)
        )
    assert set(snapshot._compiled) == {"newel.scope:*", "shop.cart:buy"}
    assert len(snapshot._named) == engine.MOST_NAMES
    assert all(len(compiled.memo) <= 2 for compiled in snapshot._compiled.values())


def test_a_name_of_an_open_resource_is_decided_by_the_rules_that_name_it() -> None:
    rules = [
        {"on": "newel.scope:a", "require": {"evidence": {"aal2": "5m"}}},
        {"on": "newel.scope:*", "require": {"evidence": {"aal1": "session"}}},
    ]
    assert demanded(rules, "newel.scope:a", {}) == require({"aal2": 300})
    assert demanded(rules, "newel.scope:b", {}) == demanded(rules, "newel.scope:*", {}) == require({"aal1": SESSION})
    snapshot = Snapshot(document_of([]))
    for target in ("newel.console:subjects", "newel.console:keys", "newel.console:clients", "newel.console:keys"):
        snapshot.decide(DecisionRequest(target=target, facts={}))
    assert set(snapshot._compiled) == {"newel.console:*", "newel.console:keys"}


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_everything_that_is_known_beforehand_may_be_compiled_beforehand(layout: Any) -> None:
    snapshot = Snapshot(read(EXAMPLE))
    snapshot.compile_all(layout)
    assert set(snapshot._compiled) == set(snapshot.document.targets)
    assert all(layout in vars(compiled) for compiled in snapshot._compiled.values())


def test_the_truth_of_every_atomic_condition_is_told_in_bits() -> None:
    rules = [
        {"on": "shop.cart:buy", "when": "ctx.amount > 5 && !ctx.known", "require": {"deny": "x"}},
        {"on": "shop.cart:buy", "when": "ctx.known || risk.score > 50", "require": {"deny": "x"}},
    ]
    snapshot = Snapshot(document_of(rules))
    compiled = snapshot.compiled("shop.cart:buy")
    assert compiled is not None
    assert tuple(compiled.atoms) == ("ctx.amount > 5", "ctx.known", "risk.score > 50")
    told: dict[str, dict[str, object]] = {
        "1": {"ctx.amount": 9, "ctx.known": False, "risk.score": 1},
        "6": {"ctx.amount": 1, "ctx.known": True, "risk.score": 51},
        "3": {"risk.score": 1},
        "7": {},
        "": {"ctx.amount": "many"},
    }
    for bits, facts in told.items():
        asked = DecisionRequest(target="shop.cart:buy", facts=facts)
        assert snapshot.recorded(asked) == (snapshot.decide(asked), bits)
    for target in ("shop.cart:steal", "newel.scope:a"):
        asked = DecisionRequest(target=target, facts={})
        assert snapshot.recorded(asked) == (snapshot.decide(asked), "")


def test_a_snapshot_knows_what_may_be_shown_and_stated() -> None:
    snapshot = Snapshot(read(EXAMPLE))
    transfer = snapshot.resources["bank.transfer"]
    assert transfer.facts == {"ctx.amount": ("amount", "minor"), "ctx.country": ("payee", "country")}
    assert transfer.verbs == {"prepare": "Prepare", "send": "Send"}
    assert "newel.session" in snapshot.resources
    assert "newel.scope" not in snapshot.resources
    assert "ctx.amount" in snapshot.facts_at("bank.transfer:send")
    assert snapshot.counters == snapshot.document.counters
    assert snapshot.classes == snapshot.document.classes
    assert snapshot.declared("newel.scope:a")
