"""The account page: each change asks for a proof at least as strong, and says what was done."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.authenticator import plug_in
from tests.browser.site import Site, sign_in

pytestmark = pytest.mark.xdist_group("browser")


def test_a_passkey_is_renamed_and_removed_after_one_proof_with_it(page: Page, site: Site) -> None:
    person = site.person()
    device = site.passkey(person)
    site.passkey(person, name="Phone")
    sign_in(page, site, person)
    plug_in(page, device)
    page.goto("/account")
    card = page.locator(".card", has_text="Phone")
    card.locator("summary", has_text="Rename").click()
    card.locator("input[name=name]").fill("Old phone")
    card.locator("button", has_text="Save name").click()
    expect(page.locator("h1")).to_have_text("Confirm it\u2019s you to change your ways to confirm")
    page.click("#submit")
    expect(page.locator("#notice")).to_have_text("It is now called Old phone.")
    card = page.locator(".card", has_text="Old phone")
    card.locator("summary", has_text="Remove").click()
    card.locator("button", has_text="Remove Old phone").click()
    expect(page.locator("#notice")).to_have_text("Old phone was removed. It can\u2019t confirm anything any more.")
    expect(page.locator(".card")).to_have_count(1)


def test_declining_leaves_everything_as_it_was(page: Page, site: Site) -> None:
    person = site.person()
    site.passkey(person)
    sign_in(page, site, person)
    page.goto("/account")
    card = page.locator(".card")
    card.locator("summary", has_text="Remove").click()
    card.locator("button", has_text="Remove Laptop").click()
    page.click("#cancel")
    expect(page.locator("h1")).to_have_text("Ways to confirm it\u2019s you")
    expect(page.locator(".card")).to_have_count(1)


def test_a_passkey_is_added_at_the_account_page(page: Page, site: Site) -> None:
    person = site.person()
    sign_in(page, site, person)
    held = plug_in(page)
    page.goto("/account")
    page.click("#add-passkey")
    page.fill("#name", "This laptop")
    page.click("#submit")
    expect(page.locator("#notice")).to_have_text("This laptop was added.")
    expect(page.locator(".card h3")).to_have_text("This laptop")
    assert len(held.credentials) == 1


def test_a_device_that_already_holds_a_passkey_says_that_none_was_added(page: Page, site: Site) -> None:
    person = site.person()
    device = site.passkey(person)
    sign_in(page, site, person)
    plug_in(page, device)
    page.goto("/account/add/passkey")
    page.click("#submit")
    expect(page.locator("h1")).to_have_text("Add a passkey")
    page.click("#submit")
    expect(page.locator("[role=alert]:visible")).to_have_text(
        "No passkey was added. Nothing has changed; you can try again."
    )
    expect(page.locator("#submit")).to_be_focused()


def test_a_new_passkey_that_counts_for_less_is_confirmed_with_an_older_one(page: Page, site: Site) -> None:
    person = site.person()
    older = site.passkey(person, name="Older")
    site.passkey(person, name="Newer")
    site.unsettle(person, "passkey")
    site.settle(person, "Older")
    sign_in(page, site, person)
    plug_in(page, older)
    page.goto("/account")
    card = page.locator(".card", has_text="Newer")
    expect(card.locator(".note-warn")).to_contain_text("It counts for less until you confirm it with an older way")
    card.locator("button", has_text="Confirm it with an older way").click()
    page.click("#submit")
    expect(page.locator("#notice")).to_contain_text("Newer")
    expect(page.locator(".note-warn")).to_have_count(0)


def test_recovery_codes_are_shown_once_and_listed_by_a_name(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto("/account")
    page.click("#add-recovery")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#submit")
    expect(page.locator("#notice")).to_have_text("Your new recovery codes work from now on.")
    expect(page.locator(".line h3")).to_have_text(["Password", "List of recovery codes"])


def test_a_password_is_changed(page: Page, site: Site) -> None:
    person = site.person()
    sign_in(page, site, person)
    page.goto("/.well-known/change-password")
    expect(page.locator("#username")).to_have_value(person.name)
    page.fill("#password", "violet orchard 77")
    page.click("#submit")
    expect(page.locator("#notice")).to_have_text("Your new password works from now on.")


def test_the_last_way_to_sign_in_stays(page: Page, site: Site) -> None:
    person = site.person(password="")
    device = site.passkey(person)
    plug_in(page, device)
    page.goto("/account")
    expect(page.locator(".card")).to_have_count(1)
    page.click(".card summary:has-text('Remove')")
    page.click(".card button:has-text('Remove Laptop')")
    expect(page.locator("[role=alert]")).to_have_text("This is your last way to sign in. Add another one first.")
    assert page.title().startswith("Error: ")
