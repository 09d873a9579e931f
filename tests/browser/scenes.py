"""How a browser gets to each page that people see: one function a page, from nothing, through the running server."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.browser.site import TRIES, TRIES_UNDER_ONE_NAME, Site, sign_in
from tests.simulators.running import Person

Scene = Callable[[Page, Site], None]
WRONG = "000000"


def at_sign_in(page: Page, site: Site) -> None:
    page.goto(site.ask())


def at_sign_in_error(page: Page, site: Site) -> None:
    page.goto(site.ask())
    page.fill("#username", "nobody")
    page.fill("#password", "not this one")
    page.click("#submit")


def at_one_more_proof(page: Page, site: Site) -> None:
    person = site.person(app=True)
    sign_in(page, site, person)
    page.goto(site.ask(acr_values="aal2", claims='{"id_token":{"acr":{"essential":true,"values":["aal2"]}}}'))


def at_password_again(page: Page, site: Site) -> None:
    person = site.person()
    sign_in(page, site, person)
    page.goto(site.ask(prompt="login"))


def at_password_again_error(page: Page, site: Site) -> None:
    at_password_again(page, site)
    page.fill("#password", "not this one")
    page.click("#submit")


def someone(page: Page, site: Site, *, passkey: bool = True, recovery: bool = True) -> Person:
    """A person with an app and what else is said, who has signed in."""
    person = site.person(app=True, recovery=recovery)
    if passkey:
        site.passkey(person)
    sign_in(page, site, person)
    return person


def at_payment(page: Page, site: Site) -> None:
    someone(page, site)
    page.goto(site.pay())


def at_payment_code_error(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#with-code summary")
    page.fill("#otp", WRONG)
    page.click("#submit-code")


def at_payment_code(page: Page, site: Site) -> None:
    someone(page, site, passkey=False)
    page.goto(site.pay())


def at_payment_code_only_error(page: Page, site: Site) -> None:
    at_payment_code(page, site)
    page.fill("#otp", WRONG)
    page.click("#submit")


def at_ways(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#other-way")


def at_why(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click(".foot a[href$='/why']")


def at_recovery(page: Page, site: Site) -> None:
    someone(page, site)
    page.goto(site.ask(prompt="login"))
    page.click("#other-way")
    page.click("button[value=recovery_code]")


def at_recovery_error(page: Page, site: Site) -> None:
    at_recovery(page, site)
    page.fill("#recovery-code", "aaaa-aaaa-aaaa-aaaa")
    page.click("#submit")


def at_account(page: Page, site: Site) -> None:
    person = someone(page, site)
    site.passkey(person, name="Phone", synced=True, backed_up=True)
    site.passkey(person, name="Blue key", method="security_key", user_verifying=False, transports=("usb",))
    page.goto("/account")


def at_account_bare(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto("/account")


def at_account_unsettled(page: Page, site: Site) -> None:
    person = someone(page, site)
    site.unsettle(person, "passkey")
    page.goto("/account")


def at_account_last_way(page: Page, site: Site) -> None:
    at_account_bare(page, site)
    page.goto("/account?not=last_way&name=Password")


def at_account_change(page: Page, site: Site) -> None:
    at_account(page, site)
    page.click("#add-passkey")


def at_account_door(page: Page, site: Site) -> None:
    sign_in(page, site, site.person(app=True, groups=("own-door",)))
    page.goto("/account")


def at_account_refused(page: Page, site: Site) -> None:
    sign_in(page, site, site.person(groups=("own-closed",)))
    page.goto("/account")
    page.click("#add-passkey")


def at_account_sign_in(page: Page, site: Site) -> None:
    page.goto("/account")


def at_enrol(method: str, page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto(f"/account/add/{method}")


def at_enrol_passkey(page: Page, site: Site) -> None:
    at_enrol("passkey", page, site)


def at_enrol_app(page: Page, site: Site) -> None:
    at_enrol("totp", page, site)


def at_enrol_app_error(page: Page, site: Site) -> None:
    at_enrol_app(page, site)
    page.fill("#otp", WRONG)
    page.click("#submit")


def at_enrol_recovery(page: Page, site: Site) -> None:
    at_enrol("recovery_code", page, site)


def at_new_password(page: Page, site: Site) -> None:
    at_enrol("password", page, site)


def at_new_password_error(page: Page, site: Site) -> None:
    at_new_password(page, site)
    page.fill("#password", "password1")
    page.click("#submit")


def at_address(page: Page, site: Site) -> None:
    page.goto(site.sign_up_address())


def at_sign_up_password(page: Page, site: Site) -> None:
    at_address(page, site)
    page.click("#submit")


def at_sign_up_password_error(page: Page, site: Site) -> None:
    at_sign_up_password(page, site)
    page.fill("#password", "short")
    page.click("#submit")


def at_second_way(page: Page, site: Site) -> None:
    at_sign_up_password(page, site)
    page.fill("#password", "violet orchard 77")
    page.click("#submit")


def at_sign_up_passkey(page: Page, site: Site) -> None:
    at_second_way(page, site)
    page.click("#passkey")


def at_sign_up_app(page: Page, site: Site) -> None:
    at_second_way(page, site)
    page.click("#app")


def at_sign_out(page: Page, site: Site) -> None:
    sign_in(page, site, site.person())
    page.goto("/sign-out")


def at_signed_out(page: Page, site: Site) -> None:
    at_sign_out(page, site)
    page.click("#submit")


def at_not_you(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click(".who a")


def at_declined(page: Page, site: Site) -> None:
    at_payment(page, site)
    here = page.url
    page.click("#cancel")
    page.wait_for_url(site.landing + "/**")
    page.goto(here)


def at_reported(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.click("#report")


def at_expired(page: Page, site: Site) -> None:
    at_payment(page, site)
    site.run_out(page)
    page.reload()


def at_done_elsewhere(page: Page, site: Site) -> None:
    person = someone(page, site, passkey=False)
    page.goto(site.pay())
    here = page.url
    page.fill("#otp", person.code())
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
    site.long_ago(here)
    page.goto(here)


def at_put_off(page: Page, site: Site) -> None:
    at_password(page, site, site.person(groups=("soon-passkey",)))


def at_put_off_proof(page: Page, site: Site) -> None:
    person = site.person(app=True, groups=("soon-second",))
    site.passkey(person)
    at_password(page, site, person)


def at_put_off_enrolment(page: Page, site: Site) -> None:
    person = site.person(app=True, groups=("soon-no-app",))
    at_password(page, site, person)
    page.fill("#otp", person.code())
    page.click("#submit")


def at_put_off_refused(page: Page, site: Site) -> None:
    person = site.person(app=True, groups=("soon-second",))
    at_password(page, site, person)
    site.used_up(person, "soon-second")
    page.click("#not-now")


def at_told(page: Page, site: Site) -> None:
    at_password(page, site, site.person(groups=("passkey-or-less",)))


def at_password(page: Page, site: Site, person: Person) -> None:
    """What a person sees who has given a password."""
    page.goto(site.ask())
    page.fill("#username", person.name)
    page.fill("#password", person.password)
    page.click("#submit")


def at_wrong_browser(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.context.clear_cookies()
    page.click("#cancel")


def at_gone(page: Page, site: Site) -> None:
    at_payment(page, site)
    page.context.clear_cookies()
    page.reload()


def at_unknown_application(page: Page, site: Site) -> None:
    page.goto(site.ask(client_id="nobody"))


def at_unknown_address(page: Page, site: Site) -> None:
    page.goto(site.ask(redirect_uri="https://elsewhere.example/"))


def at_tries_spent(page: Page, site: Site) -> None:
    at_payment_code(page, site)
    guess(page, TRIES + 1)


def at_way_resting(page: Page, site: Site) -> None:
    at_payment_code(page, site)
    guess(page, TRIES)
    page.goto(site.pay())
    guess(page, TRIES)


def guess(page: Page, times: int) -> None:
    """Type a wrong code so many times."""
    for _ in range(times):
        page.fill("#otp", WRONG)
        page.click("#submit")
        page.wait_for_load_state()


def at_too_often(page: Page, site: Site) -> None:
    name = site.name()
    browser = site.server.browser()
    for _ in range(TRIES_UNDER_ONE_NAME):
        asked = browser.follow(browser.get(site.ask()))
        browser.submit(asked, username=name, password="not this one")
    browser.close()
    page.goto(site.ask())
    page.fill("#username", name)
    page.fill("#password", "not this one")
    page.click("#submit")


def at_address_spent(page: Page, site: Site) -> None:
    page.goto("/sign-up/none.none")


def at_no_such_page(page: Page, site: Site) -> None:
    page.goto("/none")


SCENES: Mapping[str, Scene] = {
    name.removeprefix("at_").replace("_", "-"): scene
    for name, scene in list(globals().items())
    if name.startswith("at_") and name not in {"at_enrol", "at_password"}
}


def speaks_german_at_its_address(page: Page, name: str) -> bool:
    """Whether the page's own link leads to the same page in German; answers to forms have no address of their own."""
    return name not in ANSWERS and page.locator(".foot a[lang=de]").count() > 0


ANSWERS = frozenset({"way-resting", "tries-spent", "too-often", "put-off-refused"})
