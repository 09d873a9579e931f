"""Durability for groups: one sync of the write-ahead log, then everybody whose changes it covers is answered (rule 9).

A disk that syncs slowly is waited for in a thread of its own. One that syncs quickly is waited for on the spot: to hand
a group to another thread and back costs more than such a sync takes. The last sync says which of the two a disk is.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

G = TypeVar("G")
Sync = Callable[[int], None]
QUICK = 0.001
"""Seconds: a sync that took less is not worth another thread."""


def data_sync(file: int) -> None:
    """Make a file's data durable; looked up at each call so that a test may stand in for the disk."""
    getattr(os, "fdatasync", os.fsync)(file)


class Syncer(Generic[G]):
    """Syncs `file` for groups: those that are `put`, once for all that wait, and tells `answer(groups, error)` from its
    own thread; or at once, in the caller's. `clock` counts seconds.

    `quick` says whether the last sync was; what has not been measured is not.
    """

    def __init__(
        self,
        file: int,
        sync: Sync,
        answer: Callable[[list[G], OSError | None], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quick = False
        self._file = file
        self._sync = sync
        self._answer = answer
        self._clock = clock
        self._groups: deque[G] = deque()
        self._waiting = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="newel-sync", daemon=True)
        self._thread.start()

    def put(self, group: G) -> None:
        """Queue a group whose transaction stands."""
        self._groups.append(group)
        self._waiting.set()

    def at_once(self) -> OSError | None:
        """Sync in the caller's thread; what failed. To be used while nothing that was put is under way."""
        begun = self._clock()
        try:
            self._sync(self._file)
        except OSError as error:
            return error
        self.quick = self._clock() - begun < QUICK
        return None

    def close(self) -> None:
        """Answer what is queued and stop."""
        self._closing = True
        self._waiting.set()
        self._thread.join()

    def _run(self) -> None:
        while not (self._closing and not self._groups):
            self._waiting.wait()
            self._waiting.clear()
            groups = []
            while self._groups:
                groups.append(self._groups.popleft())
            if groups:
                self._answer(groups, self.at_once())
