"""The account's pages: what they say, where their buttons lead, and what they say when it is late."""

import pytest
from server.tests.inside.acts import APOSTROPHE, Do, Twin, disable, heading, press, way
from server.tests.inside.inside import Inside
from tests.security.stage import (
    add_passkey,
    assertion,
    execute,
    fields,
    signed_up,
    time_passes,
)
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person
from tests.simulators.webauthn_device import Device


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
