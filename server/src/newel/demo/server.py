"""The server of a demonstration: made as `newel init` makes one, then filled with people and the applications' clients."""

import os
import subprocess  # ruff: ignore[suspicious-subprocess-import] - `newel init` is a command
import sys
import time
from collections.abc import Mapping, Sequence

from newel.config import load
from newel.crypto import key_file
from newel.crypto.hashing import secret_hash
from newel.demo.applications import Application
from newel.demo.folder import Folder
from newel.demo.people import PEOPLE, Credentials, Office
from newel.domain.audit import Entry
from newel.domain.client import Authentication, Client
from newel.flows.policies import bring
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.services import audit_key
from newel.storage.base import Store, Unit
from newel.storage.sql.clients import add_client, client, replace_client
from newel.storage.sqlite import open_store

ORGANISATION = "Acme Bank"
SCOPES = ("openid", "profile", "offline_access")
SECRET_BYTES, KEY_BYTES = 32, 32


class NotMade(Exception):
    """The server's folder could not be made; the message is what `newel init` said."""


def environment(issuer: str, port: int) -> Mapping[str, str]:
    """What the server's process is told beyond its file: where it answers today."""
    return {"NEWEL_SERVER__ISSUER": issuer, "NEWEL_SERVER__PORT": str(port)}


def make(folder: Folder, issuer: str) -> None:
    """Make the server's folder if it is not there. NotMade."""
    if folder.config.exists():
        return
    command = [sys.executable, "-m", "newel", "init", "--dir", str(folder.server), "--issuer", issuer]
    made = subprocess.run([*command, "--name", ORGANISATION], capture_output=True, text=True, check=False)  # ruff: ignore[subprocess-without-shell-equals-true] - our own command
    if made.returncode != 0:
        raise NotMade(made.stderr.strip() or made.stdout.strip())


async def fill(folder: Folder, issuer: str, port: int, applications: Sequence[Application]) -> tuple[Credentials, ...]:
    """Make sure that everybody and every client is there as it should be today; what people sign in with."""
    config = load(folder.config, {**_own_environment(), **environment(issuer, port)}).config
    vault = key_file.load(config.secrets.master_key_file)
    store = await open_store(config.storage.database, audit_key=audit_key(vault), now_ms=time.time_ns() // 1_000_000)
    try:
        now = int(time.time())
        for application in applications:
            await _register(store, application, folder, now)
            await _decide_by(store, application, now)
        office = Office(config=config, vault=vault, store=store, now=now)
        return tuple([await office.credentials(person) for person in PEOPLE])
    finally:
        await store.close()


async def _decide_by(store: Store, application: Application, now: int) -> None:
    """Bring an application's policy into force. PolicyRefused with every fault."""
    if not application.policy.exists():
        return
    sources = [Source.of(str(application.policy), application.policy.read_text())]
    made = Snapshot(read_document(sources))
    await bring(store, made, sources, author="demo", reason="the demonstration began", now=now)


async def _register(store: Store, application: Application, folder: Folder, now: int) -> None:
    """Register an application's client, or bring it up to date: its port may be another one today."""
    secret = folder.secret(application.name, "client-secret", SECRET_BYTES)
    folder.secret(application.name, "key", KEY_BYTES)
    found = await store.one(client(application.client_id))
    wanted = Client(
        id=application.client_id,
        name=f"{application.title} Online" if application.name != "bank" else "Acme Online Banking",
        authentication=Authentication.BASIC,
        redirect_uris=(application.callback,),
        created_at=now if found is None else found.created_at,
        secret_hash=secret_hash(secret),
        scopes=SCOPES,
        audience=application.origin,
        resources=(application.origin,),
        action_types=application.action_types,
        states=application.states,
    )
    if found == wanted:
        return
    statements = add_client(wanted) if found is None else replace_client(wanted)
    audit = Entry(kind="client_added", at=now, body={"by": "demo", "client": wanted.id})
    await store.commit(Unit(tuple(statements), audit=audit))


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("NEWEL_") and "__" in name}
