"""Sign-up, its second way, and what happened meanwhile."""

import pytest
from server.tests.inside.acts import APOSTROPHE, Twin, disable, heading
from server.tests.inside.inside import Inside
from tests.security.stage import (
    SESSION,
    fields,
)
from tests.simulators.person import Browser, Page


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
