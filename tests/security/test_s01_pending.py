"""S01: a pending ceremony is not a session."""

from tests.security.stage import BROWSER, SESSION, Do, number
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running


def test_s01_no_session_exists_before_the_required_set_is_proven(
    ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    page = browser.submit(ask(acr_values="aal2"), username=alex.name, password=alex.password)
    assert page.location
    assert page.location.startswith(server.issuer)
    assert SESSION not in browser.cookies
    assert server.rows("SELECT COUNT(*) FROM sessions WHERE subject = :id", id=alex.id) == [(0,)]
    assert "code" in browser.submit(browser.follow(page), otp=alex.code()).answer
    assert SESSION in browser.cookies


def test_s01_a_half_proven_ceremony_answers_no_other_request(
    ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    browser.submit(ask(acr_values="aal2"), username=alex.name, password=alex.password)
    silent = browser.get(authorize_url(bank.id, bank.redirect_uri, prompt="none"))
    assert silent.answer["error"] == "login_required"
    assert "/i/" in (browser.get("/account").location or "")


def test_s01_neither_the_browser_key_nor_an_interaction_passes_for_a_session(
    ask: Do, browser: Browser, alex: Person
) -> None:
    page = browser.follow(browser.submit(ask(acr_values="aal2"), username=alex.name, password=alex.password))
    key = browser.cookies[BROWSER]
    for planted in (key, f"{number(page)}.{key}", number(page)):
        browser.cookies[SESSION] = planted
        assert browser.get("/account").status == 303
