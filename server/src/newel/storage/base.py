"""What storage takes and gives: statements and queries as values, units of work, and the protocol of an engine.

Verbs are pure functions in `newel.storage.sql` that return these values; an engine executes them and knows none of
them. A unit is atomic. A guard that touches no row refuses its whole unit: single use is one such statement (S13).
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from operator import itemgetter
from typing import Any, Generic, Protocol, TypeVar

from newel.domain.audit import Entry
from newel.domain.value import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Value = int | str | bytes | None
"""What a parameter may be; booleans travel as 0 and 1."""
Params = Mapping[str, Value]
"""Named parameters."""
Row = tuple[Any, ...]
"""A row as the driver gives it."""
first: Callable[[Row], Any] = itemgetter(0)
"""The decoder of rows of one column."""


class StorageError(Exception):
    """Storage could not do what was asked; the message says why. Nothing of the unit was kept."""


class StorageFailed(StorageError):
    """The disk or the file failed (full, I/O error, a lost sync): the process is not ready while it lasts."""


class StartRefused(StorageError):
    """The database must not be opened as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One change. A `guard` ends in RETURNING and refuses its unit when no row comes back.

    `decode` makes the value in `Committed.rows` from the first returned row.
    """

    sql: str
    params: Params
    guard: bool = False
    decode: Callable[[Row], Any] | None = None


@dataclass(frozen=True, slots=True)
class Query(Generic[T_co]):
    """One read; `decode` makes a value from each row."""

    sql: str
    params: Params
    decode: Callable[[Row], T_co]


@dataclass(frozen=True, slots=True)
class Unit:
    """What happens together or not at all, in this order.

    `audit` enters the chain when the unit stands, `refused` when a guard refused it (S33). A unit of nothing is a
    barrier: answered once everything executed before it is durable.
    """

    statements: tuple[Statement, ...] = ()
    audit: Entry | None = None
    refused: Entry | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The unit stands. `rows` holds one value per statement: its decoded first row, None where none came back."""

    rows: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard at `index` touched no row; nothing of the unit was kept."""

    index: int


Outcome = Committed | Refused


class Store(Protocol):
    """An engine. Every verb but `fault` raises StorageError, StorageFailed where the disk is at fault."""

    async def one(self, query: Query[T]) -> T | None:
        """The first row, None without any."""

    async def all(self, query: Query[T]) -> list[T]:
        """All rows."""

    def mark(self, *tables: str) -> object:
        """Something that is equal to an earlier mark only if nothing was committed to these tables in between.

        What was read after a mark still stands while the mark does.
        """

    async def commit(self, unit: Unit) -> Outcome:
        """Execute a unit; answered only when it is durable (S10, S13)."""

    async def apply(self, unit: Unit) -> Outcome:
        """Execute a unit; visible to every reader when answered, durable no later than the next answered commit."""

    def fault(self) -> str | None:
        """Why the store cannot be relied on now; None while it can."""

    async def close(self) -> None:
        """Finish what is queued, make it durable and let go of the file."""
