"""Durability for groups: one thread syncs the write-ahead log and answers all that was executed before (rule 9)."""

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

G = TypeVar("G")
Sync = Callable[[int], None]


def data_sync(file: int) -> None:
    """Make a file's data durable; looked up at each call so that a test may stand in for the disk."""
    getattr(os, "fdatasync", os.fsync)(file)


class Syncer(Generic[G]):
    """Takes groups, syncs `file` once for all that wait, and calls `answer(groups, error)` from its own thread."""

    def __init__(self, file: int, sync: Sync, answer: Callable[[list[G], OSError | None], None]) -> None:
        self._file = file
        self._sync = sync
        self._answer = answer
        self._groups: deque[G] = deque()
        self._waiting = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="newel-sync", daemon=True)
        self._thread.start()

    def put(self, group: G) -> None:
        """Queue a group whose transaction stands."""
        self._groups.append(group)
        self._waiting.set()

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
                self._answer(groups, self._try())

    def _try(self) -> OSError | None:
        try:
            self._sync(self._file)
        except OSError as error:
            return error
        return None
