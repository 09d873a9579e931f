"""The decision point over HTTP: what one AuthZEN evaluation costs the server, beside /healthz of the same server and run.

A server of its own decides by the demonstration bank's policy, with every check, limit and record on. Each question is
about another payment of some hundred people: the resource server authenticates with its secret, shows the person's
access token, a counter over 24 hours is read, and the decision's record is durable before the answer leaves. What is
told is CPU time of the server's process, all its threads, as the kernel counts it; the best round, since neighbours
only ever slow it.
"""

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from line import Figure, show
from newel.cli.arguments import loaded
from newel.cli.bench_accounts import Account
from newel.cli.bench_script import Script, script
from newel.cli.bench_server import Temporary, temporary
from newel.cli.opening import opened
from newel.domain.value import replace
from newel.flows.policies import bring
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.storage.base import Unit
from newel.storage.sql.clients import client, replace_client

POLICY = Path(__file__).parent.parent / "demos" / "bank" / "policy.yaml"
TARGET = "bank.transfer"
PEOPLE = 300
AT_ONCE = 32
ROUNDS, ASKED, ASKED_ALONE = 7, 1500, 300
WARM_UP = 3000
RESERVED = 500
MICROSECONDS = 1e6
END = b"\r\n\r\n"
EVALUATION = "/access/v1/evaluation"


class Connection(asyncio.Protocol):
    """A kept connection that asks one thing after the other; `asked` gives the requests, `ended` is told the last."""

    def __init__(self, asked: Iterator[bytes], answers: list[bytes], ended: asyncio.Event) -> None:
        self._asked, self._answers, self._ended = asked, answers, ended
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        """Nothing more is asked here."""
        self._ended.set()

    def data_received(self, data: bytes) -> None:
        """Ask the next once the answer is whole."""
        self._buffer += data
        head, end, body = self._buffer.partition(END)
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0):
            self._answers.append(self._buffer)
            self._buffer = b""
            self._next()

    def _next(self) -> None:
        request = next(self._asked, None)
        if self._transport is not None and request is not None:
            self._transport.write(request)
        elif self._transport is not None:
            self._transport.close()


async def ask(port: int, requests: Sequence[bytes], at_once: int) -> list[bytes]:
    """The answers to `requests`, in the order in which they came."""
    asked, answers = iter(requests), list[bytes]()
    ended = [asyncio.Event() for _ in range(at_once)]
    for event in ended:
        begin = partial(Connection, asked, answers, event)
        await asyncio.get_running_loop().create_connection(begin, "127.0.0.1", port)
    await asyncio.gather(*(event.wait() for event in ended))
    if len(answers) != len(requests):
        raise SystemExit("the server closed a connection")
    return answers


def used(process: int) -> float:
    """CPU seconds of a process so far, to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime(~process << 3 | 2)


@dataclass(frozen=True, slots=True)
class Person:
    """Who pays: a subject and the access token of a step-up."""

    subject: str
    token: str


def between(text: bytes, before: bytes, after: bytes) -> str:
    """What stands between two marks."""
    return text.partition(before)[2].partition(after)[0].decode()


async def step_up(port: int, said: Script, account: Account) -> Person:
    """Confirm with a code, as a person in a browser does, and take the token."""
    (page,) = await ask(port, [said.first(account)], 1)
    there, csrf = between(page, b'data-here="', b'"'), between(page, b'name="csrf" value="', b'"')
    (sent,) = await ask(port, [said.answer(there, account, csrf, time.time())], 1)
    (told,) = await ask(port, [said.redeem(between(sent, b"?code=", b"&"))], 1)
    token = json.loads(told.partition(END)[2])["access_token"]
    claims = token.split(".")[1]
    return Person(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"], token)


async def prepare(server: Temporary) -> None:
    """Bring the policy into force, and let the client state facts about payments."""
    source = Source.of(POLICY.name, POLICY.read_text(encoding="utf-8"))
    async with opened(loaded(server.folder / "newel.toml").config) as everything:
        made = Snapshot(read_document([source]))
        await bring(everything.store, made, [source], author="benchmark", reason="to be measured", now=everything.now)
        known = await everything.store.one(client(server.accounts.client_id))
        if known is not None:
            stating = replace(known, states=(TARGET,), audience="https://bank.example/api")
            await everything.store.commit(Unit(replace_client(stating)))


def evaluation(said: Script, person: Person, number: int, **context: Any) -> bytes:
    """May this person make this payment?"""
    body = json.dumps(
        {
            "subject": {"type": "user", "id": person.subject, "properties": {"access_token": person.token}},
            "action": {"name": "send"},
            "resource": {"type": TARGET, "id": f"t-{number}"},
            "context": {"amount": 100 + number % 1000, "payee_known": True, "country": "DE", **context},
        },
        separators=(",", ":"),
    )
    head = (
        f"POST {EVALUATION} HTTP/1.1\r\nHost: {said.host}\r\nAuthorization: {said.basic}\r\n"
        f"X-Request-ID: payment-{number}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


@dataclass(frozen=True, slots=True)
class Measuring:
    """A server that is ready, and the questions that are put to it."""

    server: Temporary
    port: int
    said: Script
    people: Sequence[Person]

    async def cost(self, requests: Sequence[bytes], *, at_once: int = AT_ONCE) -> float:
        """Microseconds of the server's CPU for each of these requests; the benchmark ends where one is not granted."""
        before = used(self.server.process)
        answers = await ask(self.port, requests, at_once)
        spent = (used(self.server.process) - before) / len(requests) * MICROSECONDS
        refused = [each for each in answers if b'"decision":true' not in each and b'"status":"ok"' not in each]
        if refused:
            raise SystemExit(refused[0].decode())
        return spent

    def payments(self, number: int) -> list[bytes]:
        """So many questions, each of another person."""
        return [evaluation(self.said, self.people[n % len(self.people)], n) for n in range(number)]

    def health(self, number: int) -> list[bytes]:
        """The floor: the same server answers that it is there."""
        return [f"GET /healthz HTTP/1.1\r\nHost: {self.said.host}\r\n\r\n".encode()] * number


async def ready(server: Temporary) -> Measuring:
    """A server with people who have tokens, some of their payments counted already."""
    port = urlsplit(server.issuer).port or 80
    said = script(server.issuer, server.accounts, pushes=False)
    await prepare(server)
    people = [await step_up(port, said, account) for account in server.accounts.accounts]
    return Measuring(server, port, said, people)


async def measure(server: Temporary) -> list[Figure]:
    """All figures."""
    measuring = await ready(server)
    said, people = measuring.said, measuring.people
    keyed = [evaluation(said, each, RESERVED, reservation=f"key-{each.subject}") for each in people]
    first = await measuring.cost(measuring.payments(PEOPLE))
    reserving = await measuring.cost(keyed)
    payments, health = measuring.payments(ASKED), measuring.health(ASKED)
    for _ in range(WARM_UP // ASKED):
        await measuring.cost(payments)
    seen, floor, alone = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        floor.append(await measuring.cost(health))
        seen.append(await measuring.cost(payments))
        alone.append(await measuring.cost(payments[:ASKED_ALONE], at_once=1))
    least = round(min(floor), 1)
    return [
        Figure(
            figure=f"evaluation, {AT_ONCE} at once: server CPU",
            value=round(min(seen), 1),
            unit="us",
            budget=150,
            floor=least,
        ),
        Figure(figure="evaluation, one at a time: server CPU", value=round(min(alone), 1), unit="us", floor=least),
        Figure(figure="evaluation, a token not seen before", value=round(first, 1), unit="us", floor=least),
        Figure(figure="evaluation that reserves what it counts", value=round(reserving, 1), unit="us", floor=least),
    ]


def main() -> None:
    """Print the figures."""
    with temporary(1, PEOPLE) as server:
        show(asyncio.run(measure(server)))


if __name__ == "__main__":
    main()
