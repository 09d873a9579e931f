"""The generator: browsers and a client on raw connections, in open loop (at a rate) or closed loop (as many at once).

In open loop a flow's time begins when it was due, so that a server that falls behind is not excused for it.
"""

import asyncio
import gc
import hashlib
import time
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from newel.cli.bench_accounts import Account, Accounts
from newel.crypto import base64url
from newel.factors import totp

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64url.encode(hashlib.sha256(VERIFIER.encode()).digest())
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
)
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
TICK = 0.002
DRAIN = 5.0
OPEN_CONNECTIONS = 128
END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Script:
    """The requests of a flow as bytes, made of the parts that change."""

    host: str
    origin: str
    query: str
    basic: str
    redirect: str
    pushes: bool
    client_id: str

    def first(self, account: Account) -> bytes:
        """What a flow begins with."""
        return self.push() if self.pushes else self.get(f"/authorize?{self.query}", account)

    def push(self) -> bytes:
        """The client's pushed authorization request (RFC 9126)."""
        return self._call("/par", self.query)

    def pushed(self, request_uri: str, account: Account) -> bytes:
        """The browser's authorization request by reference."""
        asked = urlencode({"client_id": self.client_id, "request_uri": request_uri})
        return self.get(f"/authorize?{asked}", account)

    def get(self, path: str, account: Account) -> bytes:
        """A browser's request for a page."""
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{BROWSER}{_cookies(account)}\r\n".encode()

    def answer(self, path: str, account: Account, csrf: str, now: float) -> bytes:
        """The page's form with the app's present code."""
        body = f"csrf={csrf}&way=totp&otp={totp.code(account.seed, totp.step_at(int(now)))}"
        head = f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nOrigin: {self.origin}\r\n{BROWSER}{_cookies(account)}"
        return f"{head}{FORM}{len(body)}\r\n\r\n{body}".encode()

    def redeem(self, code: str) -> bytes:
        """The client's exchange of a code."""
        body = f"grant_type=authorization_code&code={code}&redirect_uri={self.redirect}&code_verifier={VERIFIER}"
        return self._call("/token", body)

    def _call(self, path: str, body: str) -> bytes:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: application/json\r\nAuthorization: {self.basic}\r\n"
        )
        return f"{head}{FORM}{len(body)}\r\n\r\n{body}".encode()


def script(issuer: str, accounts: Accounts, *, pushes: bool) -> Script:
    """The requests at one issuer; `pushes` sends the authorization request through /par."""
    asked = {
        "response_type": "code",
        "client_id": accounts.client_id,
        "redirect_uri": accounts.redirect_uri,
        "scope": "openid payments",
        "state": "af0ifjsldkj29xk",
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "acr_values": "aal2",
    }
    return Script(
        host=urlsplit(issuer).netloc,
        origin=issuer,
        query=urlencode(asked),
        basic="Basic " + b64encode(f"{accounts.client_id}:{accounts.client_secret}".encode()).decode(),
        redirect=quote(accounts.redirect_uri, safe=""),
        pushes=pushes,
        client_id=accounts.client_id,
    )


def _cookies(account: Account) -> str:
    return f"Cookie: __Host-newel-s={account.session}; __Host-newel-b={account.browser}\r\n"


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
            case "authorize", "303" if location.startswith("/i/"):
                self._send("page", said.get(location, account))
            case "page", "200":
                path = _between(body, b'action="', b'"')
                csrf = _between(body, b'name="csrf" value="', b'"')
                self._send("answer", said.answer(path, account, csrf, time.time()))
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
    """One measured stretch: what happened in how many seconds, and the generator's own CPU seconds."""

    tally: Tally
    wall: float
    cpu: float
    spent: bool


@dataclass(slots=True)
class Generator:
    """Drives connections; `rate` flows a second, or as many at once as there are connections where it is 0."""

    issuer: str
    accounts: Accounts
    rate: float
    connections: int
    pushes: bool
    tally: Tally = field(default_factory=Tally)
    _idle: deque[Connection] = field(default_factory=deque)
    _due: deque[float] = field(default_factory=deque)
    _all: list[Connection] = field(default_factory=list)
    _until: float = 0.0
    _spent: bool = False

    async def run(self, seconds: float, warm_up: float, begin: Callable[[], None]) -> Measured:
        """Warm up, call `begin`, measure for `seconds`, wait for what is under way."""
        await self._connect()
        self._next_account: Iterator[Account]
        accounts = iter(self.accounts.accounts)
        await self._stretch(warm_up, accounts)
        self.tally.clear()
        gc.collect()
        gc.freeze()
        gc.disable()
        begin()
        cpu, wall = time.process_time(), time.perf_counter()
        await self._stretch(seconds, accounts)
        measured = Measured(self.tally, time.perf_counter() - wall, time.process_time() - cpu, self._spent)
        gc.enable()
        for connection in self._all:
            connection.close()
        return measured
