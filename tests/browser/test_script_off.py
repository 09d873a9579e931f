"""Without script: passwords and codes, declining, another way and signing out all work; passkeys say why they do not."""

import time
from base64 import b32decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from newel.factors import totp
from tests.browser.scenes import (
    Scene,
    at_payment,
    at_put_off,
    at_put_off_enrolment,
    at_put_off_proof,
    at_recovery,
    at_told,
    someone,
)
from tests.browser.site import Site, answer, sign_in
from tests.simulators.running import STEP

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    context = site.context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    yield context.new_page()
    context.close()


def test_a_password_signs_in(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    assert site.claims(page)["acr"] == "aal1"


def test_a_code_confirms_a_payment_beside_a_passkey(page: Page, site: Site) -> None:
    person = someone(page, site)
    page.goto(site.pay())
    expect(page.locator("#submit")).to_be_hidden()
    expect(page.locator("noscript .note")).to_have_text(
        "Passkeys need JavaScript, which is off in this browser. Use a code."
    )
    page.click("#with-code summary")
    page.fill("#otp", person.code())
    page.click("#submit-code")
    page.wait_for_url(site.landing + "/**")
    assert site.claims(page)["authorization_details"][0]["binding"] == "confirmed"


def test_passkeys_are_hidden_on_the_sign_in_page_and_a_line_says_why(page: Page, site: Site) -> None:
    page.goto(site.ask())
    expect(page.locator("#passkey")).to_be_hidden()
    expect(page.locator("noscript p")).to_have_text(
        "Passkeys need JavaScript, which is off in this browser. Use your password."
    )


@pytest.mark.parametrize("scene", [at_put_off, at_put_off_proof, at_put_off_enrolment])
def test_what_can_be_put_off_is(page: Page, site: Site, scene: Scene) -> None:
    scene(page, site)
    expect(page.locator("#not-now-more")).to_contain_text("You can put this off 2 more times, until 30 November 2098.")
    page.click("#not-now")
    page.wait_for_url(site.landing + "/**")
    assert site.claims(page)["acr"] == ("aal2" if scene is at_put_off_enrolment else "aal1")


def test_a_fallback_that_the_password_meets_is_told_before_it_goes_on(page: Page, site: Site) -> None:
    at_told(page, site)
    expect(page.locator(".note")).to_contain_text("what you have proven already is taken in its place")
    page.reload()
    page.click("text=Why am I asked?")
    expect(page.locator("#taken dd")).to_have_text("One proof. Your account has nothing stronger.")
    page.click("#back")
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    assert site.claims(page)["acr"] == "aal1"


def test_declining_takes_the_no_to_the_client(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    assert answer(page)["error"] == "access_denied"


def test_declining_to_sign_in_takes_the_no_to_the_client(page: Page, site: Site) -> None:
    page.goto(site.ask())
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    assert answer(page)["error"] == "access_denied"


def test_another_way_is_chosen(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#other-way")
    page.click("button[value=totp]")
    expect(page.locator("#otp")).to_be_visible()
    expect(page.locator("#submit")).to_have_text("Send with code")


def test_a_recovery_code_is_taken(page: Page, site: Site) -> None:
    at_recovery(page, site)
    expect(page.locator("#recovery-code")).to_be_visible()


def test_signing_out_ends_the_session(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto("/account")
    page.click("#sign-out")
    expect(page.locator("h1")).to_have_text("Signed out")
    page.goto("/account")
    expect(page.locator("#password")).to_be_visible()


def test_somebody_new_signs_up_with_a_password_and_an_app(page: Page, site: Site) -> None:
    page.goto(site.sign_up_address())
    page.click("#submit")
    page.fill("#password", "violet orchard 77")
    page.click("#submit")
    page.click("#app")
    text = (page.text_content("#secret") or "").replace(" ", "").strip()
    seed = b32decode(text + "=" * (-len(text) % 8))
    page.fill("#otp", totp.code(seed, int(time.time()) // STEP))
    page.click("#submit")
    expect(page.locator("#notice")).to_have_text("Authenticator app was added.")


def test_a_passkey_cannot_be_added_and_the_page_says_so(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto("/account/add/passkey")
    expect(page.locator("#submit")).to_be_hidden()
    expect(page.locator("noscript .note")).to_have_text(
        "Passkeys need JavaScript, which is off in this browser. Add an authenticator app."
    )
    page.click("#other-way")
    expect(page.locator("#otp")).to_be_visible()
