"""The pages that refuse: each says what is so, once, and offers only what there is."""

from collections.abc import Callable

import pytest
from server.tests.protocol.exchange import execute
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying, Running

Do = Callable[..., Page]
PREFIX = "urn:ietf:params:oauth:request_uri:"
OVER, UNREADABLE = "This request has ended", "The application asked in a way we don\u2019t understand"
UNKNOWN = "This application isn\u2019t registered here"


def heading(page: Page) -> str:
    return page.body.partition("<h1>")[2].partition("</h1>")[0]


def csrf(page: Page) -> str:
    return page.form("csrf")["fields"]["csrf"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"request_uri={PREFIX}unknown", OVER),
        ("request_uri=https://elsewhere.example/request", UNREADABLE),
        ("", UNREADABLE),
        ("redirect_uri=https://evil.example/", UNKNOWN),
        ("redirect_uri=http://a&redirect_uri=http://b", UNREADABLE),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(browser: Browser, bank: Relying, query: str, says: str) -> None:
    page = browser.get(f"/authorize?client_id={bank.id}&response_type=code&{query}")
    assert (page.status, page.location, heading(page)) == (400, None, says)


def test_a_client_that_is_not_registered_is_told_from_a_request_that_is_over(browser: Browser) -> None:
    assert heading(browser.get(f"/authorize?client_id=nobody&request_uri={PREFIX}unknown")) == UNKNOWN


def test_a_page_without_an_address_of_its_own_offers_no_other_language(
    browser: Browser, ask: Do, bank: Relying
) -> None:
    asked = ask()
    assert "ui_locales=de" in asked.body
    nowhere = (
        browser.get("/authorize?client_id=nobody"),
        browser.get(f"/authorize?client_id={bank.id}&request_uri={PREFIX}x"),
        browser.post(asked.url, {"csrf": "wrong", "username": "x", "password": "y"}),
        browser.get("/nowhere"),
    )
    for page in nowhere:
        assert page.status >= 400
        assert "ui_locales" not in page.body


def test_a_declined_page_says_what_did_not_happen_once(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    browser.post(page.url, {"csrf": csrf(page), "decision": "decline"})
    declined = browser.get(page.url)
    assert heading(declined) == "Nothing was changed."
    assert declined.text.count("Nothing was changed") == 2  # in the heading, and so in the title
    assert "You are still signed in as before." in declined.text


def test_a_spent_interaction_speaks_of_other_ways_only_where_there_are_some(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    values = {"csrf": csrf(page), "way": "totp", "otp": "000000"}
    for _ in range(5):
        browser.post(page.url, values)
    spent = browser.post(page.url, values)
    assert (spent.status, heading(spent)) == (429, "This way rests for a while")
    assert "It works again from" in spent.text
    assert "other ways" not in spent.text
    assert "/ways" not in spent.body


def test_a_wrong_password_of_a_known_person_says_nothing_of_the_name(
    sign_in: Do, ask: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.submit(ask(prompt="login"), password="wrong"))
    assert "That password doesn\u2019t match." in page.text
    assert "Name and password" not in page.text
    busy = browser.get(f"{page.url.partition('?')[0]}?way=password&error=busy")
    assert "Too many people sign in right now." in busy.text


def test_s25_a_way_that_counts_for_less_and_nothing_can_confirm_says_so_and_offers_no_confirmation(
    sign_in: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    assert "It counts only as much" not in browser.get("/account").text
    execute(server, "UPDATE authenticators SET ceiling = 'aal1' WHERE subject = :id AND method = 'totp'", id=alex.id)
    page = browser.get("/account")
    assert "It counts only as much as the way you added it with, and waiting doesn\u2019t change that" in page.text
    assert "Confirm it with an older way" not in page.text
