"""Every page, reached by driving the running server: axe-core, both widths, both schemes, both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.headings import HEADINGS
from tests.browser.looking import WIDER, look, look_narrow
from tests.browser.scenes import SCENES, speaks_german_at_its_address
from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def profiles(place: Site) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """An English and a German profile for all pages: new ones for each would take longer than looking at it."""
    english, german = place.context(), place.context(locale="de-DE")
    yield english, german
    english.close()
    german.close()


@pytest.mark.parametrize("name", SCENES)
def test_every_page_keeps_to_wcag_and_never_scrolls_sideways_in_both_languages(
    profiles: tuple[BrowserContext, BrowserContext], site: Site, name: str
) -> None:
    english, german = profiles
    english.clear_cookies()
    page = english.new_page()
    SCENES[name](page, site)
    page.wait_for_load_state()
    assert (page.get_attribute("html", "lang"), page.text_content("h1")) == ("en", HEADINGS[name])
    look(page, name)
    if speaks_german_at_its_address(page, name):
        page.click(".foot a[lang=de]")
    else:
        page.close()
        german.clear_cookies()
        page = german.new_page()
        SCENES[name](page, site)
    page.wait_for_load_state()
    assert page.get_attribute("html", "lang") == "de"
    look_narrow(page, f"{name}.de")
    page.close()


@pytest.mark.parametrize("name", ["li", "lea", "alexandra-of-the-long-name"])
def test_no_name_makes_a_page_wider_than_its_window(page: Page, site: Site, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(site.server.sign_up_address(site.name(), name))
    page.click("#submit")
    assert page.text_content("h1") == "Choose a password"
    assert page.evaluate(WIDER) <= 0
