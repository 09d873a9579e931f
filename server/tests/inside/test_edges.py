"""Leaving, expired pages that ask again, and the protocol's edges."""

import json
from typing import Any

import pytest
from server.tests.inside.acts import Do
from server.tests.inside.inside import Inside, broken
from tests.security.stage import (
    SESSION,
    execute,
    fields,
)
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying


def test_leaving_is_asked_and_may_be_left(sign_in: Do, browser: Browser, sam: Person) -> None:
    sign_in(sam)
    page = browser.get("/sign-out")
    assert str(browser.submit(page, has=("csrf",), decision="stay").location).endswith("/account")
    assert browser.get("/account").status == 200
    assert browser.submit(page, has=("csrf",), decision="sign_out").status == 200
    assert browser.submit(page, has=("csrf",), decision="sign_out").status == 200
    assert SESSION not in browser.cookies
    assert browser.post("/sign-out", {"csrf": "wrong", "decision": "sign_out"}).status == 403
    assert "csrf" not in browser.get("/sign-out").body


def test_what_another_tab_proved_answers_an_expired_page_that_asks_again(
    server: Inside, stepping: Page, ask: Do, browser: Browser, alex: Person
) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer
    with server.later(700):
        assert "code" in browser.post(f"{stepping.url}/again", {"csrf": csrf}).answer
        assert browser.post(f"{stepping.url}/again", {"csrf": "wrong"}).status == 403


def test_an_expired_page_whose_request_cannot_be_met_any_more_tells_the_client(
    server: Inside, stepping: Page, browser: Browser, alex: Person
) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    with server.later(700):
        again = browser.post(f"{stepping.url}/again", {"csrf": csrf})
    assert again.answer["error"] == "unmet_authentication_requirements"


def test_an_unknown_page_is_not_begun_again(stepping: Page, browser: Browser) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    assert browser.post("/i/unknown/again", {"csrf": csrf}).status == 404


def test_what_another_tab_proved_lets_an_unbound_request_go_on_by_itself(
    stepping: Page, ask: Do, browser: Browser, alex: Person
) -> None:
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer
    assert "code" in browser.get(stepping.url).answer


def test_s09_a_sign_in_that_cannot_meet_the_request_tells_the_client_and_is_over(
    ask: Do, browser: Browser, sam: Person
) -> None:
    page = ask(acr_values="aal2")
    told = browser.submit(page, username=sam.name, password=sam.password)
    assert told.answer["error"] == "unmet_authentication_requirements"
    assert browser.get(page.url).status == 410


@pytest.mark.parametrize("claims", ['{"id_token":{"sub":{"value":1}}}', '{"userinfo":[]}', "[]"])
def test_odd_claims_are_an_invalid_request(ask: Do, claims: str) -> None:
    assert ask(claims=claims).answer["error"] == "invalid_request"


def test_a_hint_and_a_requested_subject_are_one_person(sign_in: Do, ask: Do, bank: Relying, sam: Person) -> None:
    hint = bank.redeem(sign_in(sam).answer["code"]).json()["id_token"]
    other, same = (json.dumps({"id_token": {"sub": {"value": each}}}) for each in ("somebody-else", sam.id))
    assert ask(id_token_hint=hint, claims=other).answer["error"] == "invalid_request"
    assert "code" in ask(id_token_hint=hint, claims=same).answer


def test_a_posted_request_is_shown_at_its_own_address(browser: Browser, bank: Relying) -> None:
    form = dict(each.split("=", 1) for each in authorize_url(bank.id, "").partition("?")[2].split("&"))
    asked = browser.post("/authorize", {**form, "redirect_uri": bank.redirect_uri})
    assert "/i/" in str(asked.location)
    assert browser.follow(asked).form("username", "password")


def test_s29_a_refresh_token_with_another_secret_takes_nothing_back(
    sign_in: Do, ask: Do, bank: Relying, sam: Person
) -> None:
    sign_in(sam)
    token: dict[str, Any] = bank.redeem(ask(scope="openid offline_access").answer["code"]).json()
    family = token["refresh_token"].partition(".")[0]
    assert bank.post("/revoke", token=f"{family}.{'0' * 64}").status_code == 200
    assert bank.refresh(token["refresh_token"]).status_code == 200
    assert bank.post("/revoke", token=token["refresh_token"]).status_code == 200
    assert bank.refresh(token["refresh_token"]).json()["error"] == "invalid_grant"


def test_well_known_addresses_lead_to_the_account(server: Inside, browser: Browser) -> None:
    moved = browser.get("/.well-known/change-password")
    assert (moved.status, moved.location) == (302, f"{server.issuer}/account/add/password")
    named = json.loads(browser.get("/.well-known/passkey-endpoints").body)
    assert named == {"enroll": f"{server.issuer}/account/add/passkey", "manage": f"{server.issuer}/account"}


def test_readiness_tells_its_reasons(server: Inside, browser: Browser) -> None:
    def ready() -> tuple[int, str]:
        page = browser.get("/readyz")
        return page.status, " ".join(json.loads(page.body)["reasons"])

    assert ready() == (200, "")
    server.gate.broken = "the disk is full"
    assert ready() == (503, "the disk is full")
    server.gate.broken = None
    server.services.memory.epoch = None
    server.gate.before("epoch", broken)
    assert ready() == (503, "the database cannot be read: StorageError")
    with server.later(-86_400 * 365):
        server.services.memory.ring = None
        assert ready() == (503, "no ES256 signing key is active: run `newel keys rotate`")
    server.services.memory.ring = None
    assert ready() == (200, "")
