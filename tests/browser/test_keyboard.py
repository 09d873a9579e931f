"""The keyboard and what is said of errors (WCAG 2.1.1, 2.4.3, 2.4.7, 3.3.1; pages.md, Behaviours)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scenes import SCENES, someone
from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("browser")
TOP = "BODY"
NAMED = "document.activeElement.id || document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
STOPS = {
    "sign-in": ["username", "password", "submit", "passkey", "cancel", "Deutsch"],
    "payment": [
        "Not you?",
        "submit",
        "Use a code instead",
        "cancel",
        "other-way",
        "report",
        "Why am I asked?",
        "Deutsch",
    ],
    "payment-code": ["Not you?", "otp", "submit", "cancel", "report", "Why am I asked?", "Deutsch"],
}
"""The recorded order in which Tab walks through a page, after the link that skips to its content."""

STARTS = {
    "sign-in": "username",
    "one-more-proof": "otp",
    "new-password": "password",
    "payment": TOP,
    "payment-code": TOP,
    "ways": TOP,
    "account": TOP,
    "sign-in-error": "password",
    "payment-code-error": "otp",
    "payment-code-only-error": "otp",
    "recovery-error": "recovery-code",
    "password-again-error": "password",
    "new-password-error": "password",
    "enrol-app-error": "otp",
}
"""Into the field only where nothing must be read first; after an error always."""


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


@pytest.mark.parametrize("name", STOPS)
def test_tab_walks_in_the_recorded_order_and_shows_where_it_is(page: Page, site: Site, name: str) -> None:
    SCENES[name](page, site)
    page.focus(".skip")
    walked = []
    for _ in STOPS[name]:
        page.keyboard.press("Tab")
        walked.append(str(page.evaluate(NAMED)))
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "3px" in outline, (walked[-1], outline)
        assert "solid" in outline, (walked[-1], outline)
        box = page.evaluate("(({ top, bottom }) => [top, bottom])(document.activeElement.getBoundingClientRect())")
        assert box[0] >= 0, (walked[-1], box)
        assert box[1] <= page.evaluate("innerHeight"), (walked[-1], box)
    assert walked == STOPS[name]


@pytest.mark.parametrize("name", [name for name in STARTS if not name.endswith("-error")])
def test_focus_begins_in_the_field_only_where_nothing_must_be_read_first(page: Page, site: Site, name: str) -> None:
    SCENES[name](page, site)
    page.wait_for_load_state()
    assert focused(page) == STARTS[name]


@pytest.mark.parametrize("name", [name for name in STARTS if name.endswith("-error")])
def test_an_error_is_said_in_the_title_and_first_of_what_describes_the_focused_field(
    page: Page, site: Site, name: str
) -> None:
    SCENES[name](page, site)
    page.wait_for_load_state()
    assert focused(page) == STARTS[name]
    assert page.title().startswith("Error: ")
    field = page.locator(f"#{STARTS[name]}")
    assert field.get_attribute("aria-invalid") == "true"
    described = (field.get_attribute("aria-describedby") or "").split()
    error = page.locator(f"#{described[0]}")
    expect(error).to_be_visible()
    assert "error" in (error.get_attribute("class") or "")
    assert (error.text_content() or "").strip()
    assert field.input_value() == ""


def test_what_was_typed_is_kept_after_an_error_but_no_secret(page: Page, site: Site) -> None:
    SCENES["sign-in-error"](page, site)
    assert page.input_value("#username") == "nobody"
    assert page.input_value("#password") == ""


def test_a_payment_is_confirmed_by_the_keyboard_alone(page: Page, site: Site) -> None:
    person = someone(page, site)
    page.goto(site.pay())
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "otp"
    code = person.code()
    page.keyboard.type(f"{code[:3]} {code[3:]}")
    page.keyboard.press("Enter")
    page.wait_for_url(site.landing + "/**")


def test_the_first_link_skips_to_the_content(page: Page, site: Site) -> None:
    SCENES["payment"](page, site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "submit"
