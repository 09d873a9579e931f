"""What only a policy of one's own demands: an enrolment inside a step-up, fields of every kind, a scope that forbids a way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from server.tests.inside.inside import ADVANCE, Inside
from tests.security.stage import PAYMENT, assertion, confirm_passkey, execute, time_passes
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying
from tests.simulators.webauthn_device import Device

Do = Callable[..., Page]
Twin = Callable[[], Browser]
ORDER: dict[str, Any] = {
    "type": "depot.order",
    "actions": ["buy"],
    "fields": {
        "value": {"minor": 120_000, "currency": "EUR"},
        "fee": {"minor": 450, "currency": "EUR"},
        "depot": {"id": "DEPOT-77-4", "name": "Alex's depot", "country": "DE"},
        "pieces": 12,
    },
}


def creating(page: Page) -> bool:
    return any("data-passkey-create" in form["data"] for form in page.parsed.forms)


@pytest.fixture
def enrolling(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> Page:
    """alex, signed in by password and code, is asked for a passkey that the account does not have yet."""
    sign_in(alex)
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer
    return ask(scope="openid vault")


def test_s25_where_a_new_authenticator_leads_there_the_step_up_enrols_it_and_is_answered(
    enrolling: Page, browser: Browser, bank: Relying
) -> None:
    assert creating(enrolling)
    added = confirm_passkey(browser, enrolling, Device())
    assert added.location == enrolling.url
    answer = browser.get(enrolling.url).answer
    assert bank.redeem(answer["code"]).json()["scope"] == "openid vault"


def test_s17_a_new_authenticator_still_has_to_confirm_a_bound_action(
    enrolling: Page, browser: Browser, bank: Relying, ask: Do
) -> None:
    page, device = ask(scope="openid vault", authorization_details=json.dumps([PAYMENT])), Device()
    assert creating(page)
    confirm_passkey(browser, page, device)
    answer = assertion(browser, browser.get(page.url), device).answer
    assert bank.redeem(answer["code"]).json()["authorization_details"][0]["binding"] == "signed"


def test_s05_an_enrolment_inside_a_step_up_asks_first_for_the_proof_that_allows_it(
    server: Inside, enrolling: Page, browser: Browser, ask: Do, alex: Person
) -> None:
    time_passes(server, alex, 301)
    page = browser.get(enrolling.url)
    assert page.form("otp")
    page = browser.follow(browser.submit(page, otp=alex.code()))
    assert creating(page)


def test_s05_where_that_proof_was_lost_meanwhile_the_request_is_refused(
    server: Inside, enrolling: Page, browser: Browser, alex: Person
) -> None:
    sql = "UPDATE authenticators SET ceiling = 'aal1' WHERE subject = :s AND method = 'totp'"
    execute(server, sql, s=alex.id)
    assert browser.get(enrolling.url).answer["error"] == "unmet_authentication_requirements"


def test_a_new_authenticator_of_a_step_up_that_was_declined_meanwhile_is_not_added(
    server: Inside, enrolling: Page, browser: Browser, twin: Twin, alex: Person
) -> None:
    csrf = str(enrolling.form("attestation")["fields"]["csrf"])
    no = {"csrf": csrf, "decision": "decline"}
    server.gate.before(ADVANCE, lambda: twin().post(enrolling.url, no))
    late = confirm_passkey(browser, enrolling, Device())
    assert "error=already_enrolled" in (late.location or "")
    methods = server.rows("SELECT method FROM authenticators WHERE subject = :s AND method = 'passkey'", s=alex.id)
    assert methods == []


def test_a_wrong_attestation_is_said_on_the_page_and_the_sixth_is_not_looked_at(
    server: Inside, enrolling: Page, browser: Browser, alex: Person
) -> None:
    for _ in range(5):
        wrong = browser.submit(enrolling, has=("attestation",), attestation="{}", name="Odd")
        assert "error=malformed" in (wrong.location or "")
        assert "No passkey was added" in browser.follow(wrong).text
    spent = browser.submit(enrolling, has=("attestation",), attestation="{}", name="Odd")
    assert (spent.status, spent.location) == (429, None)


def test_a_wrong_code_of_a_new_app_is_worded_as_a_code(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/totp"))
    wrong = browser.follow(browser.submit(page, otp="000000"))
    assert "That code doesn\u2019t match" in wrong.text


def test_s17_the_first_amount_is_the_largest_and_every_other_field_a_row(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([ORDER]))
    text = page.text.replace("\u00a0", " ")
    for shown in ("Buy", "1,200.00", "Fee", "4.50", "Alex's depot", "Account", "DEPOT-77-4", "Pieces", "12"):
        assert shown in text
    token = bank.redeem(_confirmed(browser, page, alex)["code"]).json()
    entry = token["authorization_details"][0]
    assert entry["fields"] == ORDER["fields"]


def test_s17_the_clients_own_words_stand_in_quotation_marks(sign_in: Do, ask: Do, alex: Person) -> None:
    sign_in(alex)
    named = {**PAYMENT, "fields": {**PAYMENT["fields"], "reference": "Rent for May"}}
    page = ask(authorization_details=json.dumps([named]))
    assert "Reference \u201cRent for May\u201d" in page.text
    assert "DE89 3704 0044 0532 0130 00" in page.text.replace("\u00a0", " ")


def test_only_what_was_granted_can_be_redeemed_and_refreshed(sign_in: Do, ask: Do, bank: Relying, sam: Person) -> None:
    sign_in(sam)
    archive = "http://localhost:9/archive"
    code = ask(scope="openid offline_access", resource=archive).answer["code"]
    assert bank.redeem(code, resource="http://localhost:9/other").json()["error"] == "invalid_target"
    token = bank.redeem(code, resource=archive).json()
    assert bank.refresh(token["refresh_token"], scope="openid payments").json()["error"] == "invalid_scope"
    assert bank.refresh(token["refresh_token"], scope="openid").json()["scope"] == "openid"
    assert bank.refresh("no token at all").json()["error"] == "invalid_grant"


def test_without_openid_there_is_no_id_token(sign_in: Do, ask: Do, bank: Relying, sam: Person) -> None:
    sign_in(sam)
    token = bank.redeem(ask(scope="profile").answer["code"]).json()
    assert (token["scope"], "id_token" in token, "access_token" in token) == ("profile", False, True)


def test_with_no_place_in_the_password_pool_nothing_is_checked_and_the_page_says_so(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, sam: Person
) -> None:
    page = ask()
    busy(server)
    told = browser.follow(browser.submit(page, username="nobody-here", password="x"))
    known = browser.follow(browser.submit(page, username=sam.name, password=sam.password))
    for each in (told, known):
        assert "Too many people sign in right now" in each.text
    free(server)
    assert "code" in browser.submit(known, username=sam.name, password=sam.password).answer


def test_a_new_password_waits_for_a_place_in_the_pool_too(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/password"))
    busy(server)
    told = browser.follow(browser.submit(page, password="violet harbour 77"))
    assert "Too many people sign in right now" in told.text
    free(server)
    assert "done=password" in (browser.submit(told, password="violet harbour 77").location or "")


def busy(server: Inside) -> None:
    """Fill every place of the pool."""
    while server.services.pool._places.acquire(blocking=False):
        server.taken += 1


def free(server: Inside) -> None:
    server.services.pool._places.release(server.taken)
    server.taken = 0


def _confirmed(browser: Browser, page: Page, person: Person) -> dict[str, str]:
    return browser.submit(page, otp=person.code()).answer
