"""The bank and its guard in this process, on a port of its own, against the running server; its clock can be moved."""

import os
import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from tests.security.stage import fields
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying, Running

# the folder is found wherever the tests run, so that a changed copy of the bank is the one that is tried
sys.path.insert(0, str(Path(__file__).parents[2] / "demos" / "bank"))

from bank.application import Settings, build
from bank.database import connect

from bank import customers, ledger

MARIA = {"payee": "new", "name": "Maria Example", "iban": "DE89 3704 0044 0532 0130 00"}


@dataclass
class Clock:
    """The bank's time; `ahead` moves it."""

    ahead: int = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead


@dataclass
class Site:
    """A running bank."""

    origin: str
    server: Running
    client: Relying
    clock: Clock
    db: Any
    opened: list[Browser] = field(default_factory=list)

    def browser(self) -> Browser:
        """A browser at the bank."""
        made = Browser(self.origin)
        self.opened.append(made)
        return made

    def balance(self, person: Person) -> int:
        """What the current account holds, in minor units."""
        return int(ledger.accounts(self.db, person.id)[0].balance)

    def moved(self) -> int:
        """How many transfers customers made."""
        sql = "SELECT count(*) FROM transfer WHERE subject <> ?"
        return int(self.db.execute(sql, (customers.BANK,)).fetchone()[0])


@dataclass
class Customer:
    """A person with one browser, which is at the bank and at the server."""

    site: Site
    person: Person
    bank: Browser
    home: Browser

    def sign_in(self) -> None:
        """Sign in at the bank with a password."""
        page = self.arrive(self.bank.get("/sign-in"))
        if page.status == 200:
            page = self.home.submit(page, username=self.person.name, password=self.person.password)
        assert self.come_back(page).status == 303

    def arrive(self, page: Page) -> Page:
        """Go where the bank sends the browser."""
        assert page.location, page.text
        assert page.location.startswith(self.site.server.issuer), page.location
        return self.home.follow(self.home.get(page.location))

    def come_back(self, page: Page) -> Page:
        """Go back to the bank with the server's answer; a page that it sets aside is shown."""
        assert page.location, page.text
        assert page.location.startswith(self.site.origin), page.location
        answer = self.bank.get(page.location)
        aside = urlsplit(answer.location or "").path.startswith("/callback/")
        return self.bank.get(answer.location or "") if aside else answer

    def send(self, **typed: str) -> Page:
        """Fill in the bank's form and press its button."""
        form = fields(self.bank.get("/payments/new"), "amount")
        return self.bank.post("/payments", {**form, **MARIA, "amount": "5,000.00", "reference": "", **typed})


def customer(site: Site, person: Person, *, signed_in: bool = True) -> Customer:
    """A customer with an empty browser, signed in at the bank."""
    home = site.server.browser()
    site.opened.append(home)
    made = Customer(site, person, site.browser(), home)
    if signed_in:
        made.sign_in()
    return made


@contextmanager
def bank_site(server: Running) -> Generator[Site]:
    """A bank that trusts `server`, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://localhost:{listener.getsockname()[1]}"
        scopes = ("openid", "profile", "offline_access")
        client = server.client(
            f"bank-{listener.getsockname()[1]}", audience=origin, redirect_uris=(f"{origin}/callback",), scopes=scopes
        )
        clock, db = Clock(), connect(":memory:")
        settings = Settings(
            origin=origin,
            issuer=server.issuer,
            client_id=client.id,
            client_secret=client.secret,
            key=os.urandom(32),
        )
        running = uvicorn.Server(uvicorn.Config(build(settings, db, clock=clock), log_level="warning", ws="none"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        site = Site(origin, server, client, clock, db)
        try:
            yield site
        finally:
            for each in site.opened:
                each.close()
            running.should_exit = True
            thread.join()
            db.close()
