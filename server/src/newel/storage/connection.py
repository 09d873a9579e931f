"""Connections to one SQLite file, and the bugs and settings they must not have."""

import apsw

from newel.storage.base import StartRefused

OLDEST = (3, 51, 3)
"""Before it, a writer beside a checkpointer can corrupt the file (the WAL-reset bug)."""
BUSY_MS = 5_000
CACHE_KIB = 16_384
PAGE_BYTES = 8_192
"""A row beyond a quarter of a page spills onto pages of its own; at this size an interaction does not."""
FATAL = (
    apsw.FullError,
    apsw.IOError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.BusyError,
    apsw.PermissionsError,
    apsw.NoMemError,
)
"""What says that the disk or the file failed, not the statement."""


def check_version(version: str) -> None:
    """StartRefused for an SQLite older than OLDEST."""
    if tuple(int(part) for part in version.split(".")) < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise StartRefused(f"SQLite {version} can corrupt its file under load; {needed} or newer is needed")


def connect(path: str, *, busy_ms: int = BUSY_MS) -> apsw.Connection:
    """Open the file in WAL mode. Commits write without a sync: durability is the group's (see `durable`)."""
    connection = apsw.Connection(path, statementcachesize=1024)
    connection.set_busy_timeout(busy_ms)
    # plans do not depend on bound values; otherwise some statements are prepared anew with every binding
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    for pragma in (
        f"page_size = {PAGE_BYTES}",  # before the log: it is taken for a new file only
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "wal_autocheckpoint = 0",
        f"cache_size = -{CACHE_KIB}",
        "temp_store = MEMORY",  # what a savepoint may have to undo; otherwise a file for each, with rows in it
        "trusted_schema = OFF",
    ):
        connection.execute("PRAGMA " + pragma).fetchall()
    return connection
