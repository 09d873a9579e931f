"""Rules: every matching one adds; nothing takes away; what is undeclared or cannot be told is denied or demanded."""

from hypothesis import given
from hypothesis import strategies as st

from newel.domain.requirement import DENY, NOTHING, SESSION, join, require
from newel.policy.base import SIGN_IN, DecisionRequest, scope_target
from newel.policy.rules import BOUND, SHIPPED, TRANSFER, Rule, Rules

SEND = "bank.transfer:send"


def decide(target: str, **facts: object) -> object:
    return SHIPPED.decide(
        DecisionRequest(target=target, facts={k.replace("__", "."): v for k, v in facts.items()})
    ).requirement


def test_signing_in_demands_one_factor() -> None:
    assert decide(SIGN_IN) == require({"aal1": SESSION})


def test_a_scope_without_a_rule_demands_nothing_and_payments_a_second_proof() -> None:
    assert decide(scope_target("openid")) == NOTHING
    assert decide(scope_target("payments")) == require({"aal2": SESSION})


def test_a_small_payment_to_a_known_payee_demands_nothing_more() -> None:
    assert decide(SEND, ctx__amount=2000, ctx__payee_known=True) == NOTHING


def test_an_amount_above_the_limit_is_bound() -> None:
    assert decide(SEND, ctx__amount=3001, ctx__payee_known=True) == require({"aal2": 300}, bind=BOUND)


def test_a_new_payee_is_bound_whatever_the_amount() -> None:
    assert decide(SEND, ctx__amount=1, ctx__payee_known=False) == require({"aal2": 300}, bind=BOUND)


def test_s09_a_missing_fact_can_only_add() -> None:
    assert decide(SEND, ctx__amount=1) == require({"aal2": 300}, bind=BOUND)
    everything = join(require({"aal2": 300}, bind=BOUND), require({"phr": 120}, bind=BOUND))
    assert decide(SEND) == everything
    assert decide(SEND, ctx__amount="many", ctx__payee_known=True) == everything


def test_a_very_large_payment_needs_a_passkey() -> None:
    decision = SHIPPED.decide(DecisionRequest(target=SEND, facts={"ctx.amount": 1_000_001, "ctx.payee_known": True}))
    assert require({"phr": 120}, bind=BOUND) <= decision.requirement
    assert [reason.rule for reason in decision.reasons] == ["transfer-send-bound", "transfer-large"]


def test_an_undeclared_resource_or_action_is_denied() -> None:
    assert decide("bank.transfer:undo") == DENY
    assert decide("unknown:send") == DENY


def test_conditions_are_recorded_with_their_truth() -> None:
    decision = SHIPPED.decide(DecisionRequest(target=SEND, facts={"ctx.amount": 5000, "ctx.payee_known": True}))
    assert decision.conditions == {"transfer-send-bound": True, "transfer-large": False}


def test_rules_for_everything_and_for_a_resource_match() -> None:
    everywhere = Rule(id="all", target="*", require=require({"aal1": 60}))
    resource = Rule(id="transfers", target="bank.transfer:*", require=require({"aal2": 60}))
    rules = Rules(version="t", resources={TRANSFER.name: TRANSFER}, rules=(everywhere, resource))
    assert rules.decide(DecisionRequest(target=SEND, facts={})).requirement == require({"aal2": 60})
    assert rules.decide(DecisionRequest(target=SIGN_IN, facts={})).requirement == require({"aal1": 60})


@given(st.permutations(SHIPPED.rules), st.integers(0, 2_000_000), st.booleans())
def test_l8_order_repetition_and_more_rules_never_weaken(rules: list[Rule], amount: int, known: bool) -> None:
    request = DecisionRequest(target=SEND, facts={"ctx.amount": amount, "ctx.payee_known": known})
    whole = SHIPPED.decide(request).requirement
    turned = Rules(version="t", resources=SHIPPED.resources, rules=(*rules, *rules))
    fewer = Rules(version="t", resources=SHIPPED.resources, rules=tuple(rules[1:]))
    assert turned.decide(request).requirement == whole
    assert fewer.decide(request).requirement <= whole
