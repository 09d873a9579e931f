"""Invariants, tables and audits in words."""

import re
from dataclasses import fields

import pytest
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import TARGET, document, number, rule, shop

from newel.domain.requirement import DENY, SESSION, require
from newel.domain.value import replace
from newel.policy.document import Grace, Invariant, Place
from newel.policy.lang import core
from newel.policy.lang.core import TRUE, Read
from newel.policy.prove.audit import Oddity, audit
from newel.policy.prove.invariants import prove
from newel.policy.prove.problem import Ask
from newel.policy.prove.table import table, tables

SILENT: Ask = lambda problems: [None for _ in problems]  # ruff: ignore[lambda-assignment] - a solver that never answers
STRONG, WEAK = require({"phr": 60}), require({"aal1": 60})
LARGE = core.Compare(">", Read("x.n"), number(1))


def test_the_invariants_of_the_shop_are_proved() -> None:
    verdicts = prove(shop(), answer_all)
    assert [each.state for each in verdicts] == ["proved", "proved"]
    assert verdicts[0].lines() == ("proved: large-is-bound (shop.yaml:60)",)


def test_a_refuted_invariant_shows_a_request() -> None:
    broken = prove(shop(("when: ctx.amount > 1000\n", "when: ctx.amount > 9000\n")), answer_all)[0]
    assert broken.state == "refuted"
    assert broken.lines() == (
        "refuted: large-is-bound (shop.yaml:60)",
        "  claimed: at least phr within 5m, amount bound to phr, but",
        "  shop.order:pay where ctx.amount = 5001, velocity.sum_24h = 5001",
        "  now:    aal2 within 10m (signed, sum)",
    )
    assert broken.as_json()["witness"]["shown"]["ctx.amount"] == "5001"


def test_nobody_is_bothered_beyond_or_somebody_is() -> None:
    verdict = prove(shop(("risk.score < 80 &&", "risk.score < 90 &&")), answer_all)[1]
    assert verdict.state == "refuted"
    assert verdict.witness is not None
    assert dict(verdict.witness.shown) == {"risk.score": "80", "subject.groups": "{}"}


def test_an_unanswered_invariant_is_not_proved() -> None:
    verdict = prove(shop(), SILENT)[0]
    assert (verdict.state, verdict.reason) == ("unknown", "the solver gave no answer in time")
    assert verdict.lines()[1] == "  the solver gave no answer in time"


def test_an_invariant_about_nothing_says_so() -> None:
    never = core.Every((LARGE, core.Negation(LARGE)))
    claim = Invariant(
        id="i", targets=(TARGET,), conditions={"*": never}, at_least=DENY, at_most=None, place=Place("p", 1)
    )
    verdict = prove(document(invariants=(claim,)), answer_all)[0]
    assert (verdict.state, verdict.vacuous) == ("proved", True)
    assert verdict.lines()[1] == "  no request meets its condition"


def test_a_rule_that_can_be_skipped_assures_nothing() -> None:
    claim = Invariant(
        id="i", targets=(TARGET,), conditions={"*": TRUE}, at_least=WEAK, at_most=None, place=Place("p", 1)
    )
    skipped = document(rule("r", TRUE, STRONG, grace=Grace(10, 1)), invariants=(claim,))
    assert prove(skipped, answer_all)[0].state == "refuted"


def test_a_table_goes_from_little_to_much() -> None:
    found = table(shop(), "shop.order:look", answer_all)
    assert found.lines() == (
        "shop.order:look: 3 outcomes",
        "  aal1 in this session (signed)",
        "  phr within 10m (signed, risk)",
        "    where risk.score = 80",
        "    cannot happen while no risk engine is switched on: risk.score is 0 then",
        "  refused (banned)",
        '    where subject.groups = {"banned"}',
    )
    assert [row["rules"] for row in found.as_json()["outcomes"]] == [["signed"], ["signed", "risk"], ["banned"]]


def test_a_table_says_what_a_rule_takes_instead_and_how_it_may_be_skipped() -> None:
    fresh, mend = rule("fresh", LARGE, WEAK), rule("strong", TRUE, STRONG, fallback=require({"aal1": SESSION}))
    soon = rule("soon", LARGE, STRONG, grace=Grace(86_400, 1))
    both = rule("both", LARGE, STRONG, fallback=WEAK, grace=Grace(86_400, 2))
    seen = rule("seen", TRUE, STRONG, fallback=WEAK, grace=Grace(86_400, 1), observe=True)
    found = table(document(fresh, mend, soon, both, seen), TARGET, answer_all, at=0)
    assert found.lines()[-4:] == (
        "  strong falls back to aal1 in this session, where its demand cannot be met",
        "  soon may be skipped once until 1970-01-02T00:00:00Z",
        "  both falls back to aal1 within 1m, where its demand cannot be met",
        "  both may be skipped 2 times until 1970-01-02T00:00:00Z",
    )
    told = found.as_json()
    assert told["fallbacks"] == {"strong": "aal1 in this session", "both": "aal1 within 1m"}
    until = "1970-01-02T00:00:00Z"
    assert told["grace"] == {"soon": {"until": until, "skips": "1"}, "both": {"until": until, "skips": "2"}}


def test_where_a_demand_cannot_be_met_the_fallback_and_every_other_rule_are_left() -> None:
    lesser = rule("strong", TRUE, STRONG, fallback=require({"aal1": SESSION}))
    found = table(document(lesser, rule("fresh", TRUE, WEAK)), TARGET, answer_all)
    assert [each.text for each in found.outcomes] == ["phr within 1m (or, where that cannot be met: aal1 within 1m)"]
    denying = table(document(rule("no", TRUE, DENY, fallback=WEAK)), TARGET, answer_all)
    assert [each.text for each in denying.outcomes] == ["refused (or, where that cannot be met: aal1 within 1m)"]


def test_an_undeclared_target_has_one_outcome() -> None:
    assert [each.text for each in table(shop(), "shop.order:sell", answer_all).outcomes] == ["refused"]
    anywhere = replace(rule("r", TRUE, STRONG, fallback=WEAK), targets=frozenset({"*"}), conditions={"*": TRUE})
    assert table(document(anywhere), "t:stay", answer_all).lesser == ()


def test_a_table_without_an_answer_says_so() -> None:
    assert table(shop(), "shop.order:pay", SILENT).lines()[-1] == "  not complete: the solver gave no answer in time"


def test_there_is_a_table_for_every_target_and_for_all_that_no_rule_names() -> None:
    names = {each.target for each in tables(shop(), answer_all)}
    assert {"shop.order:pay", "shop.order:look", "newel.scope:*"} <= names


def odd(*changes: tuple[str, str]) -> list[Oddity]:
    """What an audit of the shop finds."""
    return list(audit(shop(*changes), answer_all))


def test_the_shop_is_in_order() -> None:
    assert odd() == []


def test_a_rule_that_never_matches_is_dead() -> None:
    (only,) = odd(("risk.score >= 80", "risk.score >= 80 && risk.score < 70"))
    assert (only.kind, only.rule) == ("dead", "risk")


def test_a_rule_that_another_covers_is_shadowed() -> None:
    found = odd(
        (
            "velocity.sum_24h > 1000\n    require: {evidence: {aal2: 10m}}",
            "ctx.amount > 2000\n    require: {evidence: {aal2: 10m}}",
        )
    )
    assert [(each.kind, each.rule) for each in found] == [("shadowed", "sum")]
    assert "wherever it matches, large demands as much" in found[0].what


def test_a_rule_that_several_cover_is_redundant() -> None:
    low, high = core.Compare("<", Read("x.n"), number(2)), core.Compare(">", Read("x.n"), number(0))
    policy = document(rule("low", low, STRONG), rule("high", high, STRONG), rule("all", TRUE, WEAK))
    (only,) = audit(policy, answer_all)
    assert (only.kind, only.rule) == ("redundant", "all")


def test_of_two_equal_rules_the_later_one_is_shadowed() -> None:
    policy = document(rule("one", LARGE, STRONG), rule("two", LARGE, STRONG))
    assert [(each.kind, each.rule) for each in audit(policy, answer_all)] == [("shadowed", "two")]


def test_a_rule_whose_fallback_alone_no_other_demands_is_not_redundant() -> None:
    lesser = rule("lesser", TRUE, WEAK, fallback=require(meter={"m": 1}))
    assert audit(document(rule("strong", TRUE, STRONG), lesser), answer_all) == ()
    covered = replace(lesser, fallback=require({"aal1": SESSION}))
    (only,) = audit(document(rule("strong", TRUE, STRONG), covered), answer_all)
    assert (only.kind, only.rule) == ("shadowed", "lesser")


def test_an_absent_signal_that_spares_something_is_found() -> None:
    found = odd(("absent: 100", "absent: 0"))
    assert {each.kind for each in found} == {"falls-when-absent"}
    assert any("is no longer demanded when risk.score is absent and read as 0" in each.what for each in found)


@pytest.mark.parametrize("condition", ["ctx.amount < 500", "velocity.sum_24h < 500"])
def test_a_demand_that_falls_as_an_amount_rises_is_found(condition: str) -> None:
    found = odd(("velocity.sum_24h > 1000", condition))
    assert {(each.kind, each.rule) for each in found} == {("falls", "sum")}
    assert " rises to 5" in found[0].what


def test_a_level_of_risk_rises_too() -> None:
    level = "risk.level: {enum: [low, medium, high, critical, unknown], absent: unknown, from: risk}"
    changed = shop(
        ("    now: timestamp\n", f"    now: timestamp\n    {level}\n"),
        ("risk.score >= 80", 'risk.level in ["medium", "unknown"]'),
        ("risk.score < 80 &&", 'risk.level == "low" &&'),
    )
    falls = [each for each in audit(changed, answer_all) if each.kind == "falls"]
    assert falls
    assert all("risk.level rises to" in each.what for each in falls)


def test_what_no_method_meets_is_grave() -> None:
    found = odd(("require: {evidence: {aal2: 1m}}", "require: {evidence: {aal3: 1m}}"))
    assert [(each.kind, each.grave) for each in found if each.kind == "cannot-be-met"] == [("cannot-be-met", True)]
    assert "no method meets" in found[0].lines()[0]


def test_a_fallback_that_somebody_can_meet_is_enough() -> None:
    policy = document(rule("r", TRUE, require({"aal3": 60}), WEAK))
    assert [each.kind for each in audit(policy, answer_all)] == []
    without = document(rule("r", TRUE, require({"aal3": 60})))
    assert [each.kind for each in audit(without, answer_all)] == ["cannot-be-met"]


def test_a_meter_that_is_too_small_can_never_be_met() -> None:
    policy = document(rule("r", TRUE, require(meter={"m": 3})))
    assert [each.kind for each in audit(policy, answer_all)] == ["cannot-be-met"]


def test_an_audit_without_answers_says_so() -> None:
    found = audit(shop(), SILENT)
    assert {each.kind for each in found} == {"unknown"}
    assert "id" in found[0].as_json()


def test_what_is_below_its_minimum_shows_a_request() -> None:
    policy = document(rule("r", LARGE, STRONG), minimum=WEAK)
    (only,) = audit(policy, answer_all)
    assert (only.kind, only.grave) == ("below-minimum", True)
    assert only.lines()[0].endswith("t:go can come out below aal1 within 1m")
    assert only.lines()[1] == "  t:go where x.n = 0"
    assert only.as_json()["witness"]["now"]["requirement"] == "nothing"


def test_oddities_have_names_that_stay() -> None:
    low = ("risk.score >= 80", "risk.score >= 80 && risk.score < 70")
    assert re.fullmatch(r"[0-9a-f]{12}", odd(low)[0].id)
    assert odd(low)[0].id == odd(low)[0].id
    assert {each.name for each in fields(Oddity)} >= {"id", "kind", "what", "witness"}


def test_an_observed_rule_is_looked_at_only_for_life() -> None:
    dead = core.Every((LARGE, core.Negation(LARGE)))
    policy = document(rule("seen", dead, STRONG, observe=True), rule("twice", TRUE, WEAK))
    assert [(each.kind, each.rule) for each in audit(policy, answer_all)] == [("dead", "seen")]
