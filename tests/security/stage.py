"""What several attacks need: time that passed, forms of a page, many at once, an account that grew by enrolment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running
from tests.simulators.webauthn_device import Device

from newel.cli.opening import Open
from newel.storage.base import Params, Statement, Unit
from newel.storage.codec import encode
from newel.storage.sql.sessions import sessions_of

T = TypeVar("T")
U = TypeVar("U")
Do = Callable[..., Page]
SESSION, BROWSER = "__Host-newel-s", "__Host-newel-b"
PAYMENT: dict[str, Any] = {
    "type": "bank.transfer",
    "actions": ["send"],
    "fields": {
        "amount": {"minor": 500_000, "currency": "EUR"},
        "payee": {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"},
    },
}


def at_once(work: Callable[[T], U], each: Iterable[T], *, threads: int = 10) -> list[U]:
    """Do the same with every one of these, at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, each))


def twin(browser: Browser) -> Browser:
    """The same browser on a connection of its own; a thief with all its cookies looks the same."""
    return Browser(browser.issuer, cookies=dict(browser.cookies))


def thief(browser: Browser) -> Browser:
    """Another browser with the stolen session cookie alone."""
    return Browser(browser.issuer, cookies={SESSION: browser.cookies[SESSION]})


def fields(page: Page, *names: str) -> dict[str, str]:
    """The hidden fields of the page's form that has these fields."""
    form = page.form(*names)["fields"]
    assert isinstance(form, dict)
    return dict(form)


def execute(server: Running, sql: str, **params: Any) -> None:
    """Change the database beside the running server."""

    async def work(everything: Open) -> None:
        await everything.store.commit(Unit((Statement(sql, params),)))

    server.open(work)


def time_passes(server: Running, person: Person, seconds: int, *, idle: int = 0) -> None:
    """Let the evidence of a person's sessions grow `seconds` old, and let the sessions lie idle for `idle` seconds."""

    async def work(everything: Open) -> None:
        for row in await everything.store.all(sessions_of(person.id)):
            aged = tuple(replace(event, at=event.at - seconds) for event in row.evidence)
            sql = "UPDATE sessions SET evidence = :evidence, active_at = :at WHERE lineage = :lineage"
            params: Params = {"evidence": encode(aged), "at": row.active_at - idle, "lineage": row.lineage}
            await everything.store.commit(Unit((Statement(sql, params),)))

    server.open(work)


def number(page: Page) -> str:
    """The id of the interaction that a page belongs to."""
    return page.url.partition("/i/")[2].partition("?")[0].partition("/")[0]


def add_passkey(browser: Browser, device: Device, *, name: str = "Mine") -> Page:
    """Add a passkey at the account page; where a proof is asked first, its page comes back."""
    page = browser.follow(browser.get("/account/add/passkey"))
    return confirm_passkey(browser, page, device, name=name)


def confirm_passkey(browser: Browser, page: Page, device: Device, *, name: str = "Mine") -> Page:
    """Let a device make the passkey that a page asks for."""
    form = next((each for each in page.parsed.forms if "data-passkey-create" in each["data"]), None)
    if form is None:
        return page
    made = device.create(str(form["data"]["data-passkey-create"]), origin=browser.issuer)
    return browser.submit(page, has=("attestation",), attestation=made, name=name)


def assertion(browser: Browser, page: Page, device: Device, **more: Any) -> Page:
    """Let a device answer the passkey form of a page."""
    form = next(each for each in page.parsed.forms if "data-passkey" in each["data"])
    signed = device.get(str(form["data"]["data-passkey"]), origin=browser.issuer, **more)
    return browser.submit(page, has=("assertion",), assertion=signed)


def signed_up(browser: Browser, server: Running, name: str, device: Device) -> Person:
    """Somebody who signed up with a password and a passkey, both settled; the browser forgets it all."""
    page = browser.follow(browser.submit(browser.get(server.sign_up_address(name)), has=("csrf",)))
    page = browser.follow(browser.submit(page, password="violet harbour 77"))
    added = confirm_passkey(browser, browser.get(f"{page.url}?add=passkey"), device)
    assert "done=added" in (added.location or "")
    browser.cookies.clear()
    ((subject,),) = server.rows("SELECT id FROM subjects WHERE canonical = :n", n=name)
    return Person(subject, name, "violet harbour 77")
