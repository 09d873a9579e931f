"""Folding the write-ahead log back into the file, in a thread of its own (rule 10)."""

import threading

import apsw

from newel.storage.connection import connect
from newel.storage.writer import Turn

PAGES = 2_000
"""Pages in the log (of 8 KiB) from which it is folded."""
_BUSY_MS = 20


class Folder:
    """Folds when told of a long log. Several processes may do so at once: SQLite lets one at a time."""

    def __init__(self, path: str, pages: int = PAGES) -> None:
        self._connection = connect(path, busy_ms=_BUSY_MS)
        self._turn = Turn(path)
        self._pages = pages
        self._due = pages
        self._wanted = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="newel-fold", daemon=True)
        self._thread.start()

    def saw(self, pages: int) -> None:
        """Note the length of the log after a commit, in pages."""
        if pages < self._pages:
            self._due = self._pages
        elif pages >= self._due:
            # a reader may keep the log from being restarted: the next try waits for another quarter
            self._due = pages + self._pages // 4
            self._wanted.set()

    def close(self) -> None:
        """Stop, and let go of the file."""
        self._closing = True
        self._wanted.set()
        self._thread.join()
        self._connection.close()
        self._turn.close()

    def _run(self) -> None:
        while not self._closing:
            self._wanted.wait()
            self._wanted.clear()
            if not self._closing:
                self._fold()

    def _fold(self) -> None:
        """Copy while writers go on, twice so that little is left; only what is left is copied in the writers' turn."""
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            with self._turn.taken():
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        except apsw.Error:
            # another process folds, a reader is in the way, or the disk fails, which the writer will say
            return
