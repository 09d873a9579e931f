"""The store in process: units committed in groups and reads by key, each beside the bare driver in the same run.

A unit is a flow's second step: a counter, an interaction, a session and a code move, and the audit chain grows by one.
The floor of a group is one transaction of the bare driver that writes the same number of rows and syncs.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from line import Figure, show
from newel.domain.audit import Entry
from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.grant import CodeGrant, Grant
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.session import Session
from newel.domain.subject import Subject
from newel.storage.base import Committed, Store, Unit
from newel.storage.sql import authenticators, codes, interactions, sessions, subjects
from newel.storage.sqlite import open_store

NOW = 1_790_000_000
GROUPS = {1: 250, 8: 60, 32: 60}
READS = 20_000
ROWS = 5
HASH = bytes(32)


def evidence(name: str) -> Evidence:
    """One event."""
    return Evidence(id=f"e{name}", authenticator=f"a{name}", method="totp", at=NOW, interaction=f"i{name}")


def waiting(name: str) -> Interaction:
    """An open interaction."""
    return Interaction(
        id=f"i{name}", purpose=Purpose.AUTHORIZE, browser_hash=HASH, created_at=NOW, expires_at=NOW + 600
    )


def begun(name: str) -> Unit:
    """A subject that is signed in and asked."""
    session = Session(
        lineage=f"s{name}",
        subject=name,
        created_at=NOW,
        active_at=NOW,
        expires_at=NOW + 86_400,
        evidence=(evidence(name),),
    )
    totp = Authenticator(
        id=f"a{name}", subject=name, method="totp", name="Phone", created_at=NOW, material=HASH, counter=1
    )
    return Unit(
        (
            subjects.add_subject(Subject(id=name, name=name, display=name, person=name, created_at=NOW), name),
            *authenticators.add_authenticator(totp),
            sessions.add_session(session, HASH),
            interactions.add_interaction(waiting(name)),
        )
    )


def proven(name: str) -> Unit:
    """The step that is measured."""
    event = evidence(name)
    grant = Grant(
        family=f"f{name}",
        subject=name,
        client_id="bank",
        session=f"s{name}",
        scope=("openid",),
        audience=("bank",),
        evidence=(event,),
        issued_at=NOW,
    )
    code = CodeGrant(grant=grant, redirect_uri="https://bank.example/", nonce="n", code_challenge="c")
    done = Interaction(
        id=f"i{name}",
        purpose=Purpose.AUTHORIZE,
        browser_hash=HASH,
        created_at=NOW,
        expires_at=NOW + 600,
        state=State.DONE,
        revision=1,
        evidence=(event,),
    )
    return Unit(
        (
            authenticators.apply_change(name, AdvanceCounter(f"a{name}", 55), NOW),
            interactions.advance_interaction(done, 0),
            sessions.rotate_session(f"s{name}", HASH, bytes(31) + b"1", (event, event), NOW),
            codes.add_code(f"c{name}", HASH, code, NOW + 60),
        ),
        audit=Entry(kind="proven", at=NOW, body={"method": "totp"}, personal={"subject": name}),
    )


async def groups(store: Store, size: int, rounds: int) -> float:
    """Units answered a second when `size` are asked for at once."""
    names = [[f"{size}-{number}-{n}" for n in range(size)] for number in range(rounds)]
    for row in names:
        await asyncio.gather(*(store.apply(begun(name)) for name in row))
    units = [[proven(name) for name in row] for row in names]
    began = time.perf_counter()
    for row in units:
        outcomes = await asyncio.gather(*map(store.commit, row))
        if not all(isinstance(outcome, Committed) for outcome in outcomes):
            sys.exit("a unit was refused")
    return round(size * rounds / (time.perf_counter() - began))


def bare_groups(path: Path, size: int, rounds: int) -> float:
    """The same number of rows by the bare driver, a transaction and a sync for each group."""
    connection = apsw.Connection(str(path))
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("CREATE TABLE IF NOT EXISTS x (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
    log = os.open(f"{path}-wal", os.O_RDWR)
    began = time.perf_counter()
    for number in range(rounds):
        connection.execute("BEGIN IMMEDIATE")
        for n in range(size * ROWS):
            connection.execute("INSERT INTO x VALUES (?, ?)", (f"{size:03}-{number:06}-{n:06}", bytes(400)))
        connection.execute("COMMIT")
        os.fdatasync(log)
    spent = time.perf_counter() - began
    os.close(log)
    connection.close()
    return round(size * rounds / spent)


def each(work: Callable[[], object], times: int) -> float:
    """Microseconds for one call."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return round((time.perf_counter() - began) / times * 1e6, 2)


async def reads(store: Store, path: Path) -> list[Figure]:
    """One row by its key, as bytes and as the domain's value."""
    connection = apsw.Connection(str(path))
    query = interactions.interaction("i1-0-0")
    floor = each(lambda: connection.execute(query.sql, query.params).fetchall(), READS)
    began = time.perf_counter()
    for _ in range(READS):
        await store.one(interactions.interaction("i1-0-0"))
    value = round((time.perf_counter() - began) / READS * 1e6, 2)
    connection.close()
    return [Figure(figure="storage: an interaction read and decoded", value=value, unit="us", budget=25, floor=floor)]


async def measure(folder: Path) -> list[Figure]:
    """All figures."""
    store = await open_store(folder / "newel.db", audit_key=HASH, now_ms=NOW * 1000)
    figures = []
    for size, rounds in GROUPS.items():
        floor = bare_groups(folder / "bare.db", size, rounds)
        value = await groups(store, size, rounds)
        figures.append(
            Figure(figure=f"storage: durable units in groups of {size}", value=value, unit="/s", floor=floor)
        )
    figures += await reads(store, folder / "newel.db")
    await store.close()
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as made:
        show(asyncio.run(measure(Path(made))))
