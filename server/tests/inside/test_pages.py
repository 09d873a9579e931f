"""Every page of a person at the server itself: what it says, where its buttons lead, and what it says when it is late."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from inside import Inside, broken
from tests.security.stage import (
    PAYMENT,
    SESSION,
    add_passkey,
    assertion,
    confirm_passkey,
    execute,
    fields,
    number,
    signed_up,
    time_passes,
)
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying
from tests.simulators.webauthn_device import Device

from newel.cli.opening import Open
from newel.domain.value import replace
from newel.storage.base import Unit
from newel.storage.sql.subjects import replace_subject, subject

Do = Callable[..., Page]
Twin = Callable[[], Browser]
APOSTROPHE = "\u2019"


def heading(page: Page) -> str:
    return page.body.partition("<h1>")[2].partition("</h1>")[0]


def way(server: Inside, person: Person, method: str) -> str:
    sql = "SELECT id FROM authenticators WHERE subject = :s AND method = :m ORDER BY id DESC"
    return str(server.rows(sql, s=person.id, m=method)[0][0])


def disable(server: Inside, identifier: str) -> None:
    """Disable a subject, and leave its sessions as they are."""

    async def work(everything: Open) -> None:
        found = await everything.store.one(subject(identifier))
        assert found is not None
        await everything.store.commit(Unit((replace_subject(replace(found, disabled=True)),)))

    server.open(work)


def press(browser: Browser, act: str, identifier: str, **more: str) -> Page:
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    return browser.post("/account", {"csrf": csrf, "act": act, "id": identifier, **more})


@pytest.fixture
def stepping(sign_in: Do, ask: Do, alex: Person) -> Page:
    """The page that asks alex, who is signed in by password, for a code."""
    sign_in(alex)
    return ask(acr_values="aal2")


# the account


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("done=removed&name=Old+key", "Old key was removed."),
        ("done=renamed&name=New+key", "It is now called New key."),
        ("done=confirmed&name=Key", "Key is confirmed"),
        ("done=added&name=Key", "Key was added."),
        ("done=password", "Your new password works from now on."),
        ("done=recovery_code", "Your new recovery codes work from now on."),
        ("not=unknown", f"That way isn{APOSTROPHE}t in your account any more."),
        ("not=impossible", f"Your ways to confirm can{APOSTROPHE}t allow this change."),
        ("not=moved", "Something changed meanwhile"),
        ("not=last_way", "This is your last way to sign in."),
    ],
)
def test_the_account_says_what_was_done_and_what_was_not(
    sign_in: Do, browser: Browser, sam: Person, told: str, says: str
) -> None:
    sign_in(sam)
    assert says in browser.get(f"/account?{told}").text
    assert says not in browser.get("/account?done=else&not=else").text


def test_a_button_that_the_account_does_not_have_does_nothing(sign_in: Do, browser: Browser, sam: Person) -> None:
    sign_in(sam)
    own = "unknown"
    for act, more in (("burn", {}), ("rename", {"name": " "}), ("", {})):
        assert str(press(browser, act, own, **more).location).endswith("/account")


def test_a_fresh_sign_in_is_enough_for_a_change_of_a_password_account(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    identifier = way(server, sam, "password")
    assert "done=renamed" in str(press(browser, "rename", identifier, name="Mine").location)
    assert browser.post("/account", {"csrf": "wrong", "act": "rename", "id": identifier}).status == 403
    assert server.rows("SELECT name FROM authenticators WHERE id = :id", id=identifier) == [("Mine",)]


def test_who_is_signed_in_nowhere_signs_in_first(browser: Browser) -> None:
    for address in ("/account", "/account/add/passkey"):
        assert browser.follow(browser.get(address)).form("username", "password")
    page = browser.follow(browser.get("/account"))
    told = {"csrf": fields(page, "username")["csrf"], "act": "remove", "id": "any"}
    assert str(browser.post("/account", told).location).endswith("/account")


def test_a_person_who_was_disabled_has_no_account_and_no_page(
    server: Inside, stepping: Page, browser: Browser, alex: Person
) -> None:
    disable(server, alex.id)
    assert "not=unknown" in str(browser.get("/account/add/passkey").location)
    assert browser.follow(browser.get("/account")).form("username", "password")
    assert browser.get(stepping.url).status == 404
    assert "signed out" in browser.get("/sign-out").text.lower() or browser.get("/sign-out").status == 200


def test_a_way_that_nobody_can_add_is_unknown(sign_in: Do, browser: Browser, sam: Person) -> None:
    sign_in(sam)
    assert "not=unknown" in str(browser.get("/account/add/telegram").location)


def test_the_last_way_to_sign_in_is_not_removed(server: Inside, sign_in: Do, browser: Browser, sam: Person) -> None:
    sign_in(sam)
    assert "not=last_way" in str(press(browser, "remove", way(server, sam, "password")).location)


def test_s25_an_older_passkey_confirms_a_new_one(server: Inside, browser: Browser) -> None:
    old, new = Device(), Device()
    person = signed_up(browser, server, "confirming", old)
    page = browser.follow(browser.get("/account"))
    browser.follow(assertion(browser, page, old))
    assert "done=added" in str(add_passkey(browser, new, name="New").location)
    identifier = way(server, person, "passkey")
    execute(server, "UPDATE authenticators SET ceiling = 'aal1' WHERE id = :id", id=identifier)
    assert "until you confirm it" in browser.get("/account").text
    time_passes(server, person, 301)
    page = browser.follow(press(browser, "confirm", identifier))
    done = assertion(browser, page, old)
    assert "done=confirmed&name=New" in str(done.location)
    assert server.rows("SELECT ceiling FROM authenticators WHERE id = :id", id=identifier) == [(None,)]


def test_what_another_tab_proved_meanwhile_lets_a_change_go_on_by_itself(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, twin: Twin, alex: Person
) -> None:
    sign_in(alex)
    identifier = way(server, alex, "totp")
    page = browser.follow(press(browser, "rename", identifier, name="Phone"))
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer
    assert "done=renamed" in str(browser.get(page.url).location)
    assert server.rows("SELECT name FROM authenticators WHERE id = :id", id=identifier) == [("Phone",)]


def test_a_change_that_nothing_can_allow_any_more_is_refused(
    server: Inside, sign_in: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = browser.follow(press(browser, "rename", way(server, alex, "totp"), name="Phone"))
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert "not=impossible" in str(browser.get(page.url).location)
    assert browser.get(page.url).status == 410


def test_where_nothing_can_allow_a_change_it_is_not_begun(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    execute(server, "UPDATE authenticators SET ceiling = 'aal1' WHERE subject = :s", s=sam.id)
    assert "not=impossible" in str(browser.get("/account/add/passkey").location)


def test_an_answer_to_an_enrolment_that_no_page_showed_is_malformed(sign_in: Do, browser: Browser, sam: Person) -> None:
    sign_in(sam)
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    address = str(browser.get("/account/add/passkey").location)
    late = browser.post(address, {"csrf": csrf, "attestation": "{}"})
    assert "error=malformed" in str(late.location)


def test_an_expired_page_of_the_account_offers_nothing_to_ask_again(
    server: Inside, sign_in: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = browser.follow(browser.get("/account/add/passkey"))
    told = {**fields(page, "otp"), "otp": alex.code()}
    with server.later(700):
        late = browser.get(page.url)
        assert (late.status, heading(late)) == (410, "The time ran out")
        assert "/again" not in late.body
        assert browser.post(page.url, told).location == page.url


# sign-up


@pytest.fixture
def choosing(server: Inside, browser: Browser, request: pytest.FixtureRequest) -> Page:
    """The page on which somebody new chooses a password."""
    address = server.sign_up_address(f"new-{request.node.name.partition('[')[0][-24:].replace('_', '-').strip('-')}")
    return browser.follow(browser.submit(browser.get(address), has=("csrf",)))


@pytest.fixture
def second(choosing: Page, browser: Browser) -> Page:
    """The page that offers a second way."""
    return browser.follow(browser.submit(choosing, password="violet harbour 77"))


def test_a_password_that_is_not_taken_is_told_why(server: Inside, browser: Browser, choosing: Page) -> None:
    for password, says in (
        ("short", "too short"),
        ("x y" * 60, "too long"),
        ("password1234", "Many people use that password"),
        ("password1234\u0007", f"couldn{APOSTROPHE}t be added"),
    ):
        told = browser.submit(choosing, password=password)
        assert "way=password&error=" in str(told.location)
        assert says in browser.follow(told).text
    assert browser.submit(choosing, password="violet harbour 77").location == choosing.url


def test_later_ends_a_sign_up_signed_in(browser: Browser, second: Page) -> None:
    done = browser.post(second.url, {"csrf": fields(second, "csrf")["csrf"], "later": "1"})
    assert str(done.location).endswith("/account")
    assert browser.get("/account").status == 200


def test_a_second_way_is_confirmed_on_its_own_page(browser: Browser, second: Page) -> None:
    csrf = fields(second, "csrf")["csrf"]
    assert browser.post(second.url, {"csrf": csrf, "otp": "123456"}).location == second.url
    page = browser.get(f"{second.url}?add=totp")
    assert "add=passkey" in page.body
    wrong = browser.submit(page, otp="000000")
    assert "add=totp&way=totp&error=wrong_code" in str(wrong.location)
    assert f"That code doesn{APOSTROPHE}t match" in browser.follow(wrong).text
    codes = browser.get(f"{second.url}?add=recovery_code")
    done = browser.submit(codes, has=("written",), written="1")
    assert "done=recovery_code" in str(done.location)


def test_an_odd_second_way_is_not_begun(browser: Browser, second: Page) -> None:
    assert heading(browser.get(f"{second.url}?add=password")) == heading(second)


def test_a_sixth_wrong_second_way_is_not_looked_at(browser: Browser, second: Page) -> None:
    page = browser.get(f"{second.url}?add=totp")
    answers = [str(browser.submit(page, otp="000000").location) for _ in range(6)]
    assert ["busy" in each for each in answers] == [False] * 5 + [True]


def test_a_person_who_was_disabled_meanwhile_signs_up_no_more(server: Inside, browser: Browser, second: Page) -> None:
    sql = "SELECT subject FROM sign_ups ORDER BY spent_at IS NULL, spent_at DESC, id DESC LIMIT 1"
    ((person,),) = server.rows(sql)
    csrf = fields(second, "csrf")["csrf"]
    disable(server, str(person))
    assert browser.get(second.url).status == 410
    assert browser.post(second.url, {"csrf": csrf, "later": "1"}).location == second.url
    assert SESSION not in browser.cookies


def test_a_person_who_was_disabled_meanwhile_chooses_no_password(
    server: Inside, browser: Browser, choosing: Page
) -> None:
    ((person,),) = server.rows("SELECT subject FROM sign_ups ORDER BY id DESC LIMIT 1")
    disable(server, str(person))
    assert browser.submit(choosing, password="violet harbour 77").status == 410
    assert server.rows("SELECT id FROM authenticators WHERE subject = :s", s=person) == []


def test_an_address_that_was_spent_meanwhile_begins_nothing(server: Inside, browser: Browser, twin: Twin) -> None:
    address = server.sign_up_address("spent-meanwhile")
    opened = browser.get(address)
    other = twin()
    page = other.follow(other.submit(other.get(address), has=("csrf",)))
    assert other.submit(page, password="violet harbour 77").location == page.url
    assert browser.submit(opened, has=("csrf",)).status == 410
    assert browser.get(address).status == 410
    assert browser.post(address, {"csrf": "wrong"}).status == 403


# an interaction


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
    for each in (*says, "Password at"):
        assert each in page.text
    browser.cookies.pop(SESSION)
    assert "Nothing yet." in browser.get(page.url).text


def test_the_account_says_why_it_asks_and_a_sign_in_has_no_why(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    asked = ask()
    assert browser.get(f"{asked.url}/why").status == 404
    sign_in(alex)
    page = browser.follow(browser.get("/account/add/passkey"))
    why = browser.get(f"{page.url}/why")
    assert "account-floor" in why.body
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


# leaving


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


# the protocol's edges


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
