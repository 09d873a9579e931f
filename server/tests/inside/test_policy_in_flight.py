"""Another policy while a step-up or a code is under way: what was begun must meet the demand of then and of now."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from server.tests.inside.inside import DEPOT, POLICY, Inside
from server.tests.inside.switched import BANK, UNMET, deciding
from tests.security.stage import PAYMENT
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying

Do = Callable[..., Page]
Twin = Callable[[], Browser]
SECOND = """
  - id: sign-in-second
    on: newel.session:sign_in
    require: {evidence: {aal2: session}}
"""
PASSKEY = """
  - id: sign-in-passkey
    on: newel.session:sign_in
    require: {evidence: {phr: session}}
"""
SEND_PASSKEY = """
  - id: send-passkey
    on: bank.transfer:send
    require: {evidence: {phr: session}}
"""
NO_SENDING = """
  - id: nobody-sends
    on: bank.transfer:send
    require: {deny: closed-today}
"""
PAYMENTS_PASSKEY = """
  - id: payments-passkey
    on: newel.scope:payments
    require: {evidence: {phr: session}}
"""
LAXER = BANK.replace("{aal2: session}", "{aal1: session}")
NO_BANK = """\
newel: 1
name: no-bank
schema:
  facts: {now: timestamp}
  resources: {}
rules:
  - id: sign-in
    on: newel.session:sign_in
    require: {evidence: {aal1: session}}
"""
MORE_FIELDS = BANK.replace("fields:\n", "fields:\n        purpose: {text: 20, label: Purpose}\n")
OTHER_FIELDS = BANK.replace(
    "reference: {text: 140, optional: true, free: true, label: Reference}", "rows: {int: [0, 9]}"
)
OTHER_KIND = (
    BANK.replace("amount: {money: true, label: Amount}", "amount: {int: [0, 1000], label: Amount}")
    .replace("field: amount.minor", "field: amount")
    .replace("[0, 1000000000000000]", "[0, 1000]")
    .replace("> 1000000\n", "> 900\n")
    .replace("> 3000 ", "> 300 ")
)
STRENGTH = """
evidence:
  aal1: {lasts: 30d}
  aal2: {implies: [aal1], lasts: 24h, idle: 1h}
  phr: {implies: [aal2], lasts: 24h, idle: 1h}
  aal3: {implies: [phr], lasts: 12h, idle: 15m}
  paper: {implies: [aal1], lasts: 24h, idle: 1h, methods: [[password, recovery_code]]}
acr_order: [aal3, phr, aal2, paper, aal1]
rules:
"""


@pytest.fixture
def paying(sign_in: Do, ask: Do, alex: Person) -> Page:
    """The page that asks alex, who is signed in by password, to confirm a payment."""
    sign_in(alex)
    named = {**PAYMENT, "fields": {**PAYMENT["fields"], "reference": "Rent"}}
    return ask(authorization_details=json.dumps([named]))


def test_s09_a_step_up_begun_under_a_laxer_policy_meets_the_stricter_one_too(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    page = ask(prompt="login")
    with deciding(server, BANK + SECOND, DEPOT):
        further = browser.follow(browser.submit(page, has=("password",), password=alex.password))
        answer = browser.submit(further, otp=alex.code()).answer
        token = bank.redeem(answer["code"]).json()["access_token"]
    assert bank.introspect(token)["acr"] == "aal2"


def test_s09_a_step_up_that_the_stricter_policy_makes_impossible_is_refused_in_words(
    server: Inside, stepping: Page, browser: Browser, alex: Person
) -> None:
    with deciding(server, BANK + PASSKEY, DEPOT):
        answer = browser.submit(stepping, otp=alex.code())
    assert answer.answer["error"] == UNMET
    assert "authenticators" in answer.answer["error_description"]


def test_s09_a_session_that_another_tab_lifted_does_not_end_a_step_up_below_the_stricter_policy(
    server: Inside, stepping: Page, ask: Do, browser: Browser, twin: Twin, bank: Relying, alex: Person
) -> None:
    other = twin()
    again = other.follow(other.get(authorize_url(bank.id, bank.redirect_uri, acr_values="aal2")))
    assert "code" in other.submit(again, otp=alex.code()).answer
    browser.cookies.update(other.cookies)
    with deciding(server, BANK + PASSKEY, DEPOT):
        answer = browser.get(stepping.url)
    assert answer.answer["error"] == UNMET


def test_s33_what_another_tab_completed_is_recorded_with_its_targets(
    server: Inside, stepping: Page, browser: Browser, twin: Twin, bank: Relying, alex: Person
) -> None:
    other = twin()
    again = other.follow(other.get(authorize_url(bank.id, bank.redirect_uri, acr_values="aal2")))
    assert "code" in other.submit(again, otp=alex.code()).answer
    browser.cookies.update(other.cookies)
    assert "code" in browser.get(stepping.url).answer
    ((body,),) = server.rows("SELECT body FROM audit WHERE kind = 'authorize.met' ORDER BY at DESC, seq DESC LIMIT 1")
    assert b"newel.session:sign_in" in body


def test_s09_a_step_up_begun_under_a_stricter_policy_still_meets_it(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    page = ask(scope="openid payments")
    with deciding(server, LAXER, DEPOT):
        again = browser.get(page.url)
        assert again.form("otp")
        code = browser.submit(again, otp=alex.code()).answer["code"]
        answer = bank.redeem(code).json()
    assert answer["scope"] == "openid payments"
    assert bank.introspect(answer["access_token"])["acr"] == "aal2"


@pytest.mark.parametrize("policy", [NO_BANK, MORE_FIELDS, OTHER_FIELDS, OTHER_KIND, BANK + NO_SENDING])
@pytest.mark.parametrize("step", ["look", "look in German", "answer"])
def test_an_action_that_is_no_longer_declared_as_it_was_asked_is_refused_in_words(
    server: Inside, paying: Page, browser: Browser, alex: Person, policy: str, step: str
) -> None:
    with deciding(server, policy):
        if step == "answer":
            answer = browser.submit(paying, otp=alex.code())
        else:
            answer = browser.get(paying.url + ("?ui_locales=de" if "German" in step else ""))
    assert answer.answer["error"] == UNMET
    assert answer.answer["error_description"] == "this is refused"


def test_a_class_that_is_no_longer_declared_is_refused_in_words(
    server: Inside, sign_in: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK.replace("rules:\n", STRENGTH, 1), DEPOT):
        sign_in(alex)
        page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, acr_values="paper")))
        assert page.form("recovery_code")
    assert browser.get(page.url).answer["error"] == UNMET


def test_a_client_may_name_a_strength_that_the_policy_declares(
    server: Inside, sign_in: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK.replace("rules:\n", STRENGTH, 1), DEPOT):
        sign_in(alex)
        page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, acr_values="paper")))
        answer = browser.submit(page, recovery_code=alex.recovery[0])
        token = bank.redeem(answer.answer["code"]).json()["access_token"]
        assert bank.introspect(token)["acr"] == "paper"


def confirmed(browser: Browser, page: Page, person: Person) -> str:
    return browser.submit(page, otp=person.code()).answer["code"]


@pytest.mark.parametrize("rules", [SEND_PASSKEY, NO_SENDING])
def test_s09_an_approval_in_a_code_is_issued_only_where_it_meets_the_policy_of_now(
    server: Inside, paying: Page, browser: Browser, bank: Relying, alex: Person, rules: str
) -> None:
    code = confirmed(browser, paying, alex)
    with deciding(server, BANK + rules, DEPOT):
        answer = bank.redeem(code).json()
    assert "access_token" in answer
    assert "authorization_details" not in answer
    assert "authorization_details" not in bank.introspect(answer["access_token"])


@pytest.mark.parametrize("policy", [NO_BANK, MORE_FIELDS, OTHER_FIELDS, OTHER_KIND])
def test_an_approval_in_a_code_of_what_is_no_longer_declared_is_not_issued(
    server: Inside, paying: Page, browser: Browser, bank: Relying, alex: Person, policy: str
) -> None:
    code = confirmed(browser, paying, alex)
    with deciding(server, policy):
        answer = bank.redeem(code).json()
    assert "access_token" in answer
    assert "authorization_details" not in answer


def test_an_approval_that_meets_the_policy_of_now_is_issued(
    server: Inside, paying: Page, browser: Browser, bank: Relying, alex: Person
) -> None:
    code = confirmed(browser, paying, alex)
    with deciding(server, BANK, DEPOT, NO_BANK_RULE):
        answer = bank.redeem(code).json()
    assert answer["authorization_details"][0]["type"] == "bank.transfer"


NO_BANK_RULE = """\
newel: 1
rules:
  - id: home-network
    on: ["bank.transfer:send", "newel.scope:*", "newel.session:sign_in"]
    unless: cidr("127.0.0.0/8").containsIP(client.ip)
    require: {evidence: {phr: session}}
"""
"""Met where the facts of the authorization request are known: the token endpoint sees no browser."""


def test_s09_a_code_that_does_not_meet_the_sign_in_of_now_is_refused(
    server: Inside, sign_in: Do, bank: Relying, alex: Person
) -> None:
    code = sign_in(alex).answer["code"]
    with deciding(server, BANK + SECOND, DEPOT):
        answer = bank.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "another policy" in answer.json()["error_description"]


def test_s09_a_scope_in_a_code_is_granted_only_where_it_meets_the_policy_of_now(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    code = confirmed(browser, ask(scope="openid payments"), alex)
    with deciding(server, BANK + PAYMENTS_PASSKEY, DEPOT):
        assert bank.redeem(code).json()["scope"] == "openid"


def test_a_scope_that_reads_the_address_is_granted_from_where_the_request_came(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    with deciding(server, BANK, DEPOT, NO_BANK_RULE):
        code = ask(scope="openid profile").answer["code"]
        assert bank.redeem(code).json()["scope"] == "openid profile"


def test_under_the_policy_of_then_a_code_is_worth_what_it_was(
    server: Inside, paying: Page, browser: Browser, bank: Relying, alex: Person
) -> None:
    assert server.services.policy is POLICY
    answer: dict[str, Any] = bank.redeem(confirmed(browser, paying, alex)).json()
    assert answer["authorization_details"][0]["binding"] == "confirmed"


SHORT = """
  - id: short
    on: {target}
    require: {{session: {{max_life: 20s}}}}
"""


@pytest.mark.parametrize("target", ["newel.session:sign_in", "bank.transfer:send"])
@pytest.mark.parametrize("when", ["then", "now"])
def test_s09_a_token_lives_no_longer_than_the_policy_of_then_and_that_of_now_allow(
    server: Inside, paying: Page, browser: Browser, bank: Relying, alex: Person, target: str, when: str
) -> None:
    policies = [BANK + SHORT.format(target=target), BANK]
    first, second = policies if when == "then" else reversed(policies)
    with deciding(server, first, DEPOT):
        code = confirmed(browser, paying, alex)
    with deciding(server, second, DEPOT):
        answer: dict[str, Any] = bank.redeem(code).json()
    assert answer["authorization_details"]
    assert answer["expires_in"] == 20


KEY_BOUND = """
  - id: key-bound
    on: newel.session:sign_in
    require: {session: {key_bound: true}}
"""


def test_a_key_bound_token_cannot_be_given_yet_and_whoever_is_asked_for_one_is_told_so(
    server: Inside, sign_in: Do, alex: Person
) -> None:
    with deciding(server, BANK + KEY_BOUND, DEPOT):
        answer = sign_in(alex).answer
    assert answer["error"] == UNMET
    assert answer["error_description"] == "a key-bound access token is demanded, and none is issued yet"
