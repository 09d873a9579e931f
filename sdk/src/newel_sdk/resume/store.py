"""Where sealed intents wait: taken by one conditional statement, or not at all (S13, S16)."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MAX_OPEN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedIntent:
    """A row: what selects it in the clear, the request sealed; `exp` in seconds."""

    intent_id: str
    secret_hash: bytes
    subject: str
    lineage: str
    exp: int
    sealed: bytes


class IntentStore(Protocol):
    """Three verbs; at most `MAX_OPEN` intents a subject, the oldest make room."""

    def put(self, intent: SealedIntent, *, now: int) -> None:
        """Keep an intent until it expires."""

    def take(self, *, intent_id: str, secret_hash: bytes, subject: str, lineage: str, now: int) -> bytes | None:
        """Remove and return the sealed request when all four agree and it has not expired; once."""

    def discard(self, *, intent_id: str, secret_hash: bytes) -> None:
        """Remove an intent whose browser came back as somebody else."""


class MemoryIntentStore:
    """For one process and for tests."""

    def __init__(self) -> None:
        self._intents: dict[str, SealedIntent] = {}
        self._lock = threading.Lock()

    def put(self, intent: SealedIntent, *, now: int) -> None:
        """Keep an intent until it expires."""
        with self._lock:
            self._intents = {known: kept for known, kept in self._intents.items() if kept.exp > now}
            own = [kept.intent_id for kept in self._intents.values() if kept.subject == intent.subject]
            for oldest in own[: len(own) - MAX_OPEN + 1] if len(own) >= MAX_OPEN else ():
                del self._intents[oldest]
            self._intents[intent.intent_id] = intent

    def take(self, *, intent_id: str, secret_hash: bytes, subject: str, lineage: str, now: int) -> bytes | None:
        """Remove and return the sealed request when all four agree and it has not expired; once."""
        with self._lock:
            kept = self._intents.get(intent_id)
            if kept is None or kept.exp <= now:
                return None
            if (kept.secret_hash, kept.subject, kept.lineage) != (secret_hash, subject, lineage):
                return None
            return self._intents.pop(intent_id).sealed

    def discard(self, *, intent_id: str, secret_hash: bytes) -> None:
        """Remove an intent whose browser came back as somebody else."""
        with self._lock:
            kept = self._intents.get(intent_id)
            if kept is not None and kept.secret_hash == secret_hash:
                del self._intents[intent_id]


_TABLE = """CREATE TABLE IF NOT EXISTS newel_intents (
  id TEXT PRIMARY KEY, secret_hash BLOB NOT NULL, subject TEXT NOT NULL, lineage TEXT NOT NULL,
  exp INTEGER NOT NULL, sealed BLOB NOT NULL
) WITHOUT ROWID"""
_EXPIRE = "DELETE FROM newel_intents WHERE exp <= ?"
_MAKE_ROOM = """DELETE FROM newel_intents WHERE subject = ?1 AND id NOT IN
  (SELECT id FROM newel_intents WHERE subject = ?1 ORDER BY exp DESC LIMIT ?2)"""
_PUT = "INSERT INTO newel_intents (id, secret_hash, subject, lineage, exp, sealed) VALUES (?, ?, ?, ?, ?, ?)"
_TAKE = """DELETE FROM newel_intents
  WHERE id = ? AND secret_hash = ? AND subject = ? AND lineage = ? AND exp > ? RETURNING sealed"""
_DISCARD = "DELETE FROM newel_intents WHERE id = ? AND secret_hash = ?"


class SqliteIntentStore:
    """A table `newel_intents` on the application's connection; inside a transaction the application commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        if not connection.in_transaction:
            connection.execute(_TABLE)

    def _run(self, *statements: tuple[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        if self._connection.in_transaction:
            return [row for text, values in statements for row in self._connection.execute(text, values).fetchall()]
        with self._connection:
            return [row for text, values in statements for row in self._connection.execute(text, values).fetchall()]

    def put(self, intent: SealedIntent, *, now: int) -> None:
        """Keep an intent until it expires."""
        row = (intent.intent_id, intent.secret_hash, intent.subject, intent.lineage, intent.exp, intent.sealed)
        self._run((_EXPIRE, (now,)), (_MAKE_ROOM, (intent.subject, MAX_OPEN - 1)), (_PUT, row))

    def take(self, *, intent_id: str, secret_hash: bytes, subject: str, lineage: str, now: int) -> bytes | None:
        """Remove and return the sealed request when all four agree and it has not expired; once."""
        rows = self._run((_TAKE, (intent_id, secret_hash, subject, lineage, now)))
        return bytes(rows[0][0]) if rows else None

    def discard(self, *, intent_id: str, secret_hash: bytes) -> None:
        """Remove an intent whose browser came back as somebody else."""
        self._run((_DISCARD, (intent_id, secret_hash)))
