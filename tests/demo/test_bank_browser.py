"""The bank in Chromium: the story without script, no sideways scroll, and the automatic rules of WCAG 2.2 AA."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from bank.application import Settings, build
from bank.database import connect
from bank_browser import ISSUER
from bank_policy import BankPolicy
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from newel_sdk.testing import AuthorizationServer, Issuer

pytestmark = pytest.mark.xdist_group("browser")
SHOTS = os.environ.get("NEWEL_SHOTS")
WIDTHS = (320, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Site:
    """A bank on a port of its own, and the authorization server that its browser meets."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://localhost:{self.listener.getsockname()[1]}"
        issuer = Issuer(ISSUER, audience=self.origin, client_id="bank-web")
        self.server = AuthorizationServer(issuer)
        BankPolicy(self.server, issuer.clock)
        self.subject = "alex"
        told = Settings(origin=self.origin, issuer=ISSUER, client_id="bank-web", client_secret="s" * 43, key=b"k" * 32)
        app = build(told, connect(":memory:"), fetch=self.server.fetch)
        self.uvicorn = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        self.thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [self.listener]})

    def answer(self, route: Route) -> None:
        """Show what a person at the authorization server would have: a yes and a no."""
        url = route.request.url
        level = "aal2" if "acr_values" in self.server.asked(url) else "aal1"
        yes, no = self.server.approve(url, sub=self.subject, acr=level), self.server.refuse(url)
        page = "<!doctype html><html lang=en><title>x</title>" + "".join(
            f"<a id={name} href='{self.origin}/callback?{query}'>{name}</a> "
            for name, query in (("yes", yes), ("no", no))
        )
        route.fulfill(body=page, content_type="text/html")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    made = Site()
    made.thread.start()
    yield made
    made.uvicorn.should_exit = True
    made.thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield launched
        launched.close()


@pytest.fixture
def context(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(java_script_enabled=False, base_url=site.origin)
    made.route(f"{ISSUER}/**", site.answer)
    yield made
    made.close()


def signed_in(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/")
    page.click("#sign-in")
    page.click("#yes")
    return page


def fill_for_maria(page: Page) -> None:
    page.goto("/payments/new")
    page.check("#payee-new")
    page.fill("#name", "Maria Example")
    page.fill("#iban", "DE89 3704 0044 0532 0130 00")
    page.fill("#amount", "5,000.00")
    page.fill("#reference", "Invoice 2291")


def test_the_story_works_with_script_off(context: BrowserContext) -> None:
    page = signed_in(context)
    assert page.text_content("h1") == "Your accounts"
    page.goto("/payments/new")
    page.check("text=Rosa Miller")
    page.fill("#amount", "20.00")
    page.click("#submit")
    assert page.text_content("h1") == "Sent"
    fill_for_maria(page)
    page.click("#submit")
    page.click("#no")
    assert page.text_content("#notice") == "Nothing was sent. Your form is as you left it."
    assert page.input_value("#amount") == "5,000.00"
    assert page.is_checked("#payee-new")
    page.click("#submit")
    page.click("#yes")
    assert page.text_content("h1") == "Sent"
    assert page.text_content("#amount") == "5,000.00\u00a0EUR"
    number = page.text_content("#receipt")
    page.reload()
    assert page.text_content("#receipt") == number


def test_the_fields_of_someone_new_stand_there_only_when_chosen(context: BrowserContext) -> None:
    page = signed_in(context)
    page.goto("/payments/new")
    assert not page.is_visible("#iban")
    page.check("#payee-new")
    assert page.is_visible("#iban")


def visit(page: Page, name: str) -> None:
    match name:
        case "error":
            page.goto("/payments/new")
            page.check("#payee-new")
            page.fill("#amount", "1,500")
            page.click("#submit")
        case "receipt":
            page.goto("/payments/new")
            page.check("text=City Energy")
            page.fill("#amount", "1.00")
            page.click("#submit")
        case "denied":
            page.goto("/payments/new")
            page.check("text=City Energy")
            page.fill("#amount", "11,000.00")
            page.click("#submit")
        case "statement":
            page.goto("/accounts")
            page.click("text=Current account")
        case _:
            page.goto(name)


PAGES = (
    "/accounts",
    "statement",
    "/payees",
    "/payments/new",
    "error",
    "receipt",
    "denied",
    "/accounts/none",
    "/developers",
)


def test_every_page_passes_axe_and_never_scrolls_sideways(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(base_url=site.origin, bypass_csp=True)  # axe is put into the page by script
    context.route(f"{ISSUER}/**", site.answer)
    site.subject = "rosa"  # whose day has no payments yet
    page = context.new_page()
    check(page, "/")
    page = signed_in(context)
    for name in PAGES:
        visit(page, name)
        check(page, name)
    context.close()


def check(page: Page, name: str) -> None:
    """Measure and look at one page in both widths and both schemes."""
    if name == "/":
        page.goto("/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if SHOTS:
                file = Path(SHOTS) / f"bank-{name.strip('/').replace('/', '-') or 'welcome'}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            found = Axe().run(page, options=AXE)
            assert found.violations_count == 0, (name, width, scheme, found.generate_report())
    small = page.evaluate(
        """[...document.querySelectorAll('a, button, input:not([type=hidden])')]
        .filter(e => e.offsetParent && !e.closest('p, .skip') && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)
        .map(e => e.outerHTML)"""
    )
    assert not small, (name, small)
