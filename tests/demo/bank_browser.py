"""A bank with everything around it: a database, a simulated authorization server, browsers that keep cookies."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx2
from bank_policy import BankPolicy

from bank import customers, ledger
from newel_sdk.testing import AuthorizationServer, Issuer

BANK = "https://bank.example"
ISSUER = "https://issuer.example"
NOW = 1_790_000_000
MARIA = "DE89370400440532013000"
OWN_PAGE = {"Origin": BANK, "Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


class _Form(HTMLParser):
    """The fields of the form to send money, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == "payment"
        if tag == "input" and self.inside and (given.get("type") != "radio" or "checked" in given):
            self.fields[str(given["name"])] = given.get("value") or ""


def fields_of(page: str) -> dict[str, str]:
    """Read the form to send money out of a page."""
    form = _Form()
    form.feed(page)
    return form.fields


@dataclass
class Bank:
    """A bank with everything around it."""

    db: sqlite3.Connection
    clock: Clock
    issuer: Issuer
    server: AuthorizationServer
    policy: BankPolicy
    transport: httpx2.ASGITransport
    opened: list[httpx2.AsyncClient] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        """A program or a browser without cookies."""
        client = httpx2.AsyncClient(transport=self.transport, base_url=BANK)
        self.opened.append(client)
        return client

    async def browser(self, sub: str = "alex", acr: str = "aal1") -> httpx2.AsyncClient:
        """A browser in which `sub` has signed in."""
        browser = self.client()
        away = await browser.get("/sign-in")
        back = await come_back(browser, self.server.approve(away.headers["location"], sub=sub, acr=acr))
        assert (back.status_code, back.headers["location"]) == (303, "/accounts")
        return browser

    def customer(self, sub: str = "alex", name: str = "Alex Doe") -> None:
        """A customer who was here before."""
        customers.welcome(self.db, subject=sub, name=name, now=self.clock())

    def balance(self, sub: str = "alex") -> int:
        """What the current account holds, in minor units."""
        return ledger.accounts(self.db, sub)[0].balance

    def intents(self) -> int:
        """How many interrupted forms are kept."""
        return int(self.db.execute("SELECT count(*) FROM newel_intents WHERE subject <> id").fetchone()[0])

    def moved(self) -> int:
        """How many transfers customers made."""
        count = self.db.execute("SELECT count(*) FROM transfer WHERE subject <> ?", (customers.BANK,)).fetchone()[0]
        return int(count)


async def form(browser: httpx2.AsyncClient, **typed: str) -> dict[str, str]:
    """Open the form and fill it in."""
    page = await browser.get("/payments/new")
    return {**fields_of(page.text), "payee": customers.ROSA, "amount": "20.00", "reference": "Tickets", **typed}


def to_maria(**typed: str) -> dict[str, str]:
    """What is typed to send 5,000.00 to somebody new."""
    told = {"payee": "new", "name": "Maria Example", "iban": "DE89 3704 0044 0532 0130 00"}
    return {**told, "amount": "5,000.00", "reference": "Invoice 2291", **typed}


async def send(browser: httpx2.AsyncClient, typed: Mapping[str, str]) -> httpx2.Response:
    """Press the button of the bank's own page."""
    return await browser.post("/payments", data=dict(typed), headers=OWN_PAGE)


async def come_back(browser: httpx2.AsyncClient, query: str) -> httpx2.Response:
    """Come back from the authorization server; a page that was set aside is shown."""
    answer = await browser.get("/callback?" + query)
    aside = answer.headers.get("location", "").startswith("/callback/")
    return await browser.get(answer.headers["location"]) if aside else answer


async def follow(browser: httpx2.AsyncClient, answer: httpx2.Response) -> httpx2.Response:
    """Go where a redirect inside the bank leads."""
    assert answer.status_code == 303, answer.text
    target = answer.headers["location"]
    assert not urlsplit(target).netloc, target
    return await browser.get(target)


def customers_account(bank: Bank, sub: str = "alex") -> str:
    row = bank.db.execute("SELECT iban FROM account WHERE owner = ? AND kind = 'current'", (sub,)).fetchone()
    return str(row[0])


async def confirmed(bank: Bank, browser: httpx2.AsyncClient, typed: dict[str, str]) -> httpx2.Response:
    away = await send(browser, await form(browser, **typed))
    return await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
