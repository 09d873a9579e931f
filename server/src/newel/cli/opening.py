"""What commands open: the configuration, the master keys, the database. They work while a server runs on it."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from newel.cli.arguments import loaded
from newel.cli.refusal import UNCONFIGURED, Refusal
from newel.config.tree import Config
from newel.crypto import key_file
from newel.crypto.key_file import KeyFileRefused
from newel.crypto.vault import SealRefused, Vault
from newel.domain.audit import Entry
from newel.services import audit_key
from newel.storage.base import Refused, StartRefused, Statement, StorageError, Store, Unit
from newel.storage.ids import new_id
from newel.storage.sqlite import open_store

MAGIC = b"SQLite format 3\0"
"""What a database file begins with (its file format, section 1.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What a command works on; `now` is the Unix time in seconds at which it began."""

    config: Config
    vault: Vault
    store: Store
    now: int

    async def commit(self, *statements: Statement, audit: Entry, otherwise: str) -> None:
        """Execute a unit with its audit entry. Refusal with the words `otherwise` where a guard refused it."""
        if isinstance(await self.store.commit(Unit(statements, audit=audit)), Refused):
            raise Refusal(otherwise)

    def entry(self, kind: str, *, personal: dict[str, object] | None = None, **body: object) -> Entry:
        """An audit entry of this command."""
        return Entry(kind=kind, at=self.now, body={"by": "command", **body}, personal=personal or {})


def run_open(file: Path | None, action: Callable[[Open], Awaitable[int]]) -> int:
    """Open what the configuration `file` names, run `action` on it, close it. Refusal with what to do on any failure."""

    async def running() -> int:
        async with opened(loaded(file).config) as everything:
            return await action(everything)

    with refusals():
        return asyncio.run(running())


@asynccontextmanager
async def opened(config: Config) -> AsyncGenerator[Open]:
    """Master keys and database of a configuration."""
    vault = master_keys(config)
    store = await open_store(
        config.storage.database, audit_key=audit_key(vault), now_ms=milliseconds(), may_migrate=False
    )
    try:
        yield Open(config=config, vault=vault, store=store, now=milliseconds() // 1000)
    finally:
        await store.close()


def master_keys(config: Config) -> Vault:
    """The master keys, once it is certain that there is a database: opening one that is missing would make it."""
    database = config.storage.database
    if not database.exists():
        raise Refusal(f"there is no database at {database}. Make one with: newel init", code=UNCONFIGURED)
    with database.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Refusal(f"{database} is not a database; look at storage.database", code=UNCONFIGURED)
    return key_file.load(config.secrets.master_key_file)


@contextmanager
def refusals() -> Generator[None]:
    """Say in words what storage and key files refuse."""
    try:
        yield
    except FileNotFoundError as error:
        raise Refusal(
            f"there is no {error.filename}. Make it with: newel init, or restore it from your backup", code=UNCONFIGURED
        ) from error
    except (KeyFileRefused, StartRefused) as error:
        raise Refusal(str(error), code=UNCONFIGURED) from error
    except SealRefused as error:
        raise Refusal(f"the master key does not fit this database: {error}", code=UNCONFIGURED) from error
    except StorageError as error:
        raise Refusal(f"the database could not do it, and nothing was changed: {error}") from error
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Refusal(f"{error.filename or 'cannot write'}: {error.strerror}", code=UNCONFIGURED) from error


def milliseconds() -> int:
    """The Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def fresh_id() -> str:
    """A fresh time-ordered identifier."""
    return new_id(milliseconds(), os.urandom(16))
