"""The code flow as the standards have it, against the running server."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from tests.simulators.person import VERIFIER, Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.domain.client import Authentication

PAYMENT = {
    "type": "bank.transfer",
    "actions": ["send"],
    "fields": {
        "amount": {"minor": 500000, "currency": "EUR"},
        "payee": {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"},
    },
}
Do = Callable[..., Page]


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_a_password_gives_a_code_with_state_and_iss(sign_in: Do, bank: Relying, sam: Person, server: Running) -> None:
    answer = sign_in(sam, state="s" * 128).answer
    assert answer["state"] == "s" * 128
    assert answer["iss"] == server.issuer
    tokens = bank.redeem(answer["code"]).json()
    told = claims(tokens["id_token"])
    assert (told["aud"], told["nonce"], told["acr"], told["amr"]) == ("bank-web", "nonce-1", "aal1", ["pwd"])
    assert claims(tokens["access_token"])["aud"] == "http://localhost:9"
    assert "refresh_token" not in tokens


def test_s13_a_code_is_single_use_and_its_replay_revokes(sign_in: Do, bank: Relying, sam: Person) -> None:
    code = sign_in(sam).answer["code"]
    access = bank.redeem(code).json()["access_token"]
    assert bank.introspect(access)["active"] is True
    replayed = bank.redeem(code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert bank.introspect(access) == {"active": False}


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "x" * 43}, {"code_verifier": ""}, {"redirect_uri": "http://localhost:9/other"}]
)
def test_s19_a_wrong_verifier_or_redirect_burns_the_code(
    sign_in: Do, bank: Relying, sam: Person, wrong: dict[str, str]
) -> None:
    code = sign_in(sam).answer["code"]
    assert bank.redeem(code, **wrong).json()["error"] == "invalid_grant"
    assert bank.redeem(code).json()["error"] == "invalid_grant"


def test_a_second_request_is_silent_and_acr_values_climb(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    first = claims(bank.redeem(sign_in(alex).answer["code"]).json()["id_token"])
    silent = claims(bank.redeem(ask().answer["code"]).json()["id_token"])
    assert silent["auth_time"] == first["auth_time"]
    page = ask(acr_values="urn:unknown aal2")
    answer = browser.submit(page, otp=alex.code()).answer
    told = claims(bank.redeem(answer["code"]).json()["id_token"])
    assert told["acr"] == "aal2"
    assert set(told["amr"]) == {"pwd", "otp", "mfa"}


def test_a_named_acr_that_cannot_be_met_is_unmet(sign_in: Do, ask: Do, sam: Person) -> None:
    sign_in(sam)
    assert ask(acr_values="phr").answer["error"] == "unmet_authentication_requirements"


def test_s02_an_unknown_essential_acr_is_an_error_and_a_voluntary_one_best_effort(
    sign_in: Do, ask: Do, bank: Relying, sam: Person
) -> None:
    sign_in(sam)
    essential = '{"id_token":{"acr":{"essential":true,"value":"urn:other"}}}'
    assert ask(claims=essential).answer["error"] == "unmet_authentication_requirements"
    assert (
        ask(claims='{"id_token":{"acr":{"essential":true,"value":"phr"}}}').answer["error"]
        == "unmet_authentication_requirements"
    )
    told = claims(bank.redeem(ask(claims='{"id_token":{"acr":{"value":"phr"}}}').answer["code"]).json()["id_token"])
    assert told["acr"] == "aal1"


@pytest.mark.parametrize("again", [{"prompt": "login"}, {"max_age": "0"}])
def test_prompt_login_and_max_age_0_always_ask_and_move_auth_time(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, sam: Person, again: dict[str, str]
) -> None:
    sign_in(sam)
    page = ask(**again)
    assert page.status == 200
    answer = browser.submit(page, password=sam.password).answer
    assert claims(bank.redeem(answer["code"]).json()["id_token"])["amr"] == ["pwd"]


def test_prompt_none_never_shows_a_page(ask: Do, sign_in: Do, alex: Person) -> None:
    assert ask(prompt="none").answer["error"] == "login_required"
    assert ask(prompt="none login").answer["error"] == "invalid_request"
    sign_in(alex)
    assert "code" in ask(prompt="none").answer
    assert ask(prompt="none", acr_values="aal2").answer["error"] == "interaction_required"
    assert ask(prompt="none", max_age="0").answer["error"] == "login_required"
    assert ask(prompt="none", acr_values="aal3").answer["error"] == "unmet_authentication_requirements"


def test_a_scope_with_a_demand_is_asked_for_and_never_granted_without(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person, sam: Person
) -> None:
    sign_in(alex)
    page = ask(scope="openid payments")
    assert page.status == 200
    answer = browser.submit(page, otp=alex.code()).answer
    assert bank.redeem(answer["code"]).json()["scope"] == "openid payments"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "maybe"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"scope": "unregistered"}, "invalid_scope"),
        ({"request": "e30."}, "request_not_supported"),
        ({"request_uri": "https://client.example/r"}, "request_uri_not_supported"),
        ({"claims": "[]"}, "invalid_request"),
        ({"id_token_hint": "x.y.z"}, "invalid_request"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"authorization_details": json.dumps([{**PAYMENT, "acr": "aal1"}])}, "invalid_authorization_details"),
        ({"authorization_details": json.dumps([PAYMENT, PAYMENT])}, "invalid_authorization_details"),
        ({"authorization_details": json.dumps([{**PAYMENT, "type": "unknown"}])}, "invalid_authorization_details"),
        ({"state": "s" * 3000}, "invalid_request"),
    ],
)
def test_what_a_request_may_not_say_comes_back_as_the_registered_error(
    ask: Do, changed: dict[str, str], error: str, server: Running
) -> None:
    answer = ask(**changed).answer
    assert (answer["error"], answer["iss"]) == (error, server.issuer)


def test_s19_a_repeated_parameter_is_refused(browser: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri) + "&nonce=another"
    assert browser.get(url).answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "http://localhost:9/callback/"},
        {"redirect_uri": "https://evil.example"},
    ],
)
def test_s19_an_unknown_client_or_address_gets_a_page_and_no_redirect(
    browser: Browser, bank: Relying, changed: dict[str, str]
) -> None:
    page = browser.get(authorize_url(changed.get("client_id", bank.id), changed.get("redirect_uri", bank.redirect_uri)))
    assert page.status == 400
    assert page.location is None


def test_par_is_bound_to_its_client_and_used_up_at_completion(
    server: Running, browser: Browser, bank: Relying, sam: Person
) -> None:
    form = {"response_type": "code", "redirect_uri": bank.redirect_uri, "scope": "openid", "nonce": "n"}
    form |= {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    pushed = bank.post("/par", **form)
    assert (pushed.status_code, pushed.json()["expires_in"]) == (201, 90)
    uri = pushed.json()["request_uri"]
    url = f"/authorize?client_id={bank.id}&request_uri={uri}"
    assert browser.follow(browser.get(url)).status == 200
    page = browser.follow(browser.get(url))
    answer = browser.submit(page, username=sam.name, password=sam.password).answer
    assert bank.redeem(answer["code"]).status_code == 200
    assert browser.get(url).status == 400
    assert bank.post("/par", **form, request_uri=uri).json()["error"] == "invalid_request"
    assert server.http.get(server.issuer + "/par").status_code == 405
    other = server.client(f"other-{sam.id[-6:]}")
    stolen = bank.post("/par", **form).json()["request_uri"]
    assert browser.get(f"/authorize?client_id={other.id}&request_uri={stolen}").status == 400


def test_userinfo_takes_get_post_header_and_body_and_no_query(
    sign_in: Do, server: Running, bank: Relying, sam: Person
) -> None:
    token = bank.redeem(sign_in(sam, scope="openid profile").answer["code"]).json()["access_token"]
    url, header = server.issuer + "/userinfo", {"authorization": f"Bearer {token}"}
    answers = [
        server.http.get(url, headers=header),
        server.http.post(url, headers=header),
        server.http.post(url, data={"access_token": token}),
    ]
    assert [each.json()["preferred_username"] for each in answers] == [sam.name] * 3
    assert server.http.get(f"{url}?access_token={token}").status_code == 400
    assert server.http.get(url).status_code == 401
    assert server.http.get(url, headers={"authorization": "Bearer nonsense"}).status_code == 401


def test_s29_refresh_tokens_of_public_clients_rotate_and_reuse_ends_the_family(
    sign_in: Do, server: Running, browser: Browser, sam: Person
) -> None:
    public = server.client(f"app-{sam.id[-6:]}", authentication=Authentication.NONE)
    page = browser.follow(browser.get(authorize_url(public.id, public.redirect_uri, scope="openid offline_access")))
    answer = browser.submit(page, username=sam.name, password=sam.password).answer
    first = public.redeem(answer["code"]).json()
    second = public.refresh(first["refresh_token"]).json()
    forgiven = public.refresh(first["refresh_token"]).json()
    third = public.refresh(forgiven["refresh_token"]).json()
    assert claims(third["id_token"])["auth_time"] == claims(first["id_token"])["auth_time"]
    assert public.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert public.refresh(third["refresh_token"]).json()["error"] == "invalid_grant"


def test_revocation_answers_200_for_the_unknown_and_ends_a_family(sign_in: Do, bank: Relying, sam: Person) -> None:
    tokens = bank.redeem(sign_in(sam, scope="openid offline_access").answer["code"]).json()
    assert bank.post("/revoke", token="unknown").status_code == 200
    assert bank.post("/revoke", token=tokens["refresh_token"]).status_code == 200
    assert bank.introspect(tokens["access_token"]) == {"active": False}
    assert bank.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_clients_must_authenticate_as_registered(server: Running, bank: Relying) -> None:
    url, form = server.issuer + "/token", {"grant_type": "authorization_code", "code": "x", "code_verifier": VERIFIER}
    assert server.http.post(url, data={**form, "client_id": bank.id}).json()["error"] == "invalid_client"
    assert (
        server.http.post(url, data={**form, "client_id": bank.id, "client_secret": bank.secret}).json()["error"]
        == "invalid_client"
    )
    both = server.http.post(url, data={**form, "client_secret": bank.secret}, headers=bank.basic)
    assert both.json()["error"] == "invalid_request"
    assert bank.post("/introspect", token="x").json() == {"active": False}


def test_a_bound_action_is_in_the_token_and_nothing_else_is(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([PAYMENT]))
    assert "5,000.00\u00a0EUR" in page.body or "5,000.00" in page.text
    tokens = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()
    entry = claims(tokens["access_token"])["authorization_details"][0]
    assert (entry["fields"], entry["binding"]) == (PAYMENT["fields"], "confirmed")
    assert tokens["expires_in"] == 60


def test_discovery_names_what_answers(server: Running) -> None:
    found = server.http.get(server.issuer + "/.well-known/openid-configuration").json()
    assert found["issuer"] == server.issuer
    assert {key["alg"] for key in server.http.get(found["jwks_uri"]).json()["keys"]} == {"ES256", "RS256"}
    assert found["acr_values_supported"] == ["aal1", "aal2", "phr"]
    for name, address in found.items():
        if name.endswith("_endpoint"):
            assert server.http.get(address).status_code != 404
