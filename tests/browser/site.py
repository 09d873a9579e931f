"""A running server with a client and persons, as the browser meets it, and what every page must keep to."""

import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

from newel.cli.opening import Open
from newel.factors.base import Account, Confirmed, Context
from newel.factors.table import FACTORS, sealed
from newel.factors.webauthn import credential_id
from newel.storage.base import Statement, Unit
from newel.storage.codec import encode
from newel.storage.ids import new_id
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.interactions import advance_interaction, interaction
from tests.simulators.person import authorize_url
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device

TRIES, TRIES_UNDER_ONE_NAME = 3, 5
SETTINGS = {
    "NEWEL_GUESSING__ATTEMPTS": str(TRIES),
    "NEWEL_GUESSING__PER_NAME": str(TRIES_UNDER_ONE_NAME),
    "NEWEL_GUESSING__PER_ADDRESS": "100000",
    "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000",
}
"""One address plays every person, so what is counted by address is out of the way; other limits are soon reached."""

MARIA = {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"}


def transfer(minor: int = 500_000) -> str:
    """A payment to somebody new, as `authorization_details`."""
    fields = {"amount": {"minor": minor, "currency": "EUR"}, "payee": MARIA, "reference": "Invoice 2291"}
    return json.dumps([{"type": "bank.transfer", "actions": ["send"], "fields": fields}])


class Beside(Running):
    """A running server whose database is opened in a thread: Playwright's own loop runs in the main one."""

    def open(self, work: Callable[[Open], Any]) -> Any:
        """Do something on the open database, beside the running server."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(super().open, work).result()


@dataclass
class Site:
    """The server, the bank's client, and where the client's redirects land."""

    server: Beside
    client: Relying
    landing: str
    browser: Browser
    third_parties: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def context(self, **more: Any) -> BrowserContext:
        """A browser profile of its own, watched: foreign requests, policy violations and script errors are kept."""
        settings: dict[str, Any] = {
            "base_url": self.server.issuer,
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",  # a page transition that a resize cuts short is reported as an error
        }
        made = self.browser.new_context(**{**settings, **more})
        made.set_default_timeout(30_000)
        made.on("request", self._asked)
        made.on("console", self._said)
        made.on("weberror", self._failed)
        return made

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" not in {self.server.issuer, self.landing}:
            self.third_parties.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if any(word in message.text for word in ("Content Security Policy", "Content-Security-Policy", "Permissions")):
            self.complaints.append(message.text)

    def _failed(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def person(self, **more: Any) -> Person:
        """Somebody with a name that nobody else has."""
        return self.server.person(self.name(), **more)

    def name(self) -> str:
        """A name that nobody has."""
        return f"alex-{secrets.token_hex(4)}"

    def sign_up_address(self) -> str:
        """The one-time address of somebody new."""
        return self.server.sign_up_address(self.name())

    def ask(self, *, client_id: str = "", redirect_uri: str = "", **more: str) -> str:
        """Where the bank sends a browser to sign in."""
        return authorize_url(client_id or self.client.id, redirect_uri or self.client.redirect_uri, **more)

    def pay(self, minor: int = 500_000, **more: str) -> str:
        """Where the bank sends a browser to confirm a payment."""
        return self.ask(acr_values="aal2 phr aal3", authorization_details=transfer(minor), **more)

    def passkey(self, person: Person, *, name: str = "Laptop", **device: Any) -> Device:
        """A settled passkey or security key of a person, and the device that holds it."""
        method = device.pop("method", "passkey")
        held = Device(**{"steps": 0, **device})

        async def seed(everything: Open) -> None:
            context = _moment(everything)
            account = Account(id=person.id, name=person.name, display=person.name)
            begun = FACTORS[method].enrol(context, account)
            response = held.create(begun.public["options"], origin=context.origin)
            made = FACTORS[method].confirm(context, account, begun.draft, response, authenticator_id=_id(), name=name)
            assert isinstance(made, Confirmed), made
            settled = replace(made.authenticator, ceiling=None)
            stored = sealed(settled, everything.vault, nonce=os.urandom(12))
            await everything.store.commit(Unit(add_authenticator(stored, credential_id(settled.material))))

        self.server.open(seed)
        return held

    def forget(self, person: Person, method: str) -> None:
        """Take a person's authenticators of one method away, behind the back of their devices."""
        self._execute(
            "DELETE FROM authenticators WHERE subject = :subject AND method = :method", subject=person.id, method=method
        )

    def unsettle(self, person: Person, method: str) -> None:
        """Make a person's authenticator of one method count as signed in only, as one added later."""
        self._execute(
            "UPDATE authenticators SET ceiling = 'aal1' WHERE subject = :subject AND method = :method",
            subject=person.id,
            method=method,
        )

    def settle(self, person: Person, name: str) -> None:
        """Make one authenticator of a person, known by its name, count in full."""
        self._execute(
            "UPDATE authenticators SET ceiling = NULL WHERE subject = :subject AND name = :name",
            subject=person.id,
            name=name,
        )

    def used_up(self, person: Person, rule: str) -> None:
        """Let a person have put off what a rule demands as often as any rule allows."""
        sql = "INSERT INTO skips (subject, rule, count, last_at) VALUES (:subject, :rule, 1000, 0)"
        self._execute(sql, subject=person.id, rule=rule)

    def _execute(self, sql: str, **params: Any) -> None:
        async def work(everything: Open) -> None:
            await everything.store.commit(Unit((Statement(sql, params),)))

        self.server.open(work)

    def run_out(self, page: Page) -> None:
        """Let the time of the interaction that a page shows pass."""
        identifier = urlsplit(page.url).path.split("/")[2]

        async def work(everything: Open) -> None:
            found = await everything.store.one(interaction(identifier))
            assert found is not None
            late = replace(found, expires_at=everything.now - 60, revision=found.revision + 1)
            await everything.store.commit(Unit((advance_interaction(late, found.revision),)))

        self.server.open(work)

    def long_ago(self, address: str) -> None:
        """Let the minute pass within which a second press of a button lands where the first one did."""
        identifier = urlsplit(address).path.split("/")[2]

        async def work(everything: Open) -> None:
            found = await everything.store.one(interaction(identifier))
            assert found is not None
            aged = replace(found, answered_at=found.answered_at - 60)
            sql = "UPDATE interactions SET body = :body WHERE id = :id"
            await everything.store.commit(Unit((Statement(sql, {"body": encode(aged), "id": identifier}),)))

        self.server.open(work)

    def claims(self, page: Page) -> Mapping[str, Any]:
        """What the token says that the client gets for the answer a page landed with."""
        token = self.client.redeem(answer(page)["code"]).json()["access_token"]
        return self.client.introspect(token)


def _id() -> str:
    return new_id(time.time_ns() // 1_000_000, os.urandom(16))


def _moment(everything: Open) -> Context:
    config = everything.config
    return Context(
        now=everything.now,
        random=os.urandom,
        rp_id=config.rp_id,
        origin=config.issuer,
        rp_name=config.organisation.name,
        interaction="seed",
        event_id="seed",
        vault=everything.vault,
    )


def answer(page: Page) -> dict[str, str]:
    """The parameters with which a page came back to the client."""
    return dict(parse_qsl(urlsplit(page.url).query))


def sign_in(page: Page, site: Site, person: Person) -> None:
    """Sign in with a password, back at the client."""
    page.goto(site.ask())
    page.fill("#username", person.name)
    page.fill("#password", person.password)
    page.click("#submit")
    page.wait_for_url(site.landing + "/**")
