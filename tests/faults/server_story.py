"""A sign-in, a step-up and what follows it, asked of a whole server: requests in, answers out, a database below."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from argon2 import PasswordHasher

from newel import app
from newel.cli.init import make_database
from newel.cli.opening import Open, opened
from newel.config.read import load
from newel.crypto import hashing, key_file
from newel.crypto.hashing import hash_password
from newel.domain.client import Authentication, Client
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.factors.table import sealed
from newel.factors.totp import STEP
from newel.services import audit_key
from newel.storage.base import Unit
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.clients import add_client
from newel.storage.sql.subjects import add_subject
from tests.faults.course import Course, verified
from tests.faults.server_examination import Scene, after_death
from tests.faults.server_wire import CLIENT, ISSUER, NAME, PASSWORD, REDIRECT, SEED, Knows, Wire, expect
from tests.faults.store_story import fold

DATABASE = "newel.db"
CONFIG = f'[server]\nissuer = "{ISSUER}"\n'
NOW = (int(time.time()) // STEP + 4) * STEP + STEP // 3
"""One moment for every walk, well inside a step of the app and after everything was seeded."""
FOLDED_BEFORE = ("entered", "revoked")
STATELESS = ("Renderer", "load_assets", "read_catalogues")
"""What an application is made of that is the same in every one and takes long to make."""

Step = Callable[[Wire, Knows], Awaitable[Knows]]


def _once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Make it once, whatever the arguments."""
    made: list[Any] = []

    def get(*arguments: Any, **more: Any) -> Any:
        if not made:
            made.append(make(*arguments, **more))
        return made[0]

    return get


async def _replay(wire: Wire, knows: Knows) -> Knows:
    expect(await wire.redeeming(knows.codes[0]), 400)
    return knows


async def _revoke(wire: Wire, knows: Knows) -> Knows:
    await wire.revoke(knows.tokens[-1][1])
    return knows


STEPS: dict[str, Step] = {
    "asked who": lambda wire, knows: wire.ask(knows),
    "signed in": lambda wire, knows: wire.answer(knows, username=NAME, password=PASSWORD),
    "entered": lambda wire, knows: wire.redeem(knows, knows.codes[-1]),
    "asked": lambda wire, knows: wire.ask(knows, acr_values="aal2"),
    "guessed": lambda wire, knows: wire.answer(knows, way="totp", otp=wire.wrong_code()),
    "proven": lambda wire, knows: wire.answer(knows, way="totp", otp=wire.code(-1)),
    "redeemed": lambda wire, knows: wire.redeem(knows, knows.codes[-1]),
    "refreshed": lambda wire, knows: wire.refresh(knows, knows.tokens[-1][1]),
    "revoked": _revoke,
    "replayed": _replay,
}


def prepare(folder: Path) -> None:
    """A server's folder with a public client, and a subject who has a password and an app.

    What is examined is what is written: from here on this process hashes passwords cheaply and makes pages once.
    """
    hashing._ARGON2ID = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=32)
    for part in STATELESS:
        setattr(app, part, _once(getattr(app, part)))
    (folder / "newel.toml").write_text(CONFIG, encoding="utf-8")
    config = load(folder / "newel.toml", {}).config
    vault = key_file.generate(os.urandom(32), "key")
    key_file.save(config.secrets.master_key_file, vault)
    asyncio.run(make_database(config, vault))
    asyncio.run(_seed(folder))


async def _seed(folder: Path) -> None:
    async with opened(load(folder / "newel.toml", {}).config) as everything:
        client = Client(
            id=CLIENT,
            name="Bank",
            authentication=Authentication.NONE,
            redirect_uris=(REDIRECT,),
            created_at=everything.now,
            scopes=("openid", "offline_access"),
        )
        subject = Subject(id="alex-1", name=NAME, display="Alex Doe", person="alex-1", created_at=everything.now)
        added = [each for made in _authenticators(everything, subject.id) for each in add_authenticator(made)]
        statements = (*add_client(client), add_subject(subject, NAME), *added)
        await everything.store.commit(Unit(statements, audit=everything.entry("seeded")))


def _authenticators(everything: Open, subject: str) -> Iterator[Authenticator]:
    hashed = hash_password(PASSWORD, salt=bytes(16)).encode()
    for method, material in (("password", hashed), ("totp", SEED)):
        made = Authenticator(
            id=method, subject=subject, method=method, name=method, created_at=everything.now, material=material
        )
        yield sealed(made, everything.vault, nonce=os.urandom(12)) if method == "totp" else made


@asynccontextmanager
async def served(folder: Path, now: int) -> AsyncGenerator[Wire]:
    """The server on a folder, started and stopped, at one moment."""
    server = app.build(load(folder / "newel.toml", {}).config, clock=lambda: now * 1000)
    await server.start()
    services = server._services
    assert services is not None
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=server), base_url=ISSUER) as http:
        yield Wire(http, services.store, now)
    await server.stop()


@contextmanager
def same_randomness() -> Generator[None]:
    """Whatever asks the operating system for randomness is given the same in every walk."""
    ours, blocks = os.urandom, count()

    def bytes_in_order(amount: int) -> bytes:
        return hashlib.shake_256(str(next(blocks)).encode()).digest(amount)

    os.urandom = bytes_in_order
    try:
        yield
    finally:
        os.urandom = ours


async def walk(folder: Path, say: Callable[[str, Any], None]) -> None:
    """Start the server, walk through the flow, stop it; `say` hears of each answer and what is known by it."""
    with same_randomness():
        async with served(folder, NOW) as wire:
            knows = Knows()
            for name, step in STEPS.items():
                if name in FOLDED_BEFORE:
                    await asyncio.to_thread(fold, str(folder / DATABASE))
                knows = await step(wire, knows)
                say(name, asdict(knows))


async def examine(folder: Path, course: Course, told: Sequence[tuple[str, Any]]) -> None:
    """Fault unless everything that was told holds, nothing is half-done, and one can go on to tokens."""
    config = load(folder / "newel.toml", {}).config
    answered = [step for step, _ in told]
    async with served(folder, NOW + 1) as wire:
        beyond = course.beyond(folder / DATABASE, answered)
        knows = Knows(**told[-1][1]) if told else Knows()
        await after_death(Scene(wire, knows, beyond), STEPS, answered)
        key = audit_key(key_file.load(config.secrets.master_key_file))
        await verified(wire.store, key, config.storage.checkpoint_file)
