"""/authorize: classes, ages, prompts, hints, scopes and actions (OpenID Connect Core 3.1.2.1 and 5.5, RFC 9396, RFC 9470)."""

import json
import time
from collections.abc import Callable
from threading import Event
from urllib.parse import urlencode

import pytest
from server.tests.protocol.exchange import PAYMENT, aged, claims, essential, execute, signed_here, told
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running

Do = Callable[..., Page]
UNMET = "unmet_authentication_requirements"


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
    assert ask(login_hint="sam@example.org").form("username", "password")["fields"]["username"] == "sam@example.org"


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
