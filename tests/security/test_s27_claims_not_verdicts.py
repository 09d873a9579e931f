"""S27: guards remember claims that were verified, never a verdict: class, age, audience and approval at every call."""

import asyncio
import os
import signal

import httpx2
from tests.security.bank_site import Clock, Site, customer
from tests.security.stage import PAYMENT, Do
from tests.security.test_s17_one_action import approved, transfer
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel_sdk import Allowed, Challenge, Guard


def accounts(site: Site, token: str) -> httpx2.Response:
    return site.server.http.get(f"{site.origin}/api/accounts", headers={"authorization": f"Bearer {token}"})


def plain(site: Site, person: Person) -> str:
    """An access token of the bank's client without any approval."""
    here = customer(site, person)
    answer = here.home.get(authorize_url(site.client.id, site.client.redirect_uri))
    return str(site.client.redeem(answer.answer["code"]).json()["access_token"])


def test_s27_a_token_that_was_good_for_one_route_is_not_good_for_the_next(site: Site, alex: Person) -> None:
    token, moved = plain(site, alex), site.moved()
    for _ in range(2):
        assert accounts(site, token).status_code == 200
        challenged = transfer(site, token)
        assert challenged.status_code == 401
        assert "insufficient_user_authentication" in challenged.headers["www-authenticate"]
    assert site.moved() == moved


def test_s27_a_remembered_token_ends_with_its_exp(site: Site, alex: Person) -> None:
    token = plain(site, alex)
    assert accounts(site, token).status_code == 200
    site.clock.ahead = 290
    try:
        assert accounts(site, token).status_code == 200
        site.clock.ahead = 330
        assert accounts(site, token).status_code == 401
    finally:
        site.clock.ahead = 0


def test_s27_an_age_is_measured_at_every_call(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    answer = browser.submit(ask(acr_values="aal2"), otp=alex.code())
    token, clock = bank.redeem(answer.answer["code"]).json()["access_token"], Clock()
    guard = Guard(issuer=server.issuer, audience="http://localhost:9", clock=clock)
    fresh, any_age = guard.require(acr="aal2", max_age=60), guard.require(acr="aal2")
    asyncio.run(fresh.prepare(token))
    assert isinstance(fresh.decide(token), Allowed)
    clock.ahead = 90
    assert isinstance(any_age.decide(token), Allowed)
    assert isinstance(fresh.decide(token), Challenge)


def test_s27_an_approval_is_compared_at_every_call(site: Site, alex: Person) -> None:
    token, moved = approved(site, alex, PAYMENT), site.moved()
    assert transfer(site, token, amount="5000.02").status_code == 401
    assert transfer(site, token, amount="5000.03").status_code == 401
    assert transfer(site, token).status_code == 201
    assert site.moved() == moved + 1


def test_s27_a_token_for_another_audience_is_refused_however_often_it_comes(
    site: Site, bank: Relying, alex: Person
) -> None:
    here = customer(site, alex)
    code = here.home.get(authorize_url(bank.id, bank.redirect_uri)).answer["code"]
    token = bank.redeem(code).json()["access_token"]
    for _ in range(3):
        assert accounts(site, token).status_code == 401


def test_s27_a_refused_token_is_not_remembered_as_good(site: Site, alex: Person) -> None:
    token = plain(site, alex)
    broken = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for _ in range(2):
        assert accounts(site, broken).status_code == 401
        assert accounts(site, token).status_code == 200


def test_s27_without_the_decision_point_nothing_moves(site: Site, alex: Person) -> None:
    token, moved = approved(site, alex, PAYMENT), site.moved()
    os.kill(site.server.process.pid, signal.SIGSTOP)
    try:
        answer = transfer(site, token)
    finally:
        os.kill(site.server.process.pid, signal.SIGCONT)
    assert answer.status_code == 503
    assert site.moved() == moved
    assert transfer(site, token).status_code == 201
