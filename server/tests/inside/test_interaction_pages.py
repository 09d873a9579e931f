"""The pages of an interaction: answered, declined, reported, rested, and late."""

import json

import pytest
from server.tests.inside.acts import APOSTROPHE, Do, heading
from server.tests.inside.inside import Inside
from tests.security.stage import (
    PAYMENT,
    SESSION,
    assertion,
    confirm_passkey,
    execute,
    fields,
    number,
    signed_up,
)
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person
from tests.simulators.webauthn_device import Device


def test_a_second_press_lands_on_the_answer_for_a_while_and_then_says_that_it_was_given(
    server: Inside, stepping: Page, browser: Browser, alex: Person
) -> None:
    answer = browser.submit(stepping, otp=alex.code())
    assert browser.get(stepping.url).location == answer.location
    with server.later(40):
        late = browser.get(stepping.url)
        assert (late.status, heading(late)) == (200, "Already confirmed")


def test_what_was_declined_says_so_and_asking_again_there_leads_nowhere(stepping: Page, browser: Browser) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    assert browser.post(stepping.url, {"csrf": csrf, "decision": "decline"}).answer["error"] == "access_denied"
    for page in (browser.get(stepping.url), browser.post(stepping.url, {"csrf": csrf, "decision": "again"})):
        assert page.status == 200
        assert "code" not in page.answer
    pressed = browser.post(f"{stepping.url}/again", {"csrf": csrf})
    assert pressed.location == stepping.url


def test_s21_who_did_not_start_this_stops_it_and_ends_the_session(
    server: Inside, stepping: Page, browser: Browser
) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    page = browser.follow(browser.post(stepping.url, {"csrf": csrf, "decision": "report"}))
    assert (page.status, heading(page)) == (200, "Stopped")
    assert number(stepping)[-8:].upper() in page.text
    assert browser.follow(browser.get("/account")).form("username", "password")


def test_a_sign_in_is_reported_without_a_session(ask: Do, browser: Browser) -> None:
    page = ask()
    stopped = browser.follow(browser.post(page.url, {"csrf": fields(page, "username")["csrf"], "decision": "report"}))
    assert heading(stopped) == "Stopped"


def test_another_way_is_chosen_on_a_page_of_its_own(stepping: Page, browser: Browser, ask: Do, alex: Person) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    added = confirm_passkey(browser, browser.follow(browser.submit(_adding(browser), otp=alex.code())), Device())
    assert "done=added" in str(added.location)
    assert "passkey or code" in ask(prompt="login").text
    page = ask(acr_values="aal2", prompt="login")
    listed = browser.get(f"{page.url}/ways")
    assert listed.status == 200
    chosen = browser.post(f"{page.url}/ways", {"csrf": csrf, "way": "passkey"})
    assert chosen.location == f"{page.url}?way=passkey"
    assert browser.post(f"{page.url}/ways", {"csrf": csrf, "way": "telepathy"}).location == page.url
    assert browser.post(f"{page.url}/ways", {"csrf": "wrong", "way": "passkey"}).status == 403


def _adding(browser: Browser) -> Page:
    return browser.follow(browser.get("/account/add/passkey"))


def test_where_nothing_is_asked_there_are_no_ways(
    server: Inside, ask: Do, browser: Browser, sign_in: Do, sam: Person
) -> None:
    asked = ask()
    assert browser.get(f"{asked.url}/ways").location == asked.url
    assert str(browser.get("/i/unknown/ways").location).endswith("/i/unknown")
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    assert browser.get(f"{page.url}/ways").location == page.url


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"acr_values": "aal2"}, ("The application asked for a stronger or a more recent proof.", "Two proofs.")),
        ({"acr_values": "aal2", "max_age": "600"}, ("Two proofs, the last no older than 10 min.",)),
        ({"prompt": "login"}, ("One proof.",)),
        ({"scope": "openid payments"}, ("Because whatever can move money needs a second proof.",)),
        (
            {"authorization_details": json.dumps([PAYMENT])},
            ("Send", "Because payment law asks", "no older than 5 min, for exactly this"),
        ),
    ],
)
def test_a_page_says_why_it_asks(
    sign_in: Do, ask: Do, browser: Browser, alex: Person, asked: dict[str, str], says: tuple[str, ...]
) -> None:
    sign_in(alex)
    page = browser.get(f"{ask(**asked).url}/why")
    assert page.status == 200
    for each in (*says, "Password (a moment ago)"):
        assert each in page.text
    browser.cookies.pop(SESSION)
    assert "Nothing yet." in browser.get(page.url).text


def test_a_page_says_what_was_proven_before_in_the_same_sign_in_and_how_long_ago(
    server: Inside, ask: Do, browser: Browser, alex: Person
) -> None:
    asked = browser.submit(ask(acr_values="phr aal2", ui_locales="de"), username=alex.name, password=alex.password)
    page = browser.follow(asked)
    assert SESSION not in browser.cookies
    assert "Passwort (gerade eben)" in browser.get(f"{page.url}/why").text
    with server.later(180):
        assert "Passwort (vor 3 Minuten)" in browser.get(f"{page.url}/why?ui_locales=de").text
        assert "Password (3 minutes ago)" in browser.get(f"{page.url}/why?ui_locales=en").text


def test_a_way_that_was_used_again_is_listed_once(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2", prompt="login")
    page = browser.follow(browser.submit(page, username=alex.name, password=alex.password))
    assert browser.get(f"{page.url}/why").text.count("Password (") == 1


def test_a_way_that_was_removed_since_is_not_listed(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    page = ask(authorization_details=json.dumps([PAYMENT]))
    why = f"{page.url}/why"
    assert "Password (a moment ago), Code from your app (a moment ago)" in browser.get(why).text
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert "Code from your app" not in browser.get(why).text


def test_the_account_says_why_it_asks_and_a_sign_in_has_no_why(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    asked = ask()
    assert browser.get(f"{asked.url}/why").status == 404
    sign_in(alex)
    page = browser.follow(browser.get("/account/add/passkey"))
    why = browser.get(f"{page.url}/why")
    assert server.services.policy.version in why.body
    assert "Changing how you sign in needs your strongest proof" in why.text
    assert "Two proofs, the last no older than 5 min." in why.text


def test_not_you_of_an_unknown_page_is_gone(browser: Browser) -> None:
    assert browser.get("/i/unknown/not-you").status == 404


def test_s17_a_proof_that_was_bound_in_one_language_is_shown_in_it_to_the_end(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(prompt="login", authorization_details=json.dumps([PAYMENT]))
    page = browser.follow(browser.submit(page, has=("password",), password=alex.password))
    german = browser.get(f"{page.url}?ui_locales=de")
    assert "5,000.00" in german.text.replace("\u00a0", " ")
    assert "code" in browser.submit(german, otp=alex.code()).answer


def test_a_passkey_that_nobody_here_knows_is_told_to_the_browser(ask: Do, browser: Browser, server: Inside) -> None:
    page, device = ask(), Device()
    person = signed_up(browser, server, "forgotten", device)
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'passkey'", s=person.id)
    page = ask()
    told = assertion(browser, page, device)
    assert "error=unknown_credential&credential=" in str(told.location)
    assert "credentialId" in browser.follow(told).body
    assert "credentialId" not in browser.get(f"{page.url}?way=passkey&error=unknown_credential&credential=*").body
    odd = browser.post(page.url, {**fields(page, "username"), "way": "totp", "otp": "123456"})
    assert "error=malformed" in str(odd.location)


@pytest.mark.parametrize("another", [False, True], ids=["one-way", "another-way"])
def test_s11_a_way_that_was_tried_too_often_rests_and_the_others_are_offered(
    sign_in: Do, ask: Do, browser: Browser, alex: Person, another: bool
) -> None:
    sign_in(alex)
    if another:
        confirm_passkey(browser, browser.follow(browser.submit(_adding(browser), otp=alex.code())), Device())
    asked = {"acr_values": "aal2", "prompt": "login"} if another else {"acr_values": "aal2"}
    rests = None
    while rests is None:
        page = ask(**asked)
        for _ in range(5):
            told = browser.post(page.url, {**fields(page, "csrf"), "way": "totp", "otp": "000000"})
            if told.status == 429:
                rests = told
                break
    assert heading(rests) == "This way rests for a while"
    assert int(rests.headers["retry-after"]) > 0
    assert ("/ways" in rests.body) == ("Your other ways still work" in rests.text) == another


def test_s11_a_name_that_was_tried_too_often_rests(server: Inside, ask: Do, browser: Browser) -> None:
    rests = None
    while rests is None:
        page = ask()
        for _ in range(5):
            told = browser.submit(page, username="somebody-resting", password="wrong")
            if told.status == 429:
                rests = told
                break
    assert heading(rests) == "Too many tries from here"


def test_a_recovery_code_is_a_way_that_is_chosen_and_its_faults_are_worded(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(prompt="login")
    assert "recovery_code" in browser.get(f"{page.url}/ways").body
    recovering = browser.get(f"{page.url}?way=recovery_code")
    wrong = browser.submit(recovering, has=("recovery_code",), recovery_code="AAAA-BBBB-CCCC-DDDD")
    again = browser.follow(wrong)
    assert f"That recovery code doesn{APOSTROPHE}t match" in again.text
    assert "code" in browser.submit(again, has=("recovery_code",), recovery_code=alex.recovery[0]).answer


def test_new_recovery_codes_take_the_place_of_the_old_ones(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    asked = browser.follow(browser.get("/account/add/recovery_code"))
    page = browser.follow(browser.submit(asked, otp=alex.code()))
    assert "done=recovery_code" in str(browser.submit(page, has=("written",), written="1").location)
    sql = "SELECT count(*) FROM authenticators WHERE subject = :s AND method = 'recovery_code'"
    assert server.rows(sql, s=alex.id) == [(1,)]
    recovering = browser.get(f"{ask(prompt='login').url}?way=recovery_code")
    told = browser.submit(recovering, has=("recovery_code",), recovery_code=alex.recovery[0])
    assert "way=recovery_code&error=" in str(told.location)
