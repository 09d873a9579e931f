"""No third-party request, no violation of the page's own policy, and a policy that lets the answer home."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.authenticator import plug_in
from tests.browser.scenes import at_payment
from tests.browser.site import Site, answer, sign_in

pytestmark = pytest.mark.xdist_group("browser")


def test_a_whole_payment_asks_nobody_but_the_server_and_the_client(page: Page, site: Site) -> None:
    asked: set[str] = set()
    page.on("request", lambda each: asked.add(each.url.partition("?")[0]))
    person = site.person(app=True)
    device = site.passkey(person)
    sign_in(page, site, person)
    plug_in(page, device)
    page.goto(site.pay())
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    page.goto("/account")
    expect(page.locator("#sign-out")).to_be_visible()
    ours, theirs = site.server.issuer + "/", site.landing + "/"
    assert {each for each in asked if not each.startswith((ours, theirs, "data:"))} == set()
    assert any("/static/" in each for each in asked)
    assert (site.third_parties, site.complaints) == ([], [])


def test_the_watch_sees_a_foreign_request_and_a_violated_policy(page: Page, site: Site) -> None:
    page.goto(site.ask())
    foreign = "https://elsewhere.example/pixel.png"
    with (
        page.expect_request(foreign),
        page.expect_event("console", lambda each: "Content Security Policy" in each.text),
    ):
        page.evaluate("(address) => { new Image().src = address; }", foreign)
    assert site.third_parties == [foreign]
    assert len(site.complaints) == 1
    site.third_parties.clear()
    site.complaints.clear()


def test_the_policy_lets_a_form_end_at_the_one_registered_address(page: Page, site: Site) -> None:
    shown = page.goto(site.ask())
    assert shown is not None
    policy = shown.headers["content-security-policy"]
    assert f"form-action 'self' {site.landing};" in policy
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert shown.headers["cross-origin-opener-policy"] == "same-origin"
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    assert answer(page)["state"] == "state-1"


def test_a_page_without_a_client_lets_a_form_end_here_only(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    with page.expect_response("**/account") as shown:
        page.goto("/account")
    assert "form-action 'self';" in shown.value.headers["content-security-policy"]


def test_declining_lets_the_answer_home_too(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    assert answer(page)["error"] == "access_denied"
