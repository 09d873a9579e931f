"""One flow against the store, unit by unit."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from newel.domain.audit import Entry
from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.grant import CodeGrant, Grant
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.session import Session
from newel.domain.subject import Subject
from newel.storage.base import Committed, Unit
from newel.storage.connection import connect
from newel.storage.sql import authenticators, codes, grants, interactions, revocations, sessions, subjects
from newel.storage.sqlite import open_store
from tests.faults.course import Course, Fault, verified

KEY = bytes(32)
NOW = 1_790_000_000
DATABASE = "newel.db"


def digest(text: str) -> bytes:
    """A hash standing for the hash of a secret."""
    return hashlib.sha256(text.encode()).digest()


EVENT = Evidence(id="e1", authenticator="a1", method="totp", at=NOW, interaction="i1")
TOTP = Authenticator(id="a1", subject="alice", method="totp", name="Phone", created_at=NOW, material=b"seed")
ALICE = Subject(id="alice", name="alice", display="Alice", person="alice", created_at=NOW)
OPEN = Interaction(
    id="i1",
    purpose=Purpose.AUTHORIZE,
    browser_hash=digest("browser"),
    created_at=NOW,
    expires_at=NOW + 600,
    subject="alice",
    lineage="s1",
)
GRANT = Grant(
    family="f1",
    subject="alice",
    client_id="bank",
    session="s1",
    scope=("openid",),
    audience=("bank",),
    evidence=(EVENT,),
    issued_at=NOW,
)
WAITING = CodeGrant(grant=GRANT, redirect_uri="https://bank.example/", nonce=None, code_challenge=None)
SESSION = Session(
    lineage="s1", subject="alice", created_at=NOW, active_at=NOW, expires_at=NOW + 86_400, evidence=(EVENT,)
)


def entry(kind: str) -> Entry:
    """An audit entry with a personal part."""
    return Entry(kind=kind, at=NOW, body={"of": kind}, personal={"subject": "alice"})


@dataclass(frozen=True)
class Step:
    """A unit of the flow; `answered` steps are told to the person once they are durable."""

    name: str
    unit: Unit
    answered: bool = True


STEPS = (
    Step("asked", Unit((interactions.add_interaction(OPEN),), audit=entry("asked"))),
    Step("reserved", Unit((interactions.reserve_attempt("i1", 5, NOW),)), answered=False),
    Step(
        "proven",
        Unit(
            (
                authenticators.apply_change("alice", AdvanceCounter("a1", 55), NOW),
                interactions.advance_interaction(replace(OPEN, state=State.DONE, revision=1), 0),
                sessions.rotate_session("s1", digest("old"), digest("new"), (EVENT, EVENT), NOW),
                codes.add_code("c1", digest("code"), WAITING, NOW + 60),
            ),
            audit=entry("proven"),
        ),
    ),
    Step(
        "redeemed",
        Unit(
            (
                codes.consume_code("c1", digest("code"), "bank", NOW),
                grants.add_family(GRANT, digest("first"), NOW + 900),
            ),
            audit=entry("redeemed"),
        ),
    ),
    Step(
        "refreshed",
        Unit((grants.rotate_refresh("f1", "bank", digest("first"), digest("second"), NOW),), audit=entry("refreshed")),
    ),
    Step("revoked", Unit(revocations.revoke_session("s1", NOW), audit=entry("revoked"))),
)
FOLDED_BEFORE = ("redeemed", "revoked")


def prepare(folder: Path) -> None:
    """A database with one subject that is signed in."""
    asyncio.run(_seed(str(folder / DATABASE)))


async def _seed(path: str) -> None:
    store = await open_store(path, audit_key=KEY, now_ms=(NOW - 1) * 1000)
    await store.commit(
        Unit(
            (
                subjects.add_subject(ALICE, "alice"),
                *authenticators.add_authenticator(TOTP),
                sessions.add_session(SESSION, digest("old")),
            ),
            audit=entry("seeded"),
        )
    )
    await store.close()


async def walk(folder: Path, say: Callable[[str, Any], None]) -> None:
    """Walk through the flow; `say` hears of each step that was answered."""
    path = str(folder / DATABASE)
    store = await open_store(path, audit_key=KEY, now_ms=NOW * 1000)
    for step in STEPS:
        if step.name in FOLDED_BEFORE:
            await asyncio.to_thread(fold, path)
        outcome = await (store.commit if step.answered else store.apply)(step.unit)
        if not isinstance(outcome, Committed):
            raise TypeError(step.name)
        if step.answered:
            say(step.name, None)
    await store.close()


def fold(path: str) -> None:
    """Fold the log into the file, as happens now and then beside the writer."""
    connection = connect(path)
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    connection.close()


async def examine(folder: Path, course: Course, told: Sequence[tuple[str, Any]]) -> None:
    """Fault unless the database is at a state of the course that holds what was told, and takes a unit more."""
    store = await open_store(folder / DATABASE, audit_key=KEY, now_ms=(NOW + 1) * 1000)
    course.beyond(folder / DATABASE, [step for step, _ in told])
    outcome = await store.commit(Unit((interactions.add_interaction(replace(OPEN, id="i2")),), audit=entry("again")))
    if not isinstance(outcome, Committed):
        raise Fault("the database takes nothing any more")
    await verified(store, KEY)
    await store.close()
