"""Tells what an SQLite file is before anything is written to it: this version's, an older one's, or somebody else's.

The file is read and nothing is made beside it. While there is no write-ahead log the file holds everything and is read
as one that cannot change: a process that begins to write at that moment begins in the log.
"""

from itertools import starmap
from pathlib import Path
from urllib.parse import quote

import apsw

from newel.storage import migrate
from newel.storage.base import StartRefused, StorageFailed
from newel.storage.connection import BUSY_MS

TABLES = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

CHANGING = (apsw.IOError, apsw.CantOpenError, apsw.CorruptError)


def recognise(path: str, *, may_migrate: bool) -> None:
    """StartRefused for what is not Newel's database, and for an older or empty one where it may not be migrated."""
    try:
        tables, applied = _settled(path)
    except apsw.NotADBError as error:
        raise StartRefused(f"{path} is not a database") from error
    except (apsw.BusyError, *CHANGING) as error:
        raise StorageFailed(f"{path} cannot be read: {error}") from error
    if not applied and (tables or not may_migrate):
        raise StartRefused(f"{path} is not Newel's database; look at storage.database")
    if migrate.pending(applied, migrate.known()) and not may_migrate:
        raise StartRefused(
            f"{path} is older than this version of newel. A start of the server brings it up: newel serve"
        )


def _settled(path: str) -> tuple[list[str], list[migrate.Applied]]:
    """What the file says; read again where its log went or came meanwhile: the last to close it takes the log away."""
    try:
        return _read(path)
    except CHANGING:
        return _read(path)


def _read(path: str) -> tuple[list[str], list[migrate.Applied]]:
    """The names in a file, and the migrations that it records."""
    log = Path(path + "-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    connection = apsw.Connection(f"file:{quote(path)}?{how}", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    connection.set_busy_timeout(BUSY_MS)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)  # it would ask for a lock that a reader cannot have
    try:
        names = list(starmap(str, connection.execute(TABLES)))
        if "migrations" not in names:
            return names, []
        query = migrate.applied()
        return names, [query.decode(row) for row in connection.execute(query.sql)]
    except apsw.SQLError:
        return names, []
    finally:
        connection.close()
