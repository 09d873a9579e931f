"""/authorize (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1, RFC 7636, RFC 9207, RFC 9700)."""

import json
import time
from collections.abc import Callable
from threading import Event
from urllib.parse import urlencode

import pytest
from exchange import PAYMENT, aged, claims, execute, signed_here
from tests.simulators.person import CHALLENGE, Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.domain.client import Authentication

Do = Callable[..., Page]
UNMET = "unmet_authentication_requirements"


def told(client: Relying, page: Page) -> dict[str, object]:
    """The ID token's claims of a redirect's code."""
    return claims(client.redeem(page.answer["code"]).json()["id_token"])


def essential(**acr: object) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, **acr}}})


def test_every_answer_names_the_issuer_and_is_a_303_that_nobody_stores(
    home: Browser, bank: Relying, server: Running
) -> None:
    for more in ({}, {"prompt": "none login"}, {"prompt": "none", "acr_values": "aal2"}):
        page = home.get(authorize_url(bank.id, bank.redirect_uri, **more))
        assert page.status == 303
        assert page.headers["cache-control"] == "no-store"
        assert page.answer["iss"] == server.issuer


def test_post_to_authorize_works_and_the_order_of_parameters_does_not_matter(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    pairs = [pair.split("=", 1) for pair in url.partition("?")[2].split("&")]
    assert "code" in home.get("/authorize?" + "&".join("=".join(pair) for pair in reversed(pairs))).answer
    page = home.request(
        "POST",
        "/authorize",
        content=url.partition("?")[2],
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (page.status, "code" in page.answer) == (303, True)


def test_a_post_from_a_strangers_page_works_too(home: Browser, bank: Relying) -> None:
    body = authorize_url(bank.id, bank.redirect_uri).partition("?")[2]
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://localhost:9"}
    assert "code" in home.request("POST", "/authorize", content=body, headers=headers).answer


def test_unknown_and_empty_parameters_are_ignored(home: Browser, bank: Relying) -> None:
    assert (
        "code"
        in home.get(authorize_url(bank.id, bank.redirect_uri, unheard_of="1", display="touch") + "&login_hint=").answer
    )


@pytest.mark.parametrize(
    "name", ["scope", "state", "nonce", "response_type", "code_challenge", "max_age", "acr_values"]
)
def test_s19_a_parameter_that_comes_twice_is_invalid_request(home: Browser, bank: Relying, name: str) -> None:
    url = authorize_url(bank.id, bank.redirect_uri, max_age="600", acr_values="aal1")
    assert home.get(f"{url}&{name}=again").answer["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s19_a_client_or_address_that_comes_twice_is_a_page(home: Browser, bank: Relying, name: str) -> None:
    page = home.get(f"{authorize_url(bank.id, bank.redirect_uri)}&{name}=again")
    assert (page.status, page.location) == (400, None)


def test_s19_a_parameter_in_the_query_and_in_the_body_came_twice(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    assert home.post(url, {"scope": "openid payments"}).answer["error"] == "invalid_request"
    assert home.post(url, {"redirect_uri": bank.redirect_uri}).status == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": " ".join(f"s{n}" for n in range(60))}, "invalid_scope"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1e3"}, "invalid_request"),
        ({"max_age": "9" * 30}, "invalid_request"),
        ({"max_age": "\u0663"}, "invalid_request"),
        ({"prompt": "login none"}, "invalid_request"),
        ({"prompt": "none select_account"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token":[]}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":"aal2"}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":{"values":"aal2"}}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":{"values":[1]}}}'}, "invalid_request"),
        ({"claims": '{"id_token":{},"id_token":{}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"\\ud800":null}}'}, "invalid_request"),
        ({"claims": '{"id_token":' + "[" * 1500}, "invalid_request"),
        ({"claims": '{"a":"' + "x" * 8192 + '"}'}, "invalid_request"),
        ({"nonce": "n" * 2000}, "invalid_request"),
        ({"login_hint": "l" * 400}, "invalid_request"),
        ({"acr_values": "a " * 400}, "invalid_request"),
        ({"ui_locales": "de " * 100}, "invalid_request"),
        ({"authorization_details": "[" * 3000}, "invalid_authorization_details"),
        ({"authorization_details": "x" * 9000}, "invalid_authorization_details"),
    ],
)
def test_a_malformed_or_oversized_parameter_is_the_registered_error_and_never_5xx(
    home: Browser, bank: Relying, changed: dict[str, str], error: str
) -> None:
    page = home.get(authorize_url(bank.id, bank.redirect_uri, **changed))
    assert (page.status, page.answer["error"], page.answer["state"]) == (303, error, "state-1")


@pytest.mark.parametrize("state", ["ü \u2603", "a&b=c#d", "%2F+", "'\"<script>"])
def test_a_state_comes_back_exactly_as_it_was(home: Browser, bank: Relying, state: str) -> None:
    assert home.get(authorize_url(bank.id, bank.redirect_uri, state=state)).answer["state"] == state


def test_without_a_state_none_comes_back(home: Browser, bank: Relying) -> None:
    assert "state" not in home.get(authorize_url(bank.id, bank.redirect_uri, state="")).answer


def test_what_cannot_be_read_at_all_is_a_4xx_page(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    for broken in ("&state=%zz", "&state=%ff", "&state=%00", "&a=1" * 300, "&state=" + "s" * 20_000):
        page = home.get(url + broken)
        assert 400 <= page.status < 500, broken[:20]
        assert page.location is None


# redirect addresses


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:9/callback?",
        "http://localhost:9/callback#x",
        "http://localhost:9/callback/../callback",
        "http://localhost:9/Callback",
        "http://LOCALHOST:9/callback",
        "http://localhost:9/callback%20",
        "http://localhost:9@evil.example/callback",
        "http://localhost:10/callback",
        "javascript:alert(1)",
        "",
    ],
)
def test_s19_only_the_exact_address_is_redirected_to(home: Browser, bank: Relying, address: str) -> None:
    page = home.get(authorize_url(bank.id, address))
    assert (page.status, page.location) == (400, None)


def test_rfc8252_the_port_of_a_loopback_address_may_differ_and_nothing_else(server: Running, home: Browser) -> None:
    native = server.client(
        "native",
        authentication=Authentication.NONE,
        redirect_uris=("http://127.0.0.1/cb", "http://[::1]:4000/cb?a=1", "http://localhost/cb"),
    )
    for allowed in ("http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "http://[::1]:51004/cb?a=1"):
        location = home.get(authorize_url(native.id, allowed)).location
        assert location
        assert location.startswith(allowed)
    refused = ("http://127.0.0.1:51004/cb2", "http://localhost:51004/cb", "http://127.0.0.2:51004/cb")
    for address in (*refused, "https://127.0.0.1:51004/cb", "http://x@127.0.0.1:5/cb", "http://127.0.0.1:99999/cb"):
        assert home.get(authorize_url(native.id, address)).status == 400


# PKCE


def test_rfc9700_an_old_confidential_client_may_leave_pkce_out_and_then_needs_a_nonce(
    server: Running, home: Browser
) -> None:
    old = server.client("old", pkce_optional=True)
    without = {"code_challenge": "", "code_challenge_method": ""}
    assert home.get(authorize_url(old.id, old.redirect_uri, **without, nonce="")).answer["error"] == "invalid_request"
    code = home.get(authorize_url(old.id, old.redirect_uri, **without)).answer["code"]
    assert old.redeem(code).json()["error"] == "invalid_grant"  # a verifier without a challenge
    code = home.get(authorize_url(old.id, old.redirect_uri, **without)).answer["code"]
    assert old.redeem(code, code_verifier="").status_code == 200


def test_a_client_registered_with_pkce_may_not_leave_it_out(home: Browser, bank: Relying, app: Relying) -> None:
    for client in (bank, app):
        url = authorize_url(client.id, client.redirect_uri, code_challenge="", code_challenge_method="")
        assert home.get(url).answer["error"] == "invalid_request"


# acr_values and claims


def test_unknown_acr_values_alone_are_ignored(home: Browser, bank: Relying) -> None:
    assert told(bank, home.get(authorize_url(bank.id, bank.redirect_uri, acr_values="urn:x 1 0")))["acr"] == "aal1"


def test_the_first_named_class_that_is_met_is_the_acr(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    assert (
        told(bank, browser.submit(ask(acr_values="aal2 aal1 phr", prompt="login"), password=alex.password))["acr"]
        == "aal1"
    )
    page = browser.submit(ask(acr_values="phr aal2"), otp=alex.code())
    assert told(bank, page)["acr"] == "aal2"
    assert told(bank, ask(acr_values="aal1"))["acr"] == "aal1"
    assert told(bank, ask())["acr"] == "aal2"


def test_a_voluntary_client_gets_what_was_proven_where_the_named_class_cannot_be_met(
    server: Running, home: Browser, bank: Relying
) -> None:
    willing = server.client("voluntary", acr_voluntary=True)
    assert told(willing, home.get(authorize_url(willing.id, willing.redirect_uri, acr_values="aal3")))["acr"] == "aal1"
    assert home.get(authorize_url(bank.id, bank.redirect_uri, acr_values="aal3")).answer["error"] == UNMET


def test_best_effort_under_prompt_none_gives_what_was_proven(
    server: Running, sign_in: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    wish = json.dumps({"id_token": {"acr": {"values": ["aal2"]}}})
    page = browser.get(authorize_url(bank.id, bank.redirect_uri, claims=wish, prompt="none"))
    assert told(bank, page)["acr"] == "aal1"
    assert browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, claims=wish))).status == 200


@pytest.mark.parametrize("acr", [{"value": "aal2"}, {"values": ["urn:x", "aal2"]}])
def test_an_essential_acr_that_can_be_met_is_asked_for(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person, acr: dict[str, object]
) -> None:
    sign_in(alex)
    page = ask(claims=essential(**acr))
    assert told(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"


@pytest.mark.parametrize(
    "acr", [{"value": "urn:x"}, {"values": ["urn:x", "2"]}, {"values": ["aal3"]}, {"value": "recovery"}]
)
def test_s02_an_essential_acr_that_is_unknown_or_out_of_reach_is_an_error(
    home: Browser, bank: Relying, acr: dict[str, object]
) -> None:
    assert home.get(authorize_url(bank.id, bank.redirect_uri, claims=essential(**acr))).answer["error"] == UNMET


def test_an_essential_acr_without_a_value_leaves_acr_values_as_they_are(home: Browser, bank: Relying) -> None:
    assert told(bank, home.get(authorize_url(bank.id, bank.redirect_uri, claims=essential())))["acr"] == "aal1"
    url = authorize_url(bank.id, bank.redirect_uri, claims=essential(), acr_values="aal3")
    assert home.get(url).answer["error"] == UNMET


def test_a_clients_minimum_joins_with_what_it_asks(
    server: Running, home: Browser, browser: Browser, alex: Person
) -> None:
    strict = server.client("strict", minimum_acr="aal2")
    url = authorize_url(strict.id, strict.redirect_uri)
    assert home.get(url + "&prompt=none&acr_values=aal1").answer["error"] in {"interaction_required", UNMET}
    page = browser.submit(browser.follow(browser.get(url)), username=alex.name, password=alex.password)
    assert told(strict, browser.submit(browser.follow(page), otp=alex.code()))["acr"] == "aal2"


def test_requested_claims_are_given_where_they_are_known(home: Browser, bank: Relying, server: Running) -> None:
    wish = json.dumps({"id_token": {"email": None, "phone_number": None}, "userinfo": {"name": {"essential": True}}})
    answer = bank.redeem(home.get(authorize_url(bank.id, bank.redirect_uri, claims=wish)).answer["code"]).json()
    said = claims(answer["id_token"])
    assert (said["email"], "phone_number" in said, "name" in said) == ("robin@example.org", False, False)
    found = server.http.get(server.issuer + "/userinfo", headers={"authorization": f"Bearer {answer['access_token']}"})
    assert found.json() == {"sub": said["sub"], "name": "Robin Doe"}


def test_a_requested_sub_value_that_is_another_persons_gets_no_code(
    home: Browser, bank: Relying, robin: Person
) -> None:
    def asked(subject: str) -> dict[str, str]:
        wish = json.dumps({"id_token": {"sub": {"value": subject}}})
        return home.get(authorize_url(bank.id, bank.redirect_uri, claims=wish, prompt="none")).answer

    assert "code" in asked(robin.id)
    assert asked("somebody-else")["error"] == "login_required"


# max_age and prompt


def test_max_age_is_silent_within_and_carries_an_equal_auth_time(home: Browser, bank: Relying) -> None:
    plain = told(bank, home.get(authorize_url(bank.id, bank.redirect_uri)))
    asked = told(bank, home.get(authorize_url(bank.id, bank.redirect_uri, max_age="3600")))
    assert asked["auth_time"] == plain["auth_time"]


def test_beyond_max_age_the_person_is_asked_and_none_is_login_required(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, sam: Person, server: Running
) -> None:
    first = told(bank, sign_in(sam))
    aged(server, "session", str(first["sid"]), 100)
    assert ask(max_age="99", prompt="none").answer["error"] == "login_required"
    page = ask(max_age="99")
    assert page.status == 200
    again = told(bank, browser.submit(page, password=sam.password))
    assert (again["sid"], again["auth_time"]) == (
        first["sid"],
        max(int(str(first["auth_time"])), int(str(again["auth_time"]))),
    )
    assert int(str(again["auth_time"])) >= int(str(first["auth_time"]))


@pytest.mark.parametrize("fresh", [{"prompt": "login"}, {"max_age": "0"}])
def test_prompt_login_and_max_age_0_move_auth_time(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, sam: Person, fresh: dict[str, str]
) -> None:
    first = told(bank, sign_in(sam))
    while time.time() < int(str(first["auth_time"])) + 1:
        Event().wait(0.05)
    again = told(bank, browser.submit(ask(**fresh), password=sam.password))
    assert int(str(again["auth_time"])) > int(str(first["auth_time"]))


def test_prompt_login_with_acr_values_asks_for_every_proof_anew(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    page = browser.submit(ask(acr_values="aal2", prompt="login"), password=alex.password)
    assert "code" not in page.answer
    assert told(bank, browser.submit(browser.follow(page), otp=alex.code()))["acr"] == "aal2"


def test_prompt_select_account_asks_who(sign_in: Do, ask: Do, sam: Person) -> None:
    sign_in(sam)
    page = ask(prompt="select_account")
    assert page.status == 200
    assert page.form("username", "password")


def test_a_class_lapses_when_its_session_lay_idle(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    first = told(bank, browser.submit(ask(acr_values="aal2"), otp=alex.code()))
    aged(server, "session", str(first["sid"]), 3700)
    assert told(bank, ask())["acr"] == "aal1"
    assert ask(acr_values="aal2", prompt="none").answer["error"] == "interaction_required"


# hints


def test_an_id_token_hint_of_the_person_is_accepted_expired_or_not(
    home: Browser, bank: Relying, server: Running
) -> None:
    hint = bank.redeem(home.get(authorize_url(bank.id, bank.redirect_uri)).answer["code"]).json()["id_token"]
    [old] = signed_here(server, {**claims(hint), "iat": 1_700_000_000, "exp": 1_700_000_300}, typ="JWT")
    for each in (hint, old):
        assert "code" in home.get(authorize_url(bank.id, bank.redirect_uri, prompt="none", id_token_hint=each)).answer


def test_an_id_token_hint_for_another_subject_is_login_required_under_none_and_pins_who_may_answer(
    home: Browser, sign_in: Do, browser: Browser, ask: Do, bank: Relying, robin: Person, sam: Person
) -> None:
    hint = bank.redeem(home.get(authorize_url(bank.id, bank.redirect_uri)).answer["code"]).json()["id_token"]
    sign_in(sam)
    assert ask(prompt="none", id_token_hint=hint).answer["error"] == "login_required"
    page = ask(id_token_hint=hint)
    other = browser.submit(page, username=sam.name, password=sam.password)
    assert "code" not in other.answer
    right = browser.submit(browser.follow(other), username=robin.name, password=robin.password)
    assert told(bank, right)["sub"] == robin.id


def test_a_foreign_an_access_and_an_unsigned_token_are_no_hints(home: Browser, bank: Relying, shop: Relying) -> None:
    foreign = shop.redeem(home.get(authorize_url(shop.id, shop.redirect_uri)).answer["code"]).json()["id_token"]
    mine = bank.redeem(home.get(authorize_url(bank.id, bank.redirect_uri)).answer["code"]).json()
    unsigned = "eyJhbGciOiJub25lIn0." + mine["id_token"].split(".")[1] + "."
    for hint in (foreign, mine["access_token"], unsigned, mine["id_token"][:-4] + "AAAA"):
        page = home.get(authorize_url(bank.id, bank.redirect_uri, id_token_hint=hint))
        assert page.answer["error"] == "invalid_request"


def test_a_login_hint_fills_in_the_name(ask: Do) -> None:
    assert ask(login_hint="sam@example.org").form("username", "password")["fields"]["username"] == "sam@example.org"  # type: ignore[index]  # a form's fields


def test_ui_locales_choose_the_language(ask: Do) -> None:
    assert 'lang="de"' in ask(ui_locales="fr de en").body
    assert 'lang="en"' in ask(ui_locales="xx").body


# scopes and actions


def test_a_scope_whose_demand_cannot_be_met_is_never_granted(home: Browser, bank: Relying) -> None:
    page = home.get(authorize_url(bank.id, bank.redirect_uri, scope="openid payments", prompt="none"))
    assert page.answer["error"] in {"interaction_required", UNMET}


def test_a_scope_whose_proof_was_removed_before_the_code_came_is_left_out(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    code = browser.submit(ask(scope="openid payments"), otp=alex.code()).answer["code"]
    from_app = "DELETE FROM authenticators WHERE subject = :subject AND method = 'totp'"
    execute(server, from_app, subject=alex.id)
    answer = bank.redeem(code).json()
    assert (answer["scope"], claims(answer["access_token"])["acr"]) == ("openid", "aal1")


def changed(**fields: object) -> str:
    return json.dumps([{**PAYMENT, "fields": {**PAYMENT["fields"], **fields}}])  # type: ignore[dict-item]  # a JSON object


@pytest.mark.parametrize(
    "details",
    [
        "{}",
        "null",
        '"x"',
        "[1]",
        json.dumps([{"type": "bank.transfer"}]),
        json.dumps([{**PAYMENT, "actions": []}]),
        json.dumps([{**PAYMENT, "actions": ["send", "send"]}]),
        json.dumps([{**PAYMENT, "actions": ["steal"]}]),
        json.dumps([{**PAYMENT, "type": ["bank.transfer"]}]),
        json.dumps([{**PAYMENT, "fields": []}]),
        json.dumps([{**PAYMENT, "locations": ["https://bank.example"]}]),
        changed(amount={"minor": 0, "currency": "EUR"}),
        changed(amount={"minor": -5, "currency": "EUR"}),
        changed(amount={"minor": 5.0, "currency": "EUR"}),
        changed(amount={"minor": True, "currency": "EUR"}),
        changed(amount={"minor": 10**16, "currency": "EUR"}),
        changed(amount={"minor": 5, "currency": "eur"}),
        changed(amount={"minor": 5, "currency": "EUR", "more": 1}),
        changed(payee={"id": "DE89", "name": "Maria\u202eexample", "country": "DE"}),
        changed(payee={"id": "DE89", "name": "Maria\nexample", "country": "DE"}),
        changed(reference="r" * 200),
        changed(reference="\ud800"),
        changed(memo="x"),
        '[{"type":"bank.transfer","type":"x","actions":["send"],"fields":{}}]',
    ],
)
def test_rfc9396_an_unknown_type_field_or_value_is_invalid_authorization_details(
    home: Browser, bank: Relying, details: str
) -> None:
    url = authorize_url(bank.id, bank.redirect_uri, authorization_details=details)
    assert home.get(url).answer["error"] == "invalid_authorization_details"


def test_rfc9396_a_type_not_registered_for_the_client_is_refused(server: Running, home: Browser) -> None:
    plain = server.client("no-actions", action_types=())
    url = authorize_url(plain.id, plain.redirect_uri, authorization_details=json.dumps([PAYMENT]))
    assert home.get(url).answer["error"] == "invalid_authorization_details"


def test_two_details_parameters_came_twice(home: Browser, bank: Relying) -> None:
    twice = urlencode({"authorization_details": json.dumps([PAYMENT])})
    assert home.get(f"{authorize_url(bank.id, bank.redirect_uri)}&{twice}&{twice}").answer["error"] == "invalid_request"
