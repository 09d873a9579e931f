"""The embedded engine: SQLite with one writer per process that commits in groups.

1. Units queue until the loop has turned twice, so that requests which came meanwhile join. They run in one transaction
   (`writer`) and are answered once the write-ahead log is synced behind them (`durable`): on the spot while the disk is
   quick, else by a thread. The write lock is never held over a sync.
2. Units that wait for durability are not run while that thread syncs: they could not be answered before the next sync,
   and run then as one transaction. A unit that is only applied runs at once.
3. Reads run on the loop thread by prepared statements, between the transactions and on their connection: another one's
   pages would have to be read anew behind each commit, which cost half of a read. Behind a mark, those of the same turn of
   the loop are one transaction: one of its own for each costs the other half (ADR 0002).
4. A lost sync is for ever: what the kernel has dropped cannot be synced again. A full disk is a fault while it lasts.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import apsw

from newel.domain.value import dataclass
from newel.storage import migrate
from newel.storage.audit import writer_id
from newel.storage.base import Outcome, Query, Row, StorageError, StorageFailed, Unit
from newel.storage.connection import FATAL, check_version, connect
from newel.storage.durable import Sync, Syncer, data_sync
from newel.storage.fold import Folder
from newel.storage.recognise import recognise
from newel.storage.writer import Turn, Writer

T = TypeVar("T")
MOST_UNITS = 512
"""Units in one transaction."""


@dataclass(slots=True)
class _Waiting:
    """A queued unit and whom to answer; `durably` says when."""

    unit: Unit
    answer: "asyncio.Future[Outcome]"
    durably: bool
    outcome: Outcome | None = None


class SqliteStore:
    """A `Store` on one file; other processes may have it open in the same way. Use `open_store`."""

    def __init__(self, path: str, writer: Writer, connection: apsw.Connection, turn: Turn, sync: Sync) -> None:
        self._loop = asyncio.get_running_loop()
        self._writer = writer
        self._turn = turn
        self._connection = connection
        self._queue: list[_Waiting] = []
        self._scheduled = False
        self._others: int | None = None
        self._unsynced = 0
        self._fault: str | None = None
        self._lost = False
        self._closed = False
        self._log = os.open(path + "-wal", os.O_RDWR | os.O_CLOEXEC)
        self._folder = Folder(path)
        self._syncer = Syncer[list[_Waiting]](self._log, sync, self._from_syncer)
        connection.set_wal_hook(self._grew)

    async def one(self, query: Query[T]) -> T | None:
        """The first row, None without any."""
        try:
            row: Row | None = next(self._read(query), None)
        except apsw.Error as error:
            self._failed(error)
        return None if row is None else query.decode(row)

    async def all(self, query: Query[T]) -> list[T]:
        """All rows."""
        try:
            rows: list[Row] = self._read(query).fetchall()
        except apsw.Error as error:
            self._failed(error)
        return [query.decode(row) for row in rows]

    def mark(self, *tables: str) -> object:
        """Equal to an earlier one only if nothing was committed to these tables, nor by anyone else to any."""
        if self._others is None:
            try:
                self._connection.execute("BEGIN")
                self._others = next(self._connection.execute("PRAGMA data_version"))[0]
            except apsw.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                self._failed(error)
            self._loop.call_soon(self._end_reads)
        return self._others, *map(self._writer.changes.get, tables)

    async def commit(self, unit: Unit) -> Outcome:
        """Execute a unit; answered only when it is durable."""
        return await self._submit(unit, durably=True)

    async def apply(self, unit: Unit) -> Outcome:
        """Execute a unit; answered when every reader sees it."""
        return await self._submit(unit, durably=False)

    def fault(self) -> str | None:
        """Why the store cannot be relied on now; None while it can."""
        return self._fault

    async def close(self) -> None:
        """Finish what is queued, make it durable and let go of the file."""
        if self._closed:
            return
        self._closed = True
        self._run_queue()
        await asyncio.to_thread(self._syncer.close)
        await asyncio.to_thread(self._folder.close)
        self._end_reads()
        self._connection.close()
        self._turn.close()
        os.close(self._log)

    def _read(self, query: Query[Any]) -> apsw.Cursor:
        if not query.sql.startswith("SELECT"):
            # anything else would run outside every unit
            raise StorageError("a query is a SELECT")
        return self._connection.execute(query.sql, query.params)

    def _end_reads(self) -> None:
        if self._others is not None:
            self._others = None
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def _submit(self, unit: Unit, *, durably: bool) -> "asyncio.Future[Outcome]":
        if self._closed:
            raise StorageError("the store is closed")
        if self._lost:
            raise StorageFailed(self._fault)
        answer: asyncio.Future[Outcome] = self._loop.create_future()
        self._queue.append(_Waiting(unit, answer, durably))
        if not self._scheduled and not (durably and self._unsynced):
            self._scheduled = True
            self._loop.call_soon(self._loop.call_soon, self._run_queue)
        return answer

    def _run_queue(self) -> None:
        self._scheduled = False
        while self._queue:
            batch, self._queue = self._queue[:MOST_UNITS], self._queue[MOST_UNITS:]
            self._run(batch)

    def _run(self, batch: list[_Waiting]) -> None:
        if self._lost:
            self._refuse(batch, self._fault)
            return
        try:
            self._end_reads()
            answers = self._writer.run([waiting.unit for waiting in batch])
        except StorageFailed as error:
            self._fault = str(error)
            self._refuse(batch, self._fault)
            return
        self._fault = None
        durably = []
        for waiting, answer in zip(batch, answers, strict=True):
            if isinstance(answer, StorageError):
                _fail(waiting, answer)
            elif waiting.durably:
                waiting.outcome = answer
                durably.append(waiting)
            else:
                _answer(waiting, answer)
        if durably and self._syncer.quick and not self._unsynced:
            self._settle([durably], self._syncer.at_once())
        elif durably:
            self._unsynced += 1
            self._syncer.put(durably)

    def _from_syncer(self, groups: list[list[_Waiting]], error: OSError | None) -> None:
        self._loop.call_soon_threadsafe(self._synced, groups, error)

    def _synced(self, groups: list[list[_Waiting]], error: OSError | None) -> None:
        self._unsynced -= len(groups)
        self._settle(groups, error)
        if self._queue and not self._scheduled:
            self._run_queue()

    def _settle(self, groups: list[list[_Waiting]], error: OSError | None) -> None:
        if error is not None:
            self._lost = True
            self._fault = f"a sync of the write-ahead log failed: {error}"
        for group in groups:
            if self._lost:
                self._refuse(group, self._fault)
            else:
                for waiting in group:
                    _answer(waiting, waiting.outcome)

    def _grew(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._folder.saw(pages)
        return apsw.SQLITE_OK

    def _failed(self, error: apsw.Error) -> NoReturn:
        words = f"{type(error).__name__}: {error}"
        if not isinstance(error, FATAL):
            raise StorageError(words) from error
        self._fault = words
        raise StorageFailed(words) from error

    @staticmethod
    def _refuse(batch: list[_Waiting], fault: str | None) -> None:
        for waiting in batch:
            _fail(waiting, StorageFailed(fault))


def _answer(waiting: _Waiting, outcome: Outcome | None) -> None:
    if not waiting.answer.done() and outcome is not None:
        waiting.answer.set_result(outcome)


def _fail(waiting: _Waiting, error: StorageError) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)


async def open_store(
    path: str | Path,
    *,
    audit_key: bytes,
    now_ms: int,
    entropy: Callable[[int], bytes] = os.urandom,
    sync: Sync = data_sync,
    may_migrate: bool = True,
) -> SqliteStore:
    """Open the file; one writer and one audit chain begin here. `may_migrate`: made and migrated where needed.

    `audit_key` (32 bytes) chains the audit rows; `now_ms` is in Unix milliseconds; `sync` makes a file descriptor's
    data durable. StartRefused for an SQLite or a database that must not be used.
    """
    check_version(apsw.sqlite_lib_version())
    name, connection, turn = await asyncio.to_thread(_open, Path(path), now_ms // 1000, may_migrate=may_migrate)
    writer = Writer(
        connection,
        turn,
        key=audit_key,
        writer=writer_id(now_ms, entropy(3)),
        started_at=now_ms // 1000,
        entropy=entropy,
    )
    return SqliteStore(name, writer, connection, turn, sync)


def _open(path: Path, now: int, *, may_migrate: bool) -> tuple[str, apsw.Connection, Turn]:
    name = str(path.resolve())
    if may_migrate:
        _create(name)
    recognise(name, may_migrate=may_migrate)
    turn = Turn(name)
    try:
        with turn.taken():
            connection = connect(name)
            _migrate(connection, now)
    except BaseException:
        turn.close()
        raise
    return name, connection, turn


def _create(path: str) -> None:
    """Make the file readable by its owner alone, and its name durable; the log and the index inherit the mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _migrate(connection: apsw.Connection, now: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply_pending(connection, now)
        connection.execute("COMMIT")
    except BaseException:
        # closing rolls back whatever had begun
        connection.close()
        raise


def _apply_pending(connection: apsw.Connection, now: int) -> None:
    connection.execute(migrate.CREATE)
    query = migrate.applied()
    applied = [query.decode(row) for row in connection.execute(query.sql)]
    for migration in migrate.pending(applied, migrate.known()):
        connection.execute(migrate.statements(migration, "sqlite"))
        statement = migrate.record(migration, now)
        connection.execute(statement.sql, statement.params)
