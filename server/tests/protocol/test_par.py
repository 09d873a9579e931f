"""/par: pushed authorization requests (RFC 9126)."""

import json
import time
from collections.abc import Callable

import pytest
from server.tests.protocol.exchange import PAYMENT, claims, execute, refusal
from tests.simulators.person import CHALLENGE, Browser, Page
from tests.simulators.running import Person, Relying, Running

Do = Callable[..., Page]
PREFIX = "urn:ietf:params:oauth:request_uri:"


def form(client: Relying, **more: str) -> dict[str, str]:
    values = {
        "response_type": "code",
        "redirect_uri": client.redirect_uri,
        "scope": "openid",
        "state": "pushed",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return {name: value for name, value in values.items() if value}


def push(client: Relying, **more: str) -> str:
    answer = client.post("/par", **form(client, **more))
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    return str(answer.json()["request_uri"])


def at(client: Relying, request_uri: str, **more: str) -> str:
    return f"/authorize?client_id={client.id}&request_uri={request_uri}" + "".join(f"&{k}={v}" for k, v in more.items())


def test_a_pushed_request_is_answered_as_pushed_and_parameters_beside_it_are_ignored(
    home: Browser, bank: Relying
) -> None:
    page = home.get(at(bank, push(bank), state="other", redirect_uri="https://evil.example", scope="openid+payments"))
    assert page.location
    assert page.location.startswith(bank.redirect_uri)
    assert page.answer["state"] == "pushed"
    assert bank.redeem(page.answer["code"]).json()["scope"] == "openid"


def test_its_request_uri_has_the_registered_form_and_a_short_life(bank: Relying) -> None:
    answer = bank.post("/par", **form(bank)).json()
    assert answer["request_uri"].startswith(PREFIX)
    assert 5 <= answer["expires_in"] <= 600


def test_it_is_used_up_by_its_answer_and_not_by_a_look(browser: Browser, bank: Relying, sam: Person) -> None:
    uri = push(bank)
    assert browser.follow(browser.get(at(bank, uri))).status == 200
    page = browser.follow(browser.get(at(bank, uri)))
    assert "code" in browser.submit(page, username=sam.name, password=sam.password).answer
    spent = browser.get(at(bank, uri))
    assert (spent.status, spent.location) == (400, None)


@pytest.mark.parametrize("decision", ["decline", "report"])
def test_a_no_uses_it_up(browser: Browser, sign_in: Do, bank: Relying, sam: Person, decision: str) -> None:
    sign_in(sam)
    uri = push(bank, prompt="login")
    page = browser.follow(browser.get(at(bank, uri)))
    answer = browser.post(page.url, {"csrf": page.form("csrf")["fields"]["csrf"], "decision": decision})
    assert answer.status == 303
    spent = browser.get(at(bank, uri))
    assert (spent.status, spent.location) == (400, None)


def test_an_error_after_a_proof_uses_it_up(browser: Browser, bank: Relying, sam: Person) -> None:
    uri = push(bank, acr_values="aal2")
    page = browser.follow(browser.get(at(bank, uri)))
    answer = browser.submit(page, username=sam.name, password=sam.password)
    assert answer.answer["error"] == "unmet_authentication_requirements"
    assert browser.get(at(bank, uri)).status == 400


def test_an_error_uses_it_up(browser: Browser, bank: Relying) -> None:
    uri = push(bank, prompt="none")
    assert browser.get(at(bank, uri)).answer["error"] == "login_required"
    assert browser.get(at(bank, uri)).status == 400


def test_a_second_look_ends_with_a_page_once_the_request_was_answered_elsewhere(
    sign_in: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    uri = push(bank, acr_values="aal2")
    pages = [browser.follow(browser.get(at(bank, uri))) for _ in range(2)]
    assert "code" in browser.submit(pages[0], otp=alex.code()).answer
    over = browser.follow(browser.get(pages[1].url))
    assert (over.status, over.location) == (410, None)


def test_two_looks_at_it_give_one_answer(
    browser: Browser, server: Running, bank: Relying, sam: Person, robin: Person
) -> None:
    uri, other = push(bank), server.browser()
    pages = [each.follow(each.get(at(bank, uri))) for each in (browser, other)]
    first = browser.submit(pages[0], username=sam.name, password=sam.password)
    second = other.submit(pages[1], username=robin.name, password=robin.password)
    other.close()
    assert "code" in first.answer
    assert "code" not in second.answer
    assert second.status == 303


def test_it_belongs_to_the_client_that_pushed_it(home: Browser, bank: Relying, shop: Relying) -> None:
    page = home.get(at(shop, push(bank)))
    assert (page.status, page.location) == (400, None)


def test_after_its_life_it_is_unknown(home: Browser, server: Running, bank: Relying) -> None:
    uri = push(bank)
    execute(
        server, "UPDATE pushed SET expires_at = :now WHERE id = :id", now=int(time.time()), id=uri.removeprefix(PREFIX)
    )
    page = home.get(at(bank, uri))
    assert (page.status, page.location) == (400, None)


@pytest.mark.parametrize("uri", [PREFIX, PREFIX + "unknown", PREFIX + "x" * 5000, PREFIX + "%C3%BC"])
def test_an_unknown_request_uri_is_a_page(home: Browser, bank: Relying, uri: str) -> None:
    assert home.get(at(bank, uri)).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_405_and_told_which_is_allowed(server: Running, method: str) -> None:
    answer = server.http.request(method, server.issuer + "/par")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"request_uri": PREFIX + "x"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"redirect_uri": "https://evil.example"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "unregistered"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"claims": '{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}'}, "unmet_authentication_requirements"),
        ({"claims": "[" * 4000}, "invalid_request"),
        ({"state": "s" * 3000}, "invalid_request"),
        ({"id_token_hint": "x.y.z"}, "invalid_request"),
    ],
)
def test_what_authorize_would_refuse_is_refused_at_once_as_json(
    bank: Relying, more: dict[str, str], error: str
) -> None:
    assert refusal(bank.post("/par", **form(bank, **more))) == (400, error)


def test_its_client_authenticates_as_at_the_token_endpoint(server: Running, bank: Relying, app: Relying) -> None:
    url = server.issuer + "/par"
    assert refusal(server.http.post(url, data=form(bank))) == (401, "invalid_client")
    assert refusal(server.http.post(url, data=form(bank, client_id=bank.id))) == (401, "invalid_client")
    assert server.http.post(url, data=form(app, client_id=app.id)).status_code == 201
    assert refusal(server.http.post(url + "?state=x", data=form(app, client_id=app.id)))[0] == 400


def test_a_parameter_that_comes_twice_is_refused(server: Running, bank: Relying) -> None:
    body = "&".join(f"{name}=a" for name in ("scope", "scope", "response_type"))
    headers = {**bank.basic, "content-type": "application/x-www-form-urlencoded"}
    assert server.http.post(server.issuer + "/par", content=body, headers=headers).status_code == 400


def test_a_pushed_action_is_shown_and_bound(sign_in: Do, browser: Browser, bank: Relying, alex: Person) -> None:
    sign_in(alex)
    page = browser.follow(browser.get(at(bank, push(bank, authorization_details=json.dumps([PAYMENT])))))
    assert "Maria Example" in page.text
    answer = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()
    assert claims(answer["access_token"])["authorization_details"][0]["fields"] == PAYMENT["fields"]


def test_s35_details_over_their_limit_are_refused_however_good_they_are(server: Running, bank: Relying) -> None:
    details, url = json.dumps([PAYMENT]), server.issuer + "/par"
    for length, answer in ((8192, 201), (8193, 400)):
        pushed = form(bank, authorization_details=details.ljust(length))
        assert server.http.post(url, data=pushed, headers=bank.basic).status_code == answer
