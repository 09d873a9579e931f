"""Where approvals end: a key is spent once, by one conditional statement (S13, S17).

SqliteSpentStore runs on the application's own connection. Inside a transaction it leaves the commit to the application,
so that the approval is spent and the effect done together or not at all; outside one it commits at once.
"""

import sqlite3
import threading
from collections.abc import Callable
from typing import Protocol

from newel_sdk.clock import unix_time


class SpentStore(Protocol):
    """One verb: a key may be spent once."""

    def spend(self, key: str, exp: int) -> bool:
        """Spend `key` and say True, or False when it was spent before; it may be forgotten after `exp` (seconds)."""


class MemorySpentStore:
    """For one process and for tests: what it knew is gone when the process ends."""

    def __init__(self, clock: Callable[[], int] = unix_time) -> None:
        self._spent: dict[str, int] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def spend(self, key: str, exp: int) -> bool:
        """Spend `key` and say True, or False when it was spent before."""
        now = self._clock()
        with self._lock:
            self._spent = {known: until for known, until in self._spent.items() if until > now}
            if key in self._spent:
                return False
            self._spent[key] = exp
            return True


class SqliteSpentStore:
    """A table `newel_spent` on the application's connection; the constructor makes it outside of any transaction."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], int] = unix_time) -> None:
        self._connection, self._clock = connection, clock
        if not connection.in_transaction:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS newel_spent (key TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID"
            )

    def spend(self, key: str, exp: int) -> bool:
        """Spend `key` and say True, or False when it was spent before."""
        if self._connection.in_transaction:
            return self._insert(key, exp)
        with self._connection:
            return self._insert(key, exp)

    def purge(self) -> None:
        """Forget what expired; the application calls it now and then, in a transaction or outside one."""
        statement, values = "DELETE FROM newel_spent WHERE exp <= ?", (self._clock(),)
        if self._connection.in_transaction:
            self._connection.execute(statement, values)
            return
        with self._connection:
            self._connection.execute(statement, values)

    def _insert(self, key: str, exp: int) -> bool:
        statement = "INSERT INTO newel_spent (key, exp) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
        return self._connection.execute(statement, (key, exp)).rowcount == 1
