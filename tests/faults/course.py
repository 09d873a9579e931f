"""The course of a story: what its database holds after each unit, and how far each answered step must have come.

A state is everything that a database holds but what chance alone decides: the macs, salts and starts of the audit
chains, which `newel.storage.verify` examines. A story draws the same randomness in every walk, so its states are equal.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newel.storage.audit import STARTED
from newel.storage.base import Store, Unit
from newel.storage.checkpoints import read_file
from newel.storage.connection import connect
from newel.storage.verify import verify
from newel.storage.writer import Answer, Writer

State = tuple[Any, ...]
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('audit', 'writers') ORDER BY name"
ROWS = 'SELECT * FROM "{}"'
ENTRIES = "SELECT kind, at, body FROM audit WHERE kind != ? ORDER BY writer, seq"


class Fault(Exception):
    """What is wrong after a death, in words."""


@dataclass
class Course:
    """The states of an undisturbed walk, and for each answered step the index of the state at which it was told."""

    states: list[State] = field(default_factory=list)
    told_at: dict[str, int] = field(default_factory=dict)

    def told(self, step: str) -> None:
        """Note that a step was answered."""
        self.told_at[step] = len(self.states) - 1

    @contextmanager
    def recorded(self, path: Path) -> Generator[None]:
        """Note the state of `path` after each transaction of a writer in this process."""
        run = Writer.run

        def running(writer: Writer, units: Sequence[Unit]) -> list[Answer]:
            answers = run(writer, units)
            self._reached(state(path))
            return answers

        self.states.append(state(path))
        Writer.run = running  # type: ignore[assignment, method-assign]  # for the length of the walk
        try:
            yield
        finally:
            Writer.run = run  # type: ignore[method-assign]  # as it was

    def beyond(self, path: Path, answered: Sequence[str]) -> int:
        """How many states a database is beyond what was answered. Fault where it holds less, or anything half-done."""
        found = state(path)
        if found not in self.states:
            raise Fault(f"half-done after {answered}: {self._unlike(found)}")
        reached = self.states.index(found)
        least = self.told_at[answered[-1]] if answered else 0
        if reached < least:
            raise Fault(f"{answered[-1]} was answered and is lost; the database is at state {reached}, not {least}")
        return reached - least

    def _unlike(self, found: State) -> list[Any]:
        """What of a database is not as in the state that it resembles most."""
        return min(([each for each in found if each not in known] for known in self.states), key=len)

    def _reached(self, now: State) -> None:
        if now != self.states[-1]:
            self.states.append(now)


def state(path: Path) -> State:
    """What a database holds. Fault where the file is damaged."""
    connection = connect(str(path))
    try:
        damage = connection.execute("PRAGMA integrity_check").fetchall()
        if damage != [("ok",)]:
            raise Fault(f"the file is damaged: {damage}")
        names = [name for (name,) in connection.execute(TABLES)]
        tables = [(name, connection.execute(ROWS.format(name)).fetchall()) for name in names]
        return *tables, ("audit", connection.execute(ENTRIES, (STARTED,)).fetchall())
    finally:
        connection.close()


async def verified(store: Store, key: bytes, checkpoints: Path | None = None) -> None:
    """Fault where the audit chains are not whole."""
    report = await verify(store, key, read_file(checkpoints) if checkpoints else ())
    if not report.good:
        raise Fault(f"the audit chain is broken: {report.faults}")
