"""Subjects to measure with: each has an authenticator app and a session that holds a password event, and nothing more.

They are stored as a sign-in would have left them; only the password's material is no hash, since nobody types it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newel.cli.opening import Open, fresh_id
from newel.cli.refusal import USAGE, Refusal
from newel.crypto.hashing import secret_hash
from newel.domain.client import Authentication, Client
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.session import Session
from newel.domain.subject import Subject
from newel.factors.table import sealed
from newel.factors.totp import SECRET_BYTES
from newel.storage.base import Statement, Unit
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.clients import add_client
from newel.storage.sql.sessions import add_session
from newel.storage.sql.subjects import add_subject

REDIRECT = "https://app.example.com/callback"
SCOPES = ("openid", "profile", "payments")
BATCH = 500
"""Subjects in one unit of work."""


@dataclass(frozen=True, slots=True)
class Account:
    """One subject's ways in: its app's secret, and the two cookies of its browser."""

    seed: bytes
    session: str
    browser: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """A confidential client and the subjects that will step up for it."""

    client_id: str
    client_secret: str
    redirect_uri: str
    accounts: list[Account]


def write_accounts(path: Path, accounts: Accounts) -> None:
    """Keep them in a file that its owner alone can read: it holds secrets of a server."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(accounts))


def read_accounts(path: Path) -> Accounts:
    """What `newel bench seed` wrote. Refusal where it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Accounts)
    except (OSError, msgspec.DecodeError) as error:
        raise Refusal(f"{path} holds no accounts ({error}). Make them with: newel bench seed", code=USAGE) from error


async def seed(everything: Open, subjects: int) -> Accounts:
    """Store a client and `subjects` subjects, some hundreds in one transaction."""
    client_id, secret = f"bench-{fresh_id()}", os.urandom(32).hex()
    client = Client(
        id=client_id,
        name="Benchmark",
        authentication=Authentication.BASIC,
        redirect_uris=(REDIRECT,),
        created_at=everything.now,
        secret_hash=secret_hash(secret),
        scopes=SCOPES,
    )
    entry = everything.entry("benchmark_seeded", client=client_id, subjects=subjects)
    await everything.store.commit(Unit(add_client(client), audit=entry))
    accounts: list[Account] = []
    for start in range(0, subjects, BATCH):
        statements: list[Statement] = []
        for _ in range(start, min(start + BATCH, subjects)):
            account, mine = _account(everything)
            accounts.append(account)
            statements += mine
        await everything.store.apply(Unit(tuple(statements)))
    await everything.store.commit(Unit())
    return Accounts(client_id, secret, REDIRECT, accounts)


def _account(everything: Open) -> tuple[Account, list[Statement]]:
    """One subject with its statements."""
    subject_id, lineage, now = fresh_id(), fresh_id(), everything.now
    account = Account(os.urandom(SECRET_BYTES), f"{lineage}.{os.urandom(32).hex()}", os.urandom(32).hex())
    name = f"bench-{subject_id}"
    subject = Subject(id=subject_id, name=name, display="Benchmark", person=subject_id, created_at=now)
    password, app = _authenticators(subject_id, account.seed, now)
    proof = Evidence(id=fresh_id(), authenticator=password.id, method="password", at=now, interaction=fresh_id())
    session = Session(
        lineage=lineage,
        subject=subject_id,
        created_at=now,
        active_at=now,
        expires_at=now + everything.config.lives.session,
        evidence=(proof,),
    )
    shown = secret_hash(account.session.partition(".")[2])
    stored = sealed(app, everything.vault, nonce=os.urandom(12))
    return account, [
        add_subject(subject, name),
        *add_authenticator(password),
        *add_authenticator(stored),
        add_session(session, shown),
    ]


def _authenticators(subject: str, seed: bytes, now: int) -> Iterator[Authenticator]:
    for method, material in (("password", b"none"), ("totp", seed)):
        yield Authenticator(
            id=fresh_id(),
            subject=subject,
            method=method,
            name=method,
            created_at=now,
            material=material,
            counter=0,
            last_used_at=now,
        )
