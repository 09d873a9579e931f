"""Actions that the policy decides: the decision point's answer, joined with the route's own demand (S27)."""

from collections.abc import Mapping
from typing import Any

import pytest

from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.client import ClientSecret
from newel_sdk.errors import ActionRefused, DecisionFailed, InputRefused, Misconfigured
from newel_sdk.fetch import Response
from newel_sdk.guard import ActionCheck, Allowed, Around, Demand, Denied, Guard, MemorySpentStore, PolicyCheck, enforce
from newel_sdk.pdp import DecisionPoint
from newel_sdk.testing import AuthorizationServer, Issuer, deny, permit, step_up

NOW = 1_790_000_000
TARGET = "bank.transfer:send"
FIELDS = {"minor": 500_000, "payee": "DE89"}
DETAIL = {"type": "bank.transfer", "actions": ["send"], "fields": FIELDS}
UP = ("aal2", "phr", "aal3")


class World:
    """A guard with its decision point, which answers `answers`, and later its last one."""

    def __init__(self, *answers: Any) -> None:
        self.now = NOW
        self.issuer = Issuer(clock=lambda: self.now)
        self.server = AuthorizationServer(self.issuer)
        self.answers = list(answers) or [permit(bound=())]
        self.server.pdp.decide = self.decide
        self.after = 0
        point = DecisionPoint(
            pdp=self.issuer.issuer,
            client_id="bank",
            authentication=ClientSecret("s"),
            fetch=self.server.fetch,
            clock=lambda: self.now,
        )
        self.guard = Guard(
            issuer=self.issuer.issuer,
            audience=self.issuer.audience,
            keys=self.issuer.keys,
            spent=MemorySpentStore(lambda: self.now),
            pdp=point,
            clock=lambda: self.now,
        )

    def decide(self, _question: Mapping[str, Any]) -> Any:
        self.now += self.after
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def check(self, **more: Any) -> ActionCheck:
        return self.guard.require_action(
            TARGET, fields={"minor": "minor", "payee": "payee"}, **{"acr": "aal1", "because": "Sending money"} | more
        )

    def token(self, acr: str = "aal1", *, fields: Mapping[str, Any] | None = None, **claims: Any) -> str:
        action = None if fields is None else (TARGET, fields)
        return self.issuer.token(acr=acr, action=action, **claims)

    @property
    def reservations(self) -> list[str | None]:
        return [each["context"].get("reservation") for each in self.server.pdp.asked]


async def test_what_the_policy_permits_is_allowed_and_reserved_under_its_own_key() -> None:
    world = World()
    check = world.check(facts=lambda _parsed, claims: {"known": claims.subject == "alice"})
    assert isinstance(check, PolicyCheck)
    first, second = [await enforce(check, world.token(), FIELDS) for _ in range(2)]
    assert isinstance(first, Allowed)
    assert isinstance(second, Allowed)
    assert (first.fields, first.facts, first.elevation) == (FIELDS, {"known": True}, None)
    assert world.reservations == [first.reservation, second.reservation]
    assert first.reservation != second.reservation
    asked = world.server.pdp.asked[0]
    assert (asked["resource"]["id"], asked["context"]["known"]) == (first.reservation, True)


async def test_the_route_gives_the_resource_s_id_and_the_idempotency_key() -> None:
    world = World()
    check = world.check(
        resource_id=lambda parsed, _claims: parsed["payee"], reservation=lambda parsed, _claims: parsed["key"]
    )
    outcome = await enforce(check, world.token(), FIELDS | {"key": "k1"})
    assert isinstance(outcome, Allowed)
    assert (outcome.reservation, world.server.pdp.asked[0]["resource"]["id"]) == ("k1", "DE89")
    with pytest.raises(InputRefused):
        await enforce(check, world.token(), FIELDS | {"key": ""})


async def test_rfc9470_a_short_answer_is_a_challenge_for_all_that_is_missing() -> None:
    world = World(step_up("aal2", max_age=300, bind=("minor",), reasons=("A new payee",)))
    outcome = await enforce(world.check(), world.token(), FIELDS)
    assert outcome == Challenge(acr_values=UP, max_age=300, authorization_details=(DETAIL,), because="A new payee")
    world = World(step_up("aal2"))
    outcome = await enforce(world.check(acr="phr", max_age=60), world.token(), FIELDS)
    assert outcome == Challenge(acr_values=("phr", "aal3"), max_age=60, because="Sending money")
    assert world.reservations == [None]


async def test_the_policy_s_answer_adds_to_the_route_s_demand_and_takes_nothing_away() -> None:
    world = World(permit(bound=()))
    assert isinstance(await enforce(world.check(acr="aal2"), world.token(), FIELDS), Challenge)
    demand = world.check(demand=lambda _fields, _facts: Demand(acr="aal2", max_age=60, bind=True, because="Large"))
    outcome = await enforce(demand, world.token(), FIELDS)
    assert outcome == Challenge(acr_values=UP, max_age=60, authorization_details=(DETAIL,), because="Large")
    outcome = await enforce(demand, world.token("aal2"), FIELDS)
    assert isinstance(outcome, Challenge)
    assert world.reservations == [None] * 3, "what is short anyway reserves nothing"
    outcome = await enforce(demand, world.token("aal2", fields=FIELDS), FIELDS)
    assert isinstance(outcome, Allowed)


async def test_a_denial_says_why_and_asks_for_nothing() -> None:
    world = World(deny("This country is sanctioned"))
    outcome = await enforce(world.check(), world.token("aal3"), FIELDS)
    assert outcome == Denied(because="This country is sanctioned")
    world = World(deny(unmet=("2 of treasury must approve",)))
    assert await enforce(world.check(), world.token("aal3"), FIELDS) == Denied(because="2 of treasury must approve")


async def test_what_no_class_can_meet_is_a_denial() -> None:
    world = World(step_up("break-glass"))
    assert await enforce(world.check(acr=None), world.token(), FIELDS) == Challenge(
        acr_values=("break-glass",), because="Sending money"
    )
    assert isinstance(await enforce(world.check(), world.token(), FIELDS), Denied)


async def test_s17_a_bound_act_is_spent_once_though_the_policy_permits_it_again() -> None:
    world = World(permit(bound=("minor", "payee")))
    check, token = world.check(), world.token("aal2", fields=FIELDS)
    outcome = await enforce(check, token, FIELDS)
    assert isinstance(outcome, Allowed)
    assert outcome.elevation is not None
    assert outcome.reservation == world.reservations[0]
    again = await enforce(check, token, FIELDS)
    assert isinstance(again, Challenge)
    assert again.because == "this approval was used before"
    assert again.authorization_details == (DETAIL,)


@pytest.mark.parametrize("bound", [True, False])
async def test_s17_an_approval_of_other_values_does_not_serve_where_the_policy_binds_or_does_not_say(
    bound: bool,
) -> None:
    made = permit(bound=("minor",))
    if not bound:
        del made["context"]["newel"]["bound"]
    world = World(made)
    outcome = await enforce(world.check(), world.token("aal2", fields=FIELDS | {"payee": "FR76"}), FIELDS)
    assert isinstance(outcome, Challenge)
    assert outcome.because == "what was approved is not what was sent"


async def test_an_approval_that_the_policy_does_not_bind_is_neither_needed_nor_spent() -> None:
    world = World(permit(bound=()))
    other = world.token("aal2", fields=FIELDS | {"payee": "FR76"})
    for token in (other, other, world.token()):
        outcome = await enforce(world.check(), token, FIELDS)
        assert isinstance(outcome, Allowed)
        assert outcome.elevation is None


async def test_a_decision_point_of_another_make_permits_by_its_word_alone() -> None:
    world = World(Response(status=200, headers={}, body=b'{"decision":true}'))
    assert isinstance(await enforce(world.check(), world.token(), FIELDS), Allowed)
    token = world.token("aal2", fields=FIELDS)
    assert isinstance(await enforce(world.check(), token, FIELDS), Allowed)
    assert isinstance(await enforce(world.check(), token, FIELDS), Challenge), "an approval that was shown is spent"


async def test_s16_a_resumed_act_needs_its_approval_even_where_the_policy_binds_nothing() -> None:
    world = World(permit(bound=()))
    outcome = await enforce(world.check(), world.token(), FIELDS, bound=True)
    assert isinstance(outcome, Challenge)
    assert world.reservations == [None]
    outcome = await enforce(world.check(), world.token(fields=FIELDS), FIELDS, bound=True)
    assert isinstance(outcome, Allowed)


async def test_a_route_s_own_demand_for_phr_is_bound_by_a_signature() -> None:
    world = World(permit(bound=()))
    check = world.check(demand=lambda _fields, _facts: Demand(acr="phr", bind=True))
    confirmed = world.issuer.token(acr="phr", action=(TARGET, FIELDS), binding="confirmed")
    outcome = await enforce(check, confirmed, FIELDS)
    assert isinstance(outcome, Challenge)
    assert "signature" in outcome.because


async def test_s27_whatever_changed_while_the_decision_point_was_asked_counts() -> None:
    world = World(permit(bound=()))
    world.after = 400
    assert isinstance(await enforce(world.check(), world.token(), FIELDS), Unauthorized)
    world.after = 10
    outcome = await enforce(world.check(max_age=5), world.token(), FIELDS)
    assert outcome == Challenge(acr_values=("aal1", *UP), max_age=5, because="Sending money")


async def test_a_stranger_costs_the_decision_point_nothing() -> None:
    world = World()
    check = world.check()
    for token in (None, "", "x", world.issuer.token(aud="https://other.example")):
        assert isinstance(await enforce(check, token, FIELDS), Unauthorized)
    await check.prepare("x")
    with pytest.raises(InputRefused, match="payee"):
        await enforce(check, world.token(), {"minor": 1})
    with pytest.raises(ActionRefused):
        await enforce(check, world.token(), {"minor": 1.5, "payee": "x"})
    assert world.server.pdp.asked == []


FAILURES = [
    Response(status=500, headers={}, body=b""),
    Response(status=400, headers={}, body=b'{"error":"invalid_request"}'),
    Response(status=401, headers={}, body=b'{"decision":true}'),
    Response(status=200, headers={}, body=b""),
    Response(status=200, headers={}, body=b"{}"),
    Response(status=200, headers={}, body=b'{"decision":"true"}'),
    Response(status=200, headers={}, body=b'{"decision":true,"context":[]}'),
    Response(status=200, headers={}, body=b'{"decision":true,"context":{"newel":{"reservation":"another"}}}'),
]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("acr", ["aal1", "aal3"])
async def test_s27_without_an_answer_nothing_is_allowed_however_strong_the_token(failure: Response, acr: str) -> None:
    world = World(failure)
    token = world.token(acr, fields=FIELDS)
    with pytest.raises(DecisionFailed):
        await enforce(world.check(), token, FIELDS)
    world.answers = [permit(bound=("minor",))]
    assert isinstance(await enforce(world.check(), token, FIELDS), Allowed), "a failure spends nothing"
    world.server.unreachable = True
    with pytest.raises(DecisionFailed):
        await enforce(world.check(), token, FIELDS)


def test_no_decision_is_remembered_and_none_is_made_without_asking() -> None:
    world = World()
    for check in (world.check(), Around(world.check())):
        with pytest.raises(Misconfigured):
            check.decide(world.token(), FIELDS)


async def test_a_check_around_another_asks_whom_that_one_asks() -> None:
    world = World(step_up("aal2"))
    check = Around(world.check())
    assert check.reads_input
    claims = check.authenticate(world.token())
    assert isinstance(claims, Claims)
    assert isinstance(check.authenticate(None), Unauthorized)
    await check.prepare(world.token())
    outcome = await enforce(check, world.token(), FIELDS)
    assert isinstance(outcome, Challenge)
    assert outcome.acr_values == UP
    assert isinstance(await enforce(check, world.token(), FIELDS, bound=True), Challenge)
    assert len(world.server.pdp.asked) == 2


async def test_a_person_without_a_way_is_told_from_a_demand_that_nobody_can_meet() -> None:
    world = World(deny(unmet=("nothing enrolled",), no_way=True))
    assert await enforce(world.check(), world.token(), FIELDS) == Denied(because="nothing enrolled", no_way=True)
    world = World(deny(unmet=("2 of treasury must approve",)))
    assert await enforce(world.check(), world.token(), FIELDS) == Denied(because="2 of treasury must approve")


async def test_a_later_denial_counts_at_once() -> None:
    world = World(permit(bound=()), deny("no"))
    token = world.token()
    assert isinstance(await enforce(world.check(), token, FIELDS), Allowed)
    assert isinstance(await enforce(world.check(), token, FIELDS), Denied)


async def test_other_checks_are_enforced_without_a_decision_point() -> None:
    world = World()
    issuer = world.issuer
    plain = Guard(issuer=issuer.issuer, audience=issuer.audience, keys=issuer.keys, clock=lambda: NOW)
    assert isinstance(await enforce(plain.require(acr="aal1"), world.token()), Allowed)
    assert isinstance(await enforce(plain.require(acr="aal2"), world.token()), Challenge)
    check = plain.require_action(TARGET, fields={"minor": "minor"}, spend="effect")
    assert not isinstance(check, PolicyCheck)
    assert isinstance(await enforce(check, world.token(), {"minor": 1}), Allowed)
    with pytest.raises(Misconfigured):
        plain.require_action(TARGET, fields={}, spend="effect", reservation=lambda _parsed, _claims: "k")


async def test_spent_in_the_effect_s_own_transaction() -> None:
    world = World(permit(bound=("minor",)))
    outcome = await enforce(world.check(spend="effect"), world.token(fields=FIELDS), FIELDS)
    assert isinstance(outcome, Allowed)
    assert outcome.spend(store := MemorySpentStore(lambda: NOW))
    assert not outcome.spend(store)
