"""Back, reload, twice, and tabs (pages.md, Behaviours): never a second ceremony, and the same result."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scenes import WRONG, at_payment_code, at_payment_code_only_error, someone
from tests.browser.site import Site, answer, sign_in

pytestmark = pytest.mark.xdist_group("browser")


def landed(site: Site) -> re.Pattern[str]:
    """An address of the client; looked for again and again, since a second press may end the first way there."""
    return re.compile(re.escape(site.landing) + "/")


def test_a_double_press_signs_in_once(page: Page, site: Site) -> None:
    person = site.person()
    page.goto(site.ask())
    page.fill("#username", person.name)
    page.fill("#password", person.password)
    page.dblclick("#submit")
    expect(page).to_have_url(landed(site))
    assert site.claims(page)["sub"] == person.id


def test_a_double_press_confirms_a_payment_once(page: Page, site: Site) -> None:
    person = someone(page, site, passkey=False)
    page.goto(site.pay())
    page.fill("#otp", person.code())
    page.dblclick("#submit")
    expect(page).to_have_url(landed(site))
    assert site.claims(page)["authorization_details"][0]["binding"] == "confirmed"


def test_the_same_form_sent_from_two_tabs_lands_on_the_same_answer(page: Page, site: Site) -> None:
    person = someone(page, site, passkey=False)
    page.goto(site.pay())
    other = page.context.new_page()
    other.goto(page.url)
    code = person.code()
    for each in (page, other):
        each.fill("#otp", code)
    for each in (page, other):
        each.click("#submit")
        each.wait_for_url(site.landing + "/**")
    assert answer(other) == answer(page)


def test_back_to_an_answered_step_is_no_second_ceremony(page: Page, site: Site) -> None:
    person = someone(page, site, passkey=False)
    page.goto(site.pay())
    here = page.url
    page.fill("#otp", person.code())
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    landed = answer(page)
    page.go_back()
    page.wait_for_load_state()
    assert answer(page) == landed
    site.long_ago(here)
    page.goto(here)
    expect(page.locator("h1")).to_have_text("Already confirmed")
    assert page.locator("main form").count() == 0


def test_back_to_a_declined_step_says_that_nothing_was_sent(page: Page, site: Site) -> None:
    at_payment_code(page, site)
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    page.go_back()
    expect(page.locator("#happened")).to_have_text("Your form is as you left it.")
    assert page.locator("main form").count() == 0
    page.click("text=Back to the application")
    page.wait_for_url(site.landing + "/")


def test_reloading_after_an_error_costs_no_try(page: Page, site: Site) -> None:
    at_payment_code_only_error(page, site)
    expect(page.locator("#otp-error")).to_be_visible()
    left = page.text_content(".field .hint >> nth=-1")
    page.reload()
    assert page.text_content(".field .hint >> nth=-1") == left == "2 tries left."


def test_every_post_is_answered_with_a_redirect(page: Page, site: Site) -> None:
    at_payment_code(page, site)
    page.fill("#otp", WRONG)
    with page.expect_response(lambda each: each.request.method == "POST") as posted:
        page.click("#submit")
    assert posted.value.status == 303
    page.wait_for_load_state()
    with page.expect_response("**/i/**") as shown:
        page.reload()
    assert "no-store" in shown.value.headers["cache-control"]


def test_a_prompt_that_only_lacks_a_proof_goes_on_when_another_tab_gave_it(page: Page, site: Site) -> None:
    person = someone(page, site, passkey=False)
    asked = site.ask(acr_values="aal2", claims='{"id_token":{"acr":{"essential":true,"values":["aal2"]}}}')
    page.goto(asked)
    other = page.context.new_page()
    other.goto(asked)
    bound = page.context.new_page()
    bound.goto(site.pay())
    page.fill("#otp", person.code())
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    other.goto(other.url)
    other.wait_for_url(site.landing + "/**")
    assert "code" in answer(other)
    bound.reload()
    expect(bound.locator("h1")).to_have_text("Confirm this payment")
    expect(bound.locator("#otp")).to_be_visible()


def test_a_page_past_its_time_reloads_itself_and_asks_again_with_one_press(page: Page, site: Site) -> None:
    person = site.person(app=True)
    sign_in(page, site, person)
    page.clock.install()
    page.goto(site.pay())
    expect(page.locator("#otp")).to_be_visible()
    site.run_out(page)
    page.clock.fast_forward(601_000)
    expect(page.locator("h1")).to_have_text("The time ran out")
    page.click("#submit")
    expect(page.locator("h1")).to_have_text("Confirm this payment")
    expect(page.locator(".bound .amount")).to_have_text("5,000.00 EUR")
