"""Opening the engines under test."""

from dataclasses import dataclass

from newel.storage.base import Store
from newel.storage.sqlite import open_store

ENGINES = ("sqlite",)
AUDIT_KEY = bytes(range(32))
NOW = 1_790_000_000


@dataclass(frozen=True)
class Database:
    """Where an engine keeps its data."""

    engine: str
    address: str


async def open_engine(database: Database, *, now_ms: int = NOW * 1000) -> Store:
    """A store on the database, as one process opens it."""
    if database.engine == "sqlite":
        return await open_store(database.address, audit_key=AUDIT_KEY, now_ms=now_ms)
    raise ValueError(database.engine)
