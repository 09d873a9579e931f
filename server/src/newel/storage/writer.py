"""The one writer of a process: runs queued units in one transaction, each whole or not at all, with their audit rows.

1. Processes that share the file take turns by a lock file, held while a transaction executes and never over a sync.
2. A refused unit leaves nothing of itself but its `refused` entry; a unit that fails is answered alone, and the others
   of its batch are run again without it.
3. The chain's head moves only when the transaction that moved it stands.
"""

import fcntl
import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import apsw

from newel.domain.audit import Entry
from newel.storage import audit
from newel.storage.base import Committed, Outcome, Refused, Statement, StorageError, StorageFailed, Unit
from newel.storage.connection import FATAL

Answer = Outcome | StorageError
TABLE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


class Turn:
    """The lock file of one database; each holder opens its own."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path + "-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def taken(self) -> Generator[None, None, None]:
        """Wait for the turn, and give it back."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class Writer:
    """Runs units on its own connection. `key` chains the audit; `started_at` is in Unix seconds.

    `changes` says how many statements each table has had; one that was undone may be among them.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        turn: Turn,
        *,
        key: bytes,
        writer: int,
        started_at: int,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._turn = turn
        self._key = key
        self._head = audit.Head(writer)
        self._started_at = started_at
        self._entropy = entropy
        self.changes = Counter[str]()

    def run(self, units: Sequence[Unit]) -> list[Answer]:
        """Run `units` in order in one transaction; an answer for each. StorageFailed when the disk failed them all."""
        try:
            return list(self._transaction(units))
        except FATAL as error:
            raise StorageFailed(f"{type(error).__name__}: {error}") from error
        except (apsw.Error, ArithmeticError, LookupError, TypeError, ValueError) as error:
            if len(units) > 1:
                return [answer for unit in units for answer in self.run([unit])]
            failed = StorageError(f"{type(error).__name__}: {error}")
            failed.__cause__ = error
            return [failed]

    def _transaction(self, units: Sequence[Unit]) -> list[Outcome]:
        head = self._head
        with self._turn.taken():
            try:
                self._execute("BEGIN IMMEDIATE")
                outcomes = [self._unit(unit) for unit in units]
                self._execute("COMMIT")
            except BaseException:
                self._head = head
                if self._connection.in_transaction:
                    self._execute("ROLLBACK")
                raise
        return outcomes

    def _unit(self, unit: Unit) -> Outcome:
        statements = unit.statements
        undo = any(statement.guard for statement in statements[1:])
        if undo:
            self._execute("SAVEPOINT unit")
        rows = []
        for index, statement in enumerate(statements):
            self.changes[changed(statement.sql)] += 1
            found = self._execute(statement.sql, statement.params).fetchall()
            row = found[0] if found else None
            if row is None and statement.guard:
                if undo:
                    self._execute("ROLLBACK TO unit")
                    self._execute("RELEASE unit")
                self._record(unit.refused)
                return Refused(index)
            rows.append(None if row is None or statement.decode is None else statement.decode(row))
        if undo:
            self._execute("RELEASE unit")
        self._record(unit.audit)
        return Committed(tuple(rows))

    def _record(self, entry: Entry | None) -> None:
        if entry is None:
            return
        if self._head.count == 0:
            query = audit.recent_heads()
            heads = [query.decode(row) for row in self._execute(query.sql, query.params)]
            self._change(audit.add_writer(self._head.writer, self._started_at))
            self._append(audit.start(heads, self._started_at))
        self._append(entry)

    def _append(self, entry: Entry) -> None:
        salt = self._entropy(audit.SALT_BYTES) if entry.personal else b""
        self._head, statement = audit.append(self._key, self._head, entry, salt)
        self._change(statement)

    def _change(self, statement: Statement) -> None:
        self._execute(statement.sql, statement.params)


@lru_cache(512)
def changed(sql: str) -> str:
    """The table that a statement changes. ValueError for a text that does not begin with a change."""
    found = TABLE.match(sql)
    if found is None:
        raise ValueError("a statement begins with INSERT INTO, UPDATE or DELETE FROM")
    return found[1]
