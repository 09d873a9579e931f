"""Two requests at once, one of them exactly between the other's look and its commit: whoever comes second changes nothing (S13)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from server.tests.inside.inside import ADVANCE, Inside
from tests.security.stage import PAYMENT, SESSION, execute, fields
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying
from tests.simulators.webauthn_device import Device

Do = Callable[..., Page]
Twin = Callable[[], Browser]


def number(page: Page) -> str:
    return page.url.partition("/i/")[2].partition("?")[0]


def state(server: Inside, page: Page) -> str:
    return str(server.rows("SELECT state FROM interactions WHERE id = :id", id=number(page))[0][0])


def way(server: Inside, person: Person, method: str) -> str:
    sql = "SELECT id FROM authenticators WHERE subject = :s AND method = :m"
    return str(server.rows(sql, s=person.id, m=method)[0][0])


def names(server: Inside, person: Person) -> set[str]:
    sql = "SELECT name FROM authenticators WHERE subject = :s"
    return {str(row[0]) for row in server.rows(sql, s=person.id)}


def decline(browser: Browser, page: Page, *has: str) -> Page:
    return browser.post(page.url, {"csrf": fields(page, *has)["csrf"], "decision": "decline"})


@pytest.fixture
def stepping(sign_in: Do, ask: Do, alex: Person) -> Page:
    """The page that asks alex, who is signed in by password, for a code."""
    sign_in(alex)
    return ask(acr_values="aal2")


def changing(browser: Browser, act: str, identifier: str, **more: str) -> Page:
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    return browser.follow(browser.post("/account", {"csrf": csrf, "act": act, "id": identifier, **more}))


def test_a_change_of_the_account_that_was_declined_meanwhile_is_not_made(
    server: Inside, sign_in: Do, browser: Browser, twin: Twin, alex: Person
) -> None:
    sign_in(alex)
    page = changing(browser, "rename", way(server, alex, "totp"), name="Renamed")
    server.gate.before(ADVANCE, lambda: decline(twin(), page, "otp"))
    late = browser.submit(page, otp=alex.code())
    assert late.location == f"{server.issuer}/account?not=moved&name="
    assert server.gate.passed
    assert "Renamed" not in names(server, alex)
    assert "Something changed meanwhile" in browser.get(late.location).text


def test_of_two_wrong_passwords_at_once_the_second_names_no_reason(
    server: Inside, ask: Do, browser: Browser, twin: Twin, sam: Person
) -> None:
    page = ask()
    server.gate.before(ADVANCE, lambda: twin().submit(page, username=sam.name, password="first wrong"))
    late = browser.submit(page, username=sam.name, password="second wrong")
    assert (late.status, late.location) == (303, page.url)
    assert "code" in browser.submit(browser.get(page.url), username=sam.name, password=sam.password).answer


def test_a_first_proof_that_another_tab_gave_too_leads_to_where_things_stand(
    server: Inside, ask: Do, browser: Browser, twin: Twin, alex: Person
) -> None:
    page = ask(acr_values="aal2")
    told: dict[str, Any] = {"username": alex.name, "password": alex.password}
    server.gate.before(ADVANCE, lambda: twin().submit(page, **told))
    late = browser.submit(page, **told)
    assert late.location == page.url
    assert server.gate.passed
    assert "code" in browser.submit(browser.get(page.url), otp=alex.code()).answer


def test_s06_a_session_that_another_tab_lifted_meanwhile_does_not_gain_what_is_proven_here(
    server: Inside, stepping: Page, ask: Do, browser: Browser, twin: Twin, alex: Person
) -> None:
    again, before = ask(prompt="login"), browser.cookies[SESSION]
    other = twin()
    server.gate.before(ADVANCE, lambda: other.submit(again, has=("password",), password=alex.password))
    answer = browser.submit(stepping, otp=alex.code())
    assert "code" in answer.answer
    assert other.cookies[SESSION] != before
    lineages = {each.cookies[SESSION].partition(".")[0] for each in (browser, other)}
    assert before.partition(".")[0] in lineages
    assert len(lineages) == 2


def test_s29_a_proof_in_a_session_that_was_ended_meanwhile_lifts_nothing(
    server: Inside, stepping: Page, browser: Browser, twin: Twin, alex: Person
) -> None:
    other, before = twin(), browser.cookies[SESSION]
    leaving = other.get("/sign-out")
    server.gate.before(ADVANCE, lambda: other.submit(leaving, has=("csrf",), decision="sign_out"))
    late = browser.submit(stepping, otp=alex.code())
    assert (late.location, browser.cookies[SESSION]) == (stepping.url, before)
    assert browser.get(stepping.url).status == 404


def test_an_authenticator_that_was_removed_meanwhile_proves_nothing(
    server: Inside, stepping: Page, browser: Browser, alex: Person
) -> None:
    gone = way(server, alex, "totp")
    sql = "DELETE FROM authenticators WHERE id = :id"
    server.gate.before(ADVANCE, lambda: execute(server, sql, id=gone))
    late = browser.submit(stepping, otp=alex.code())
    assert late.location == f"{stepping.url}?way=totp&error=code_used"
    assert state(server, stepping) == "open"


def test_of_two_noes_the_second_leads_to_the_account(
    server: Inside, stepping: Page, browser: Browser, twin: Twin
) -> None:
    server.gate.before(ADVANCE, lambda: decline(twin(), stepping, "otp"))
    assert decline(browser, stepping, "otp").location == f"{server.issuer}/account"
    assert state(server, stepping) == "declined"


def test_s17_of_two_languages_chosen_at_once_the_second_is_shown_what_stands(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, twin: Twin, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([PAYMENT]))
    german = f"{page.url}?ui_locales=de"
    server.gate.before(ADVANCE, lambda: twin().get(german))
    late = browser.get(german)
    assert (late.status, late.location) == (303, page.url)
    assert "5.000,00" in browser.get(german).text.replace("\u00a0", " ")


def test_s09_a_request_that_cannot_be_met_any_more_is_refused_once(
    server: Inside, stepping: Page, browser: Browser, twin: Twin, alex: Person
) -> None:
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    server.gate.before(ADVANCE, lambda: twin().get(stepping.url))
    late = browser.get(stepping.url)
    assert late.location == stepping.url
    assert state(server, stepping) == "refused"
    assert browser.get(stepping.url).status == 410


def test_of_two_looks_at_an_enrolment_one_makes_the_draft_and_both_show_it(
    server: Inside, sign_in: Do, browser: Browser, twin: Twin, sam: Person
) -> None:
    sign_in(sam)
    address = browser.get("/account/add/totp").location or ""
    drafts: list[Page] = []
    server.gate.before(ADVANCE, lambda: drafts.append(twin().get(address)))
    late = browser.get(address)
    assert late.location == address
    assert browser.get(address).body.count(_secret(drafts[0])) > 0


def test_a_new_authenticator_whose_page_was_declined_meanwhile_is_not_added(
    server: Inside, sign_in: Do, browser: Browser, twin: Twin, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    server.gate.before(ADVANCE, lambda: decline(twin(), page, "attestation"))
    made = Device().create(_creation(page), origin=server.issuer)
    late = browser.submit(page, has=("attestation",), attestation=made, name="Late")
    assert "error=already_enrolled" in (late.location or "")
    assert names(server, sam) == {"password"}


def test_of_two_looks_at_a_sign_up_one_makes_the_draft(server: Inside, browser: Browser, twin: Twin) -> None:
    address = server.sign_up_address("meanwhile-one")
    page = browser.follow(browser.submit(browser.get(address), has=("csrf",)))
    assert browser.submit(page, password="violet harbour 77").location == page.url
    second = f"{page.url}?add=totp"
    server.gate.before(ADVANCE, lambda: twin().get(second))
    late = browser.get(second)
    assert late.location == second
    assert browser.get(second).form("otp")


def test_of_two_laters_of_a_sign_up_the_second_gets_no_session(server: Inside, browser: Browser, twin: Twin) -> None:
    address = server.sign_up_address("meanwhile-two")
    page = browser.follow(browser.submit(browser.get(address), has=("csrf",)))
    page = browser.follow(browser.submit(page, password="violet harbour 77"))
    told = {"csrf": fields(page, "csrf")["csrf"], "later": "1"}
    other = twin()
    server.gate.before(ADVANCE, lambda: other.post(page.url, told))
    assert browser.post(page.url, told).location == page.url
    assert (SESSION in browser.cookies, SESSION in other.cookies) == (False, True)


def test_of_two_answers_to_one_pushed_request_only_one_is_a_code(
    server: Inside, sign_in: Do, browser: Browser, twin: Twin, bank: Relying, sam: Person
) -> None:
    sign_in(sam)
    form = {"response_type": "code", "redirect_uri": bank.redirect_uri, "scope": "openid", "state": "s"}
    proof = dict(each.split("=") for each in authorize_url("", "").split("?")[1].split("&") if "challenge" in each)
    uri = bank.post("/par", **form, **proof).json()["request_uri"]
    address = f"/authorize?client_id={bank.id}&request_uri={uri}"
    first: list[Page] = []
    server.gate.before("INSERT INTO codes", lambda: first.append(twin().get(address)))
    late = browser.get(address)
    assert "code" in first[0].answer
    assert late.answer["error"] == "invalid_request"


def test_of_two_redemptions_of_a_code_the_second_ends_what_the_first_issued(
    server: Inside, sign_in: Do, bank: Relying, sam: Person
) -> None:
    code = sign_in(sam).answer["code"]
    first: list[Any] = []
    server.gate.before("UPDATE codes", lambda: first.append(bank.redeem(code).json()))
    late = bank.redeem(code)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")
    assert bank.introspect(first[0]["access_token"]) == {"active": False}


def test_s29_a_refresh_token_that_was_spent_meanwhile_ends_its_family(
    server: Inside, sign_in: Do, ask: Do, app: Relying, sam: Person
) -> None:
    sign_in(sam)
    token = app.redeem(ask(app, scope="openid offline_access").answer["code"]).json()["refresh_token"]
    spent: list[str] = []

    def twice() -> None:
        for _ in range(2):
            spent.append(app.refresh([token, *spent][-1]).json()["refresh_token"])

    server.gate.before("UPDATE families", twice)
    assert app.refresh(token).json()["error"] == "invalid_grant"
    assert app.refresh(spent[-1]).json()["error"] == "invalid_grant"


def _creation(page: Page) -> str:
    form = next(form for form in page.parsed.forms if "data-passkey-create" in form["data"])
    return str(form["data"]["data-passkey-create"])


def _secret(page: Page) -> str:
    return page.body.partition("secret=")[2].split("&")[0].split('"')[0]


def test_s13_a_press_that_comes_after_the_answer_but_was_read_before_it_lands_on_the_same_answer(
    server: Inside, browser: Browser, ask: Do, sign_in: Do, alex: Person, twin: Twin
) -> None:
    sign_in(alex)
    page, code = ask(acr_values="aal2"), alex.code()
    first: list[Page] = []
    server.gate.before("UPDATE interactions SET attempts", lambda: first.append(twin().submit(page, otp=code)))
    late = browser.submit(page, otp=code)
    assert server.gate.passed
    assert (late.status, late.location) == (303, page.url)
    assert browser.follow(late).location == first[0].location


def test_s10_the_last_attempt_of_another_tab_is_an_attempt_spent(
    server: Inside, browser: Browser, ask: Do, sign_in: Do, alex: Person, twin: Twin
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    for _ in range(4):
        browser.follow(browser.submit(page, otp="000000"))
    server.gate.before("UPDATE interactions SET attempts", lambda: twin().submit(page, otp="000000"))
    assert browser.submit(page, otp=alex.code()).status == 429
    assert server.gate.passed
