"""Signing in to the house itself, for the account pages: no application is gone on to."""

from newel.domain.value import replace
from newel.flows.account import open_account
from newel.http.browser import browser_key
from newel.http.request import Request
from newel.http.responses import Response, redirect
from newel.web.desk import Visit


async def sign_in_here(here: Visit, request: Request) -> Response:
    """Begin a sign-in that leads to the account page."""
    browser, cookies = browser_key(here.services, request)
    interaction = await open_account(here.services, browser, here.locale)
    return redirect(f"/i/{interaction}", headers=cookies)


def with_browser(here: Visit, browser: str) -> Visit:
    """The same visit, for a browser that has just been given its key."""
    return replace(here, browser=browser)
