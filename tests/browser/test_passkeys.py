"""Passkeys and security keys in Chromium, with a virtual authenticator (WebAuthn Level 3, pages.md, Behaviours)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.authenticator import plug_in
from tests.browser.site import Site, answer, sign_in

QUIET = """const get = CredentialsContainer.prototype.get;
CredentialsContainer.prototype.get = function (options) {
  return options.mediation ? new Promise(() => {}) : get.call(this, options);
};"""
"""A person who does not choose from the autofill bar: the virtual authenticator would answer it at once."""

pytestmark = pytest.mark.xdist_group("browser")


def test_a_person_signs_up_with_a_passkey_and_signs_in_with_it_without_a_name(page: Page, site: Site) -> None:
    page.add_init_script(QUIET)
    held = plug_in(page)
    page.goto(site.server.sign_up_address("robin"))
    page.click("#submit")
    page.fill("#password", "violet orchard 77")
    page.click("#submit")
    page.click("#passkey")
    page.fill("#name", "Robin's laptop")
    page.click("#submit")
    expect(page.locator("#notice")).to_contain_text("Robin's laptop was added.")
    assert [each["isResidentCredential"] for each in held.credentials] == [True]
    page.click("#sign-out")
    page.goto(site.ask())
    page.click("#passkey")
    page.wait_for_url(site.landing + "/**")
    claims = site.claims(page)
    assert [(each["method"], each["uv"]) for each in claims["newel_ledger"]] == [("passkey", True)]


def test_the_request_for_the_autofill_bar_does_not_break_the_button(page: Page, site: Site) -> None:
    person = site.person()
    device = site.passkey(person)
    page.add_init_script(
        """window.asked = [];
        const get = CredentialsContainer.prototype.get;
        CredentialsContainer.prototype.get = function (options) {
          const own = { mediation: options.mediation ?? "", allowed: options.publicKey.allowCredentials?.length ?? 0 };
          window.asked.push(own);
          options.signal?.addEventListener("abort", () => { own.aborted = true; });
          if (options.mediation) return new Promise(() => {});
          sessionStorage.asked = JSON.stringify(window.asked);
          return get.call(this, options);
        };"""
    )
    plug_in(page, device)
    page.goto(site.ask())
    page.wait_for_function("window.asked.length === 1")
    page.click("#passkey")
    page.wait_for_url(site.landing + "/**")
    page.goto("/healthz")
    asked = page.evaluate("JSON.parse(sessionStorage.asked)")
    assert asked == [{"mediation": "conditional", "allowed": 0, "aborted": True}, {"mediation": "", "allowed": 0}]


def test_the_autofill_bar_alone_signs_in(page: Page, site: Site) -> None:
    person = site.person()
    plug_in(page, site.passkey(person))
    page.goto(site.ask())
    page.wait_for_url(site.landing + "/**")
    assert site.claims(page)["sub"] == person.id


def test_a_passkey_signs_exactly_the_payment_that_its_page_showed(page: Page, site: Site) -> None:
    person = site.person(app=True)
    device = site.passkey(person)
    sign_in(page, site, person)
    plug_in(page, device)
    page.goto(site.pay())
    expect(page.locator(".bound .amount")).to_have_text("5,000.00 EUR")
    expect(page.locator(".bound dl")).to_contain_text("Maria Example")
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    claims = site.claims(page)
    assert [entry["binding"] for entry in claims["authorization_details"]] == ["signed"]
    assert claims["newel_ledger"][-1]["binding"] == "signed"


def test_a_code_only_confirms_a_payment(page: Page, site: Site) -> None:
    person = site.person(app=True)
    site.passkey(person)
    sign_in(page, site, person)
    page.goto(site.pay())
    page.click("#with-code summary")
    page.fill("#otp", person.code())
    page.click("#submit-code")
    page.wait_for_url(site.landing + "/**")
    assert [entry["binding"] for entry in site.claims(page)["authorization_details"]] == ["confirmed"]


def test_a_passkey_that_is_not_used_is_said_beside_its_button_and_changes_nothing(page: Page, site: Site) -> None:
    person = site.person(app=True)
    device = site.passkey(person)
    sign_in(page, site, person)
    held = plug_in(page, device)
    held.cannot_verify()
    page.goto(site.pay())
    before = site.server.rows("SELECT revision, attempts FROM interactions ORDER BY id DESC LIMIT 1")
    button = page.locator("#submit")
    button.focus()
    page.keyboard.press("Enter")
    said = page.locator("form:has(#submit) [role=alert]:visible")
    expect(said).to_have_text("Nothing was sent: no passkey was used. Try again or use a code.")
    expect(button).to_be_focused()
    assert not page.locator("form[aria-busy]").count()
    assert site.server.rows("SELECT revision, attempts FROM interactions ORDER BY id DESC LIMIT 1") == before
    held.tell("setUserVerified", isUserVerified=True)
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    assert "code" in answer(page)


def test_a_sign_in_without_any_passkey_says_so_and_the_password_still_works(page: Page, site: Site) -> None:
    person = site.person()
    page.add_init_script(QUIET)
    plug_in(page).cannot_verify()
    page.goto(site.ask())
    page.click("#passkey")
    said = page.locator("form:has(#passkey) [role=alert]:visible")
    expect(said).to_have_text("No passkey was used. Try again, or sign in with your password.")
    expect(page.locator("#passkey")).to_be_focused()
    page.fill("#username", person.name)
    page.fill("#password", person.password)
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")


def test_a_credential_that_is_no_longer_known_is_reported_to_the_browser(page: Page, site: Site) -> None:
    person = site.person()
    device = site.passkey(person)
    site.forget(person, "passkey")
    page.add_init_script(
        """const signal = PublicKeyCredential.signalUnknownCredential;
        PublicKeyCredential.signalUnknownCredential = (told) => {
          window.told = told;
          return signal.call(PublicKeyCredential, told);
        };"""
    )
    page.add_init_script(QUIET)
    held = plug_in(page, device)
    page.goto(site.ask())
    page.click("#passkey")
    expect(page.locator("form:has(#passkey) .error:visible")).to_have_text(
        "That passkey is no longer in your account. Use another one, or another way."
    )
    assert page.title().startswith("Error: ")
    told = page.evaluate("window.told")
    assert told["rpId"] == "localhost"
    assert held.credentials == []


def test_a_security_key_that_does_not_verify_its_user_stands_beside_a_password(page: Page, site: Site) -> None:
    person = site.person()
    key = site.passkey(
        person,
        name="Blue key",
        method="security_key",
        user_verifying=False,
        discoverable=False,
        transports=("usb",),
    )
    sign_in(page, site, person)
    plug_in(page, key, transport="usb", hasUserVerification=False, isUserVerified=False, hasResidentKey=False)
    page.goto(site.pay())
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    claims = site.claims(page)
    assert [(each["method"], each["uv"]) for each in claims["newel_ledger"]][-1] == ("security_key", False)
    assert claims["acr"] == "aal2"
    assert claims["authorization_details"][0]["binding"] == "signed"
