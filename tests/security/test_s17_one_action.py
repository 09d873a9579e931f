"""S17: an elevation fits one action only, from the prompt to the ledger."""

import hashlib
import json
import secrets
from typing import Any

import httpx2
import pytest
from tests.security.bank_site import Site, customer
from tests.security.signing import claims_of
from tests.security.stage import PAYMENT, Do
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying

from newel.crypto import base64url
from newel_sdk.action import canonical

Json = dict[str, Any]


def with_fields(**changed: Any) -> Json:
    """The payment with other fields."""
    return {**PAYMENT, "fields": {**PAYMENT["fields"], **changed}}


def details(entry: Json) -> str:
    return json.dumps([entry])


def test_s17_another_action_needs_another_yes(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    assert "code" in browser.submit(ask(authorization_details=details(PAYMENT)), otp=alex.code()).answer
    for entry in (PAYMENT, with_fields(amount={"minor": 510_000, "currency": "EUR"})):
        assert ask(authorization_details=details(entry)).form("otp")
        silent = ask(prompt="none", authorization_details=details(entry))
        assert silent.answer["error"] == "interaction_required"


def test_s17_the_token_carries_object_a_whole_and_only_once(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Any, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=details(PAYMENT), scope="openid offline_access")
    answer = browser.submit(page, otp=alex.code())
    tokens = bank.redeem(answer.answer["code"]).json()
    (entry,) = claims_of(tokens["access_token"])["authorization_details"]
    whole = entry["elevation"]
    assert entry["binding"] == "confirmed"
    assert whole["fields"] == PAYMENT["fields"]
    assert (whole["iss"], whole["client_id"], whole["sub"]) == (server.issuer, bank.id, alex.id)
    assert entry["digest"] == base64url.encode(hashlib.sha256(canonical(whole)).digest())
    assert "5,000.00" in whole["display"]["text"]
    assert "DE89 3704 0044 0532 0130 00" in whole["display"]["text"]
    assert tokens["expires_in"] <= 60
    again = bank.refresh(tokens["refresh_token"]).json()
    assert "authorization_details" not in claims_of(again["access_token"])


@pytest.mark.parametrize(
    "entry",
    [
        {**PAYMENT, "digest": "A" * 43},
        {**PAYMENT, "elevation": {}},
        {**PAYMENT, "actions": ["send", "send"]},
        {**PAYMENT, "actions": ["delete"]},
        {**PAYMENT, "type": "bank.loan"},
        with_fields(amount={"minor": 5.5, "currency": "EUR"}),
        with_fields(amount={"minor": 2**53 + 1, "currency": "EUR"}),
        with_fields(amount={"minor": True, "currency": "EUR"}),
        with_fields(payee={"id": "DE89370400440532013000", "name": "Maria\u202eelpmaxE", "country": "DE"}),
        with_fields(payee={"id": "DE89370400440532013000", "name": "Maria\nAmount 1", "country": "DE"}),
        with_fields(reference="e\u0301"),
        with_fields(unshown="yes"),
        {**PAYMENT, "fields": {"amount": PAYMENT["fields"]["amount"]}},
    ],
)
def test_s17_what_cannot_be_shown_and_hashed_exactly_is_refused(sign_in: Do, ask: Do, sam: Person, entry: Json) -> None:
    sign_in(sam)
    assert ask(authorization_details=details(entry)).answer["error"] == "invalid_authorization_details"


def approved(site: Site, person: Person, entry: Json, **more: str) -> str:
    """An access token with an approval of `entry`, as the bank's own client gets it."""
    here = customer(site, person)
    asked = authorize_url(site.client.id, site.client.redirect_uri, authorization_details=details(entry), **more)
    page = here.home.submit(here.home.follow(here.home.get(asked)), otp=person.code())
    return str(site.client.redeem(page.answer["code"]).json()["access_token"])


def transfer(site: Site, token: str, **changed: str) -> httpx2.Response:
    """A payment over the bank's JSON interface."""
    told = {"payee": "new", "name": "Maria Example", "iban": "DE89370400440532013000", "amount": "5000.00", **changed}
    headers = {"authorization": f"Bearer {token}", "idempotency-key": secrets.token_hex(8)}
    return site.server.http.post(f"{site.origin}/api/transfers", json=told, headers=headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "5000.01"},
        {"amount": "50000.00"},
        {"name": "Thief Example"},
        {"iban": "DE02120300000000202051"},
        {"reference": "Another"},
    ],
)
def test_s17_one_value_changed_after_the_approval_moves_nothing(
    site: Site, alex: Person, changed: dict[str, str]
) -> None:
    token, moved = approved(site, alex, PAYMENT), site.moved()
    answer = transfer(site, token, **changed)
    assert answer.status_code in {400, 401, 422}
    assert site.moved() == moved


def test_s17_an_approval_is_spent_with_its_effect_and_not_before(site: Site, alex: Person) -> None:
    token, moved = approved(site, alex, PAYMENT), site.moved()
    assert transfer(site, token, amount="5000.01").status_code == 401
    assert transfer(site, token).status_code == 201
    assert transfer(site, token).status_code >= 400
    assert site.moved() == moved + 1


def test_s17_an_approval_given_to_another_client_or_audience_is_none(site: Site, bank: Relying, alex: Person) -> None:
    home = site.server.browser()
    url = authorize_url(bank.id, bank.redirect_uri, authorization_details=details(PAYMENT))
    page = home.submit(home.follow(home.get(url)), username=alex.name, password=alex.password)
    code = home.submit(home.follow(page), otp=alex.code()).answer["code"]
    moved = site.moved()
    assert transfer(site, bank.redeem(code).json()["access_token"]).status_code == 401
    assert site.moved() == moved
    home.close()


def test_s17_a_changed_token_is_no_token(site: Site, alex: Person) -> None:
    head, body, signature = approved(site, alex, PAYMENT).split(".")
    told = json.loads(base64url.decode(body))
    told["authorization_details"][0]["elevation"]["fields"]["amount"]["minor"] = 900_000
    token = f"{head}.{base64url.encode(json.dumps(told).encode())}.{signature}"
    moved = site.moved()
    assert transfer(site, token, amount="9000.00").status_code == 401
    assert site.moved() == moved


def test_s17_a_code_confirms_but_never_signs(site: Site, alex: Person) -> None:
    large = with_fields(amount={"minor": 1_500_000, "currency": "EUR"})
    here = customer(site, alex)
    answer = here.home.get(
        authorize_url(site.client.id, site.client.redirect_uri, authorization_details=details(large))
    )
    # 15,000.00 demands a signature, which an authenticator app cannot give: nothing on the way asks for its code alone.
    page = here.home.follow(answer)
    assert "code" not in page.answer
    forms = [form for form in page.parsed.forms if "otp" in form["fields"]]
    for _ in forms:
        page = here.home.follow(here.home.submit(page, otp=alex.code()))
        assert "code" not in page.answer
