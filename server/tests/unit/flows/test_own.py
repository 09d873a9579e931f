"""What is decided at one's own account: the targets, the fact of its own, and the join of two decisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.domain.evidence import Authenticator
from newel.domain.grace import Skip, Skippable
from newel.domain.interaction import Decided, Reason
from newel.domain.requirement import DENY, NOTHING, SESSION, Requirement, join, require
from newel.domain.subject import Subject
from newel.flows.decide import Person
from newel.flows.own import both, method_of, opens, targets_of
from newel.policy.base import ACCOUNT_METHOD
from newel.policy.read.built_in import BUILT_IN, NAMED

KEY = Authenticator(id="key", subject="s", method="passkey", name="Key", created_at=0, material=b"")
PERSON = Person(Subject(id="s", name="sam", display="Sam", person="s", created_at=0), {"key": KEY})
DEMANDS = (NOTHING, require({"aal1": SESSION}), require({"aal2": 300}), require({"phr": 60}), require(forbid=["totp"]), DENY)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "targets", "method", "opening"),
    [
        ("open", ("newel.session:sign_in", "newel.account:open"), "none", True),
        ("open:session", ("newel.account:open",), "none", True),
        ("add:totp", ("newel.account:add",), "totp", False),
        ("remove:key", ("newel.account:remove",), "passkey", False),
        ("rename:key:open", ("newel.account:rename",), "passkey", False),
        ("confirm:key", ("newel.account:confirm",), "passkey", False),
        ("remove:gone", ("newel.account:remove",), "none", False),
    ],
)
def test_a_change_has_its_target_and_is_about_a_method(
    change: str, targets: tuple[str, ...], method: str, opening: bool
) -> None:
    assert (targets_of(change), method_of(PERSON, change), opens(change)) == (targets, method, opening)


def test_every_act_can_be_named_in_a_rule_and_every_method_in_its_fact() -> None:
    acts = {
        targets_of(change)[-1].partition(":")[2] for change in ("open", "add:x", "remove:x", "rename:x", "confirm:x")
    }
    assert acts == {*NAMED["newel.account"]}
    fact = BUILT_IN["newel.account"].facts[ACCOUNT_METHOD]
    assert {method_of(PERSON, change) for change in ("open", "remove:key", "add:password")} <= {*fact.values}


def decided(requirement: Requirement, fallback: Requirement | None = None, *rules: str) -> Decided:
    reasons = tuple(Reason(rule, "") for rule in rules)
    return Decided(requirement=requirement, policy="p", fallback=fallback, reasons=reasons)


@given(
    st.sampled_from(DEMANDS),
    st.sampled_from(DEMANDS),
    st.sampled_from((None, *DEMANDS)),
    st.sampled_from((None, *DEMANDS)),
)
def test_two_decisions_are_both_met(
    floor: Requirement, rules: Requirement, lesser: Requirement | None, least: Requirement | None
) -> None:
    made = both(decided(floor, lesser), decided(rules, least))
    assert made.requirement == join(floor, rules)
    if lesser is None and least is None:
        assert made.fallback is None
    else:
        assert made.fallback == join(lesser or floor, least or rules)


def test_the_first_decision_stands_alone_and_reasons_are_told_once() -> None:
    first = decided(NOTHING, None, "floor", "rule")
    assert both(None, first) is first
    assert [each.rule for each in both(first, decided(NOTHING, None, "rule", "more")).reasons] == [
        "floor",
        "rule",
        "more",
    ]


def test_what_a_floor_demands_is_never_put_off() -> None:
    skip = Skip(require({"phr": SESSION}), 1, 100)
    today = Decided(
        requirement=require({"phr": SESSION}), policy="p", grace=Skippable(demanded=NOTHING, rules={"soon": skip})
    )
    made = both(decided(require({"aal2": 300})), today)
    assert made.grace is not None
    assert made.grace.demanded == require({"aal2": 300})
