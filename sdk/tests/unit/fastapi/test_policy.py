"""Routes whose action the policy decides: what a browser and an API client are told."""

from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Response
from fastapi.responses import PlainTextResponse
from sdk.tests.unit.fastapi.bank import ORIGIN, OWN, Bank, transfer

from newel_sdk.client import ClientSecret
from newel_sdk.fastapi import bearer
from newel_sdk.guard import Allowed, Guard, MemorySpentStore
from newel_sdk.pdp import DecisionPoint
from newel_sdk.testing import deny, permit, step_up

PAID = {"amount": "5", "payee": "DE89"}


@pytest.fixture
def told(bank: Bank) -> Bank:
    """A bank with two routes that its decision point decides."""
    point = DecisionPoint(
        pdp=bank.issuer.issuer, client_id="bank", authentication=ClientSecret("s"), fetch=bank.server.fetch
    )
    guard = Guard(
        issuer=bank.issuer.issuer,
        audience=ORIGIN,
        keys=bank.issuer.keys,
        spent=MemorySpentStore(bank.clock),
        pdp=point,
        clock=bank.clock,
    )
    check = guard.require_action("bank.transfer:send", fields=transfer, acr="aal1")
    _route(bank.app, "/policy", bank.pages.requires(check, title="Send money"))
    _route(bank.app, "/api/policy", bearer(check))
    return bank


def _route(app: FastAPI, path: str, dependency: Any) -> None:
    @app.post(path)
    async def _send(allowed: Annotated[Allowed, Depends(dependency)]) -> Response:
        return PlainTextResponse(f"sent {allowed.fields['amount']['minor']} under {allowed.reservation}")


async def _api(bank: Bank, acr: str = "aal1") -> httpx2.Response:
    token = bank.issuer.token(acr=acr)
    return await bank.browser.post("/api/policy", json=PAID, headers={"authorization": f"Bearer {token}"})


async def test_an_api_is_told_permission_challenge_and_denial(told: Bank) -> None:
    told.server.pdp.decide = lambda _question: permit(bound=())
    assert (await _api(told)).status_code == 200
    told.server.pdp.decide = lambda _question: step_up("aal2", max_age=60)
    short = await _api(told)
    assert (short.status_code, short.json()["acr_values"]) == (401, "aal2 phr aal3")
    assert 'max_age="60"' in short.headers["www-authenticate"]
    told.server.pdp.decide = lambda _question: deny("Sanctioned")
    refused = await _api(told, "aal3")
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["cache-control"] == "no-store"
    assert (refused.json()["detail"], refused.json()["error"]) == ("Sanctioned", "access_denied")


async def test_s27_without_a_decision_point_both_are_told_503(told: Bank) -> None:
    await told.sign_in()
    for decide in (None, lambda _question: {"decision": "true"}):
        told.server.pdp.decide = decide
        answer = await _api(told, "aal3")
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        page = await told.browser.post("/policy", data=PAID, headers=OWN)
        assert page.status_code == 503
        assert "Nothing was sent or changed" in page.text


async def test_a_person_is_told_why_the_policy_says_no(told: Bank) -> None:
    await told.sign_in()
    told.server.pdp.decide = lambda _question: deny("This country is sanctioned")
    page = await told.browser.post("/policy", data=PAID, headers=OWN)
    assert page.status_code == 403
    assert "This country is sanctioned. Nothing was sent or changed." in page.text


async def test_s16_an_interrupted_act_is_asked_about_again_before_it_is_sent(told: Bank) -> None:
    await told.sign_in()
    told.server.pdp.decide = lambda _question: step_up("aal2", bind=("amount",), reasons=("A new payee",))
    left = await told.browser.post("/policy", data=PAID, headers=OWN)
    assert left.status_code == 303
    assert told.server.pdp.reserved == []
    told.server.pdp.decide = lambda _question: permit(bound=("amount",))
    back = await told.come_back(told.server.approve(left.headers["location"], acr="aal2"))
    assert back.text == f"sent 5 under {told.server.pdp.reserved[0]}"
    assert len(told.server.pdp.asked) == 2


async def test_s16_what_is_denied_meanwhile_is_not_sent(told: Bank) -> None:
    await told.sign_in()
    told.server.pdp.decide = lambda _question: step_up("aal2", bind=("amount",))
    left = await told.browser.post("/policy", data=PAID, headers=OWN)
    told.server.pdp.decide = lambda _question: deny("Sanctioned")
    back = await told.come_back(told.server.approve(left.headers["location"], acr="aal2"))
    assert back.status_code == 403
    assert "Sanctioned" in back.text
