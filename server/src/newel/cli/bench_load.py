"""The generator: browsers and a client on raw connections, in open loop (at a rate) or closed loop (as many at once).

In open loop a flow's time begins when it was due, so that a server that falls behind is not excused for it.
"""

import asyncio
import gc
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from newel.cli.bench_accounts import Account
from newel.cli.bench_script import Script

TICK = 0.002
"""Seconds between two looks at what is due."""
PACE = 0.005
"""Seconds between two connections: of many at once, the first worker that wakes would take nearly all."""
DRAIN = 10.0
"""Seconds for which flows under way at the end are waited for."""
END = b"\r\n\r\n"


@dataclass(slots=True)
class Tally:
    """What happened: seconds of each flow and of each of its requests by name, and what failed how often."""

    flows: list[float] = field(default_factory=list)
    requests: dict[str, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget the warm-up."""
        self.flows.clear()
        self.requests.clear()
        self.failed.clear()


class Connection(asyncio.Protocol):
    """One kept connection that runs a flow at a time; `idle` is told when one has ended."""

    def __init__(self, said: Script, tally: Tally, idle: "Callable[[Connection], None]") -> None:
        self._script = said
        self._tally = tally
        self._idle = idle
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._account: Account | None = None
        self._step = ""
        self._began = self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport writes
        self._idle(self)

    def start(self, account: Account, due: float) -> None:
        """Begin a flow that was due at `due`."""
        self._account, self._began = account, due
        self._send("par" if self._script.pushes else "authorize", self._script.first(account))

    def close(self) -> None:
        """Let go of the connection."""
        if self._transport is not None:
            self._transport.close()

    def _send(self, step: str, data: bytes) -> None:
        self._step, self._asked = step, time.perf_counter()
        if self._transport is not None:
            self._transport.write(data)

    def connection_lost(self, _error: Exception | None) -> None:
        """A flow that was under way has failed."""
        self._transport = None
        if self._account is not None:
            self._tally.failed[f"{self._step}: connection lost"] += 1
            self._account = None

    def data_received(self, data: bytes) -> None:
        """Go on once a whole answer is there."""
        self._buffer = answer = self._buffer + data
        end = answer.find(END)
        if end < 0:
            return
        head = answer[:end].decode("latin-1")
        length = _header(head, "content-length")
        if len(answer) < end + len(END) + int(length or 0):
            return
        self._buffer = b""
        self._tally.requests.setdefault(self._step, []).append(time.perf_counter() - self._asked)
        if self._account is not None:
            self._next(self._account, head[9:12], head, answer[end + len(END) :])

    def _next(self, account: Account, status: str, head: str, body: bytes) -> None:
        said, location = self._script, _header(head, "location")
        match self._step, status:
            case "par", "201":
                self._send("authorize", said.pushed(_between(body, b'"request_uri":"', b'"'), account))
            case "authorize", "200":
                page, csrf = _between(body, b'data-here="', b'"'), _between(body, b'name="csrf" value="', b'"')
                self._send("answer", said.answer(page, account, csrf, time.time()))
            case "answer", "303" if "?code=" in location:
                self._send("token", said.redeem(location.partition("?code=")[2].partition("&")[0]))
            case "token", "200":
                self._tally.flows.append(time.perf_counter() - self._began)
                self._end()
            case _:
                self._tally.failed[f"{self._step}: {status} {location[:80]}"] += 1
                self._end()

    def _end(self) -> None:
        self._account = None
        self._idle(self)


def _header(head: str, name: str) -> str:
    start = head.lower().find(f"\r\n{name}: ")
    return head[start + len(name) + 4 :].partition("\r\n")[0] if start >= 0 else ""


def _between(body: bytes, before: bytes, after: bytes) -> str:
    return body.partition(before)[2].partition(after)[0].decode()


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured stretch: what happened, in how many seconds, and the generator's own CPU seconds."""

    tally: Tally
    wall: float
    cpu: float


class Generator:
    """Drives `connections`; `rate` flows a second, or where it is 0 one flow at a time on each connection."""

    def __init__(self, script: Script, accounts: Iterator[Account], *, rate: float, connections: int) -> None:
        self._script = script
        self._accounts = accounts
        self._rate = rate
        self._connections = connections
        self._tally = Tally()
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._until = 0.0
        self.spent = False

    async def run(self, seconds: float, *, warm_up: float, begin: Callable[[], None]) -> Measured:
        """Warm up, call `begin`, measure for `seconds`, and wait for what is under way. OSError without a server."""
        opened = [await self._open() for _ in range(self._connections)]
        await self._stretch(warm_up)
        self._tally.clear()
        gc.collect()
        gc.freeze()
        gc.disable()
        begin()
        cpu, wall = time.process_time(), time.perf_counter()
        await self._stretch(seconds)
        measured = Measured(self._tally, time.perf_counter() - wall, time.process_time() - cpu)
        gc.enable()
        for connection in opened:
            connection.close()
        return measured

    async def _open(self) -> Connection:
        asked = urlsplit(self._script.origin)
        secure = ssl.create_default_context() if asked.scheme == "https" else None
        port = asked.port or (443 if secure else 80)
        loop = asyncio.get_running_loop()
        await asyncio.sleep(PACE)
        _, connection = await loop.create_connection(
            lambda: Connection(self._script, self._tally, self._ready), asked.hostname or "localhost", port, ssl=secure
        )
        return connection

    async def _stretch(self, seconds: float) -> None:
        """Run flows for so long, then wait until none is under way; what was due and never began has failed."""
        began = time.perf_counter()
        self._until = began + seconds
        if self._rate:
            await self._at_rate(began)
        else:
            for connection in [self._idle.popleft() for _ in range(len(self._idle))]:
                self._ready(connection)
            await asyncio.sleep(seconds)
        if self._due:
            self._tally.failed["never began"] += len(self._due)
            self._due.clear()
        for _ in range(int(DRAIN / TICK)):
            if len(self._idle) >= self._connections or self.spent:
                return
            await asyncio.sleep(TICK)

    async def _at_rate(self, began: float) -> None:
        for number in count():
            due = began + number / self._rate
            if due >= self._until or self.spent:
                return
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if self._idle:
                self._begin(self._idle.popleft(), due)
            else:
                self._due.append(due)

    def _ready(self, connection: Connection) -> None:
        """Give a connection its next flow, or let it rest."""
        now = time.perf_counter()
        if self._due:
            self._begin(connection, self._due.popleft())
        elif not self._rate and now < self._until and not self.spent:
            self._begin(connection, now)
        else:
            self._idle.append(connection)

    def _begin(self, connection: Connection, due: float) -> None:
        account = next(self._accounts, None)
        if account is None:
            self.spent = True
            self._idle.append(connection)
        else:
            connection.start(account, due)
