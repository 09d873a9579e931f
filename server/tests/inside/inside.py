"""The application inside the test's own process, its store behind a gate: what another request does between a flow's
look and its commit happens exactly there, by a real request of a real browser.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import httpx2
from tests import simulators
from tests.simulators.person import Browser
from tests.simulators.running import Running

from newel.app import build, router
from newel.config.read import load
from newel.config.tree import Config
from newel.domain.value import replace
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.services import Services
from newel.storage.base import Outcome, Query, StorageError, Store, Unit

T = TypeVar("T")
ADVANCE = "UPDATE interactions SET state"
"""What every move of an interaction begins with."""
POLICY_FILE = Path(simulators.__file__).with_name("policy.yaml")
DEPOT = """\
newel: 1
schema:
  resources:
    depot.order:
      actions: {buy: {verb: Buy}}
      fields:
        value: {money: true, label: Amount}
        fee: {money: true, label: Fee}
        depot: {account: true, label: Depot}
        pieces: {int: [0, 1000000000], label: Pieces}
rules:
  - id: order
    on: depot.order:buy
    require: {evidence: {aal1: session}}
  - id: vault
    on: newel.scope:vault
    require: {evidence: {aal2: session}, forbid: [totp]}
    because: the vault takes no typed codes
"""
POLICY = Snapshot(
    read_document([Source.of("policy.yaml", POLICY_FILE.read_text()), Source.of("depot.yaml", DEPOT)]),
)
"""The rules of test servers, a scope that takes no typed codes, and a resource with fields of every kind."""


class Gate:
    """A store before which something happens once: an action runs before the next statement that has a mark."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[str, Callable[[], object]]] = []
        self.broken: str | None = None

    def before(self, mark: str, action: Callable[[], object]) -> None:
        """Run `action` before the next unit or query whose SQL has `mark`; what runs in it passes by itself."""
        self._waiting.append((mark, action))

    @property
    def passed(self) -> bool:
        """Whether everything that waited here has happened."""
        return not self._waiting

    async def _pass(self, *sql: str) -> None:
        due = next((each for each in self._waiting if any(each[0] in text for text in sql)), None)
        if due is not None:
            self._waiting.remove(due)
            await asyncio.to_thread(due[1])

    async def one(self, query: Query[T]) -> T | None:
        await self._pass(query.sql)
        return await self._store.one(query)

    async def all(self, query: Query[T]) -> list[T]:
        await self._pass(query.sql)
        return await self._store.all(query)

    def mark(self, *tables: str) -> object:
        return self._store.mark(*tables)

    async def commit(self, unit: Unit) -> Outcome:
        await self._pass(*(each.sql for each in unit.statements))
        return await self._store.commit(unit)

    async def apply(self, unit: Unit) -> Outcome:
        await self._pass(*(each.sql for each in unit.statements))
        return await self._store.apply(unit)

    def fault(self) -> str | None:
        return self.broken or self._store.fault()

    async def close(self) -> None:
        await self._store.close()


class _Transport(httpx2.BaseTransport):
    """Requests of the test's threads, answered in the application's loop."""

    def __init__(self, application: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._asgi = httpx2.ASGITransport(application)
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result(30)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answered = await self._asgi.handle_async_request(request)
        body = await answered.aread()
        return httpx2.Response(answered.status_code, headers=answered.headers, content=body)


@dataclass
class Inside(Running):
    """A running application without a process of its own."""

    gate: Gate = field(kw_only=True)
    services: Services = field(kw_only=True)
    loop: asyncio.AbstractEventLoop = field(kw_only=True)
    transport: httpx2.BaseTransport = field(kw_only=True)
    taken: int = 0
    ahead: int = 0

    @contextmanager
    def later(self, seconds: int) -> Generator[None]:
        """Let the application's clock be ahead for a while."""
        self.ahead = seconds
        try:
            yield
        finally:
            self.ahead = 0

    def milliseconds(self) -> int:
        return time.time_ns() // 1_000_000 + 1000 * self.ahead

    def browser(self) -> Browser:
        opened = Browser(self.issuer)
        opened._http.close()
        opened._http = httpx2.Client(transport=self.transport, follow_redirects=False)
        return opened

    def twin(self, browser: Browser) -> Browser:
        """The same browser, in another of its tabs."""
        other = self.browser()
        other.cookies = dict(browser.cookies)
        return other


def _made(folder: Path) -> Config:
    """The configuration of a fresh installation, in which one address may play every person."""
    command = [sys.executable, "-m", "newel", "init", "--dir", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    told = {
        "NEWEL_SERVER__ISSUER": "http://localhost:8021",
        "NEWEL_GUESSING__PER_ADDRESS": "100000",
        "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000",
    }
    return load(folder / "newel.toml", {**os.environ, **told}).config


@contextmanager
def inside(folder: Path) -> Generator[Inside]:
    """An application in `folder`, made by `newel init`, in a thread of this process."""
    config = _made(folder)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def wait(work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(cast("Any", work), loop).result(30)  # type: ignore[no-any-return]  # what it is

    application = build(config, policy=POLICY)
    try:
        wait(application.start())
        started = application._services
        assert started is not None
        gate = Gate(started.store)
        services = replace(started, store=gate, clock=lambda: here.milliseconds())
        form_key, zone = services.vault.mac("form", b""), ZoneInfo(config.organisation.zone)
        transport = _Transport(router(services, form_key, zone), loop)
        http = httpx2.Client(transport=transport)
        process = cast("Any", None)
        here = Inside(
            folder,
            config.issuer,
            process,
            lambda: process,
            http=http,
            gate=gate,
            services=services,
            loop=loop,
            transport=transport,
        )
        yield here
        http.close()
    finally:
        wait(application.stop())
        wait(loop.shutdown_default_executor())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def broken() -> None:
    """What a store does that cannot be read."""
    raise StorageError("the disk is gone")
