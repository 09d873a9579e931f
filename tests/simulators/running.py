"""A real server for tests: its own folder, its own port, seeded through storage, stopped at the end.

with running(tmp_path) as server:
    person = server.person("alex", password="copper lantern 58", app=True)
    client = server.client("bank-web")
    browser = server.browser()
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from base64 import b32decode, b64encode
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2

from newel.cli.opening import Open, opened
from newel.config.read import load
from newel.crypto.hashing import secret_hash
from newel.domain.client import Authentication, Client
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.factors import totp
from newel.factors.base import Account, Confirmed, Context
from newel.factors.recovery_code import code_hashes
from newel.factors.table import FACTORS, sealed
from newel.flows.policies import bring
from newel.http.ratelimit import name_key
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.storage.base import Query, Statement, Unit
from newel.storage.ids import new_id
from newel.storage.sql.authenticators import add_authenticator, add_recovery_codes
from newel.storage.sql.clients import add_client
from newel.storage.sql.subjects import add_sign_up, add_subject
from tests.simulators.person import VERIFIER, Browser

REDIRECT = "http://localhost:9/callback"
STEP = 30


@dataclass
class Person:
    """A seeded subject and what it proves itself with."""

    id: str
    name: str
    password: str = ""
    seed: bytes = b""
    recovery: tuple[str, ...] = ()
    _used: int = 0

    def code(self, *, step: int | None = None) -> str:
        """The next code of the app that was not given out yet, within the accepted drift."""
        now, into = divmod(int(time.time()), STEP)
        earliest = now - 1 if into < STEP // 2 else now  # one that stays valid while the test goes on
        chosen = step if step is not None else max(earliest, self._used + 1)
        self._used = max(self._used, chosen)
        return totp.code(self.seed, chosen)


@dataclass
class Relying:
    """A registered client with its secret, and how it redeems."""

    server: "Running"
    id: str
    secret: str
    redirect_uri: str

    @property
    def basic(self) -> dict[str, str]:
        encoded = b64encode(f"{self.id}:{self.secret}".encode()).decode()
        return {"authorization": f"Basic {encoded}"} if self.secret else {}

    def post(self, path: str, **form: str) -> httpx2.Response:
        data = form if self.secret else {**form, "client_id": self.id}
        return self.server.http.post(self.server.issuer + path, data=data, headers=self.basic)

    def redeem(self, code: str, **more: str) -> httpx2.Response:
        form = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": VERIFIER, **more}
        return self.post("/token", grant_type="authorization_code", **{k: v for k, v in form.items() if v})

    def refresh(self, token: str, **more: str) -> httpx2.Response:
        return self.post("/token", grant_type="refresh_token", refresh_token=token, **more)

    def introspect(self, token: str) -> dict[str, Any]:
        return dict(self.post("/introspect", token=token).json())


@dataclass
class Running:
    """A server process and its folder."""

    folder: Path
    issuer: str
    process: "subprocess.Popen[str]"
    restart: Callable[[], "subprocess.Popen[str]"]
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30))

    @property
    def database(self) -> Path:
        return self.folder / "newel.db"

    def browser(self) -> Browser:
        return Browser(self.issuer)

    def cli(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "newel", *arguments, "--config", str(self.folder / "newel.toml")]
        environment = {**os.environ, "NEWEL_SERVER__ISSUER": self.issuer}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def open(self, work: Callable[[Open], Any]) -> Any:
        """Do something on the open database, beside the running server."""
        environment = {**os.environ, "NEWEL_SERVER__ISSUER": self.issuer}

        async def run() -> Any:
            async with opened(load(self.folder / "newel.toml", environment).config) as everything:
                return await work(everything)

        return asyncio.run(run())

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Look into the database."""

        async def read(everything: Open) -> list[tuple[Any, ...]]:
            return await everything.store.all(Query(sql, params, tuple))

        return list(self.open(read))

    def person(
        self,
        name: str = "alex",
        *,
        password: str = "copper lantern 58",
        app: bool = False,
        recovery: bool = False,
        groups: tuple[str, ...] = (),
        attributes: Mapping[str, str] | None = None,
    ) -> Person:
        """Seed a subject whose authenticators are settled, as after a sign-up."""

        async def seed(everything: Open) -> Person:
            return await _seed(everything, name, password, app, recovery, groups, attributes or {})

        return self.open(seed)  # type: ignore[no-any-return]

    def sign_up_address(self, name: str, display: str = "") -> str:
        """Seed a subject without authenticators; its one-time address. `display` is what pages call it."""

        async def seed(everything: Open) -> str:
            person = await _seed(everything, name, "", False, False, (), {}, display)
            secret = os.urandom(32).hex()
            identifier = _id()
            add = add_sign_up(identifier, secret_hash(secret), person.id, everything.now + 86400)
            await everything.store.commit(Unit((add,)))
            return f"{self.issuer}/sign-up/{identifier}.{secret}"

        return str(self.open(seed))

    def client(self, identifier: str = "bank-web", **more: Any) -> Relying:
        """Seed a client: confidential with client_secret_basic unless said otherwise."""
        method = more.pop("authentication", Authentication.BASIC)
        secret = "" if method in {Authentication.NONE, Authentication.PRIVATE_KEY_JWT} else os.urandom(32).hex()
        values: dict[str, Any] = {
            "id": identifier,
            "name": "Acme Online Banking",
            "authentication": method,
            "redirect_uris": (REDIRECT,),
            "created_at": int(time.time()),
            "secret_hash": secret_hash(secret) if secret else b"",
            "scopes": ("openid", "profile", "offline_access", "payments"),
            "action_types": ("bank.transfer",),
            "states": ("bank.transfer",),
            **more,
        }

        async def seed(everything: Open) -> None:
            await everything.store.commit(Unit(add_client(Client(**values))))

        self.open(seed)
        return Relying(self, identifier, secret, values["redirect_uris"][0])


async def _seeded(folder: Path, policy: Path) -> None:
    async with opened(load(folder / "newel.toml", os.environ).config) as everything:
        await put_in_force(everything, policy)


def _id() -> str:
    return new_id(time.time_ns() // 1_000_000, os.urandom(16))


async def _seed(
    everything: Open,
    name: str,
    password: str,
    app: bool,
    recovery: bool,
    groups: tuple[str, ...],
    attributes: Mapping[str, str],
    display: str = "",
) -> Person:
    identifier, now = _id(), everything.now
    subject = Subject(
        id=identifier,
        name=name,
        display=display or f"{name.capitalize()} Doe",
        person=identifier,
        created_at=now,
        groups=frozenset(groups),
        attributes=attributes,
    )
    account = Account(id=identifier, name=name, display=subject.display)
    statements: list[Statement] = [add_subject(subject, name_key(name))]
    person = Person(identifier, name, password)
    if password:
        statements += _added(everything, _confirm(everything, account, "password", lambda _draft: password)[0])
    if app:
        made, draft = _confirm(everything, account, "totp", lambda seed: totp.code(seed, now // STEP - 1))
        # the app's present code is still unused
        statements += _added(everything, replace(made, counter=0))
        person.seed = draft
    if recovery:
        made, _ = _confirm(everything, account, "recovery_code", lambda _draft: "1")
        statements += _added(everything, made)
        statements += add_recovery_codes(made.id, code_hashes(made.material))
        person.recovery = _CODES[made.id]
    await everything.store.commit(Unit(tuple(statements)))
    return person


_CODES: dict[str, tuple[str, ...]] = {}


def _added(everything: Open, made: Authenticator) -> tuple[Statement, ...]:
    return add_authenticator(sealed(replace(made, ceiling=None), everything.vault, nonce=os.urandom(12)))


def _confirm(
    everything: Open, account: Account, method: str, answer: Callable[[bytes], str]
) -> tuple[Authenticator, bytes]:
    config = everything.config
    context = Context(
        now=everything.now,
        random=os.urandom,
        rp_id=config.rp_id,
        origin=config.issuer,
        rp_name=config.organisation.name,
        interaction="seed",
        event_id="seed",
        vault=everything.vault,
    )
    factor = FACTORS[method]
    enrolment = factor.enrol(context, account)
    secret = b""
    if method == "totp":
        text = "".join(enrolment.public["secret"])
        secret = b32decode(text + "=" * (-len(text) % 8))
    made = factor.confirm(context, account, enrolment.draft, answer(secret), authenticator_id=_id(), name=method)
    assert isinstance(made, Confirmed), made
    if method == "recovery_code":
        _CODES[made.authenticator.id] = tuple(enrolment.public["codes"])
    return made.authenticator, secret


POLICY = Path(__file__).with_name("policy.yaml")


async def put_in_force(everything: Open, *files: Path) -> None:
    """Bring the policy that `files` make into force."""
    sources = [Source.of(file.name, file.read_text()) for file in files]
    made = Snapshot(read_document(sources))
    await bring(everything.store, made, sources, author="test", reason="a test", now=everything.now)


@contextmanager
def running(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None, policy: Path | None = POLICY
) -> Generator[Running]:
    """A server in `folder`, made by `newel init`, on a free port, deciding by `policy` (None: as shipped)."""
    python = [sys.executable, "-m", "newel"]
    subprocess.run([*python, "init", "--dir", str(folder)], check=True, capture_output=True)
    if policy is not None:
        with ThreadPoolExecutor(1) as beside:  # whoever calls may stand in a loop of its own
            beside.submit(asyncio.run, _seeded(folder, policy)).result()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        issuer = f"http://localhost:{listener.getsockname()[1]}"
        told = {**os.environ, "NEWEL_SERVER__ISSUER": issuer, "NEWEL_LOG__LEVEL": "warning", **(environment or {})}

        def start() -> "subprocess.Popen[str]":
            command = [*python, "serve", "--fd", str(listener.fileno()), *arguments]
            process = subprocess.Popen(
                [*command, "--config", str(folder / "newel.toml")],
                env=told,
                pass_fds=(listener.fileno(),),
                stdout=subprocess.PIPE,
                text=True,
            )
            ready = process.stdout.readline() if process.stdout else ""
            assert ready.startswith("ready "), ready
            return process

        server = Running(folder, issuer, start(), start)
        try:
            yield server
        finally:
            server.http.close()
            server.process.terminate()
            server.process.wait(20)
            if server.process.stdout:
                server.process.stdout.close()
