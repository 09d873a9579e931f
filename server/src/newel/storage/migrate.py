"""Migrations: numbered SQL files, applied once each, in order, and never edited afterwards.

1. What is recorded as applied must be a prefix of what this version knows, with equal checksums.
2. Anything else stops the start: a file that was edited or removed, or a database that a newer version made.
3. All that is missing is applied in one transaction, so that a start that dies half-way changes nothing.
"""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, StartRefused, Statement

Dialect = Literal["sqlite", "postgres"]
_WORDS: dict[Dialect, tuple[tuple[str, str], ...]] = {
    "sqlite": (),
    "postgres": (
        (" WITHOUT ROWID,", ""),
        (" STRICT", ""),
        (" BLOB", " BYTEA"),
        (" INTEGER", " BIGINT"),
        (" TEXT", ' TEXT COLLATE "C"'),
    ),
}
"""Migrations are written for SQLite; what another dialect calls otherwise."""

CREATE = """CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name, its text, and the SHA-256 of that text in hexadecimal."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What is compared: of the text as written, whatever the dialect."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration as the database records it."""

    number: int
    name: str
    checksum: str


def known() -> tuple[Migration, ...]:
    """The migrations of this version, in order."""
    found = []
    for entry in files("newel.storage").joinpath("migrations").iterdir():
        number, _, name = entry.name.removesuffix(".sql").partition("_")
        if entry.name.endswith(".sql"):
            found.append(Migration(int(number), name, entry.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda each: each.number))


def pending(applied: Sequence[Applied], migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    """What is still to apply. StartRefused where the record and the files disagree."""
    if len(applied) > len(migrations):
        raise StartRefused(f"the database was made by a newer version (migration {applied[len(migrations)].number})")
    for done, migration in zip(applied, migrations, strict=False):
        if done.number != migration.number:
            raise StartRefused(f"migration {done.number} ({done.name}) was applied and is missing")
        if done.checksum != migration.checksum:
            raise StartRefused(f"migration {done.number} ({done.name}) was edited after it was applied")
    return tuple(migrations[len(applied) :])


def statements(migration: Migration, dialect: Dialect) -> str:
    """The text of a migration in a dialect."""
    sql = migration.sql
    for written, other in _WORDS[dialect]:
        sql = sql.replace(written, other)
    return sql


def applied() -> Query[Applied]:
    """What the database records, in order."""
    return Query("SELECT number, name, checksum FROM migrations ORDER BY number", {}, _decode)


def record(migration: Migration, now: int) -> Statement:
    """Record a migration as applied."""
    sql = "INSERT INTO migrations (number, name, checksum, applied_at) VALUES (:number, :name, :checksum, :now)"
    params: Params = {"number": migration.number, "name": migration.name, "checksum": migration.checksum, "now": now}
    return Statement(sql, params)


def _decode(row: Row) -> Applied:
    return Applied(*row)
