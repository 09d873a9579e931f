"""The facts a policy declares, bound to the columns of a log, and batches of rows as conditions read them.

What a condition needs to know about the distinct texts of a column is worked out once and kept for all batches.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar, cast

import numpy as np

from newel.policy.facts import Fact
from newel.policy.lang.core import Core
from newel.policy.replay.columns import STORES, Array, Bools, Coded, Column, Index, Plain, Store, all_missing

T = TypeVar("T")
Columns = Mapping[tuple[str, Store], Column]


class Bound:
    """Declared facts over columns. A fact that no column of its kind holds is missing in every row."""

    def __init__(self, columns: Columns, facts: Mapping[str, Fact]) -> None:
        self._columns, self._facts = columns, facts
        self._kept: dict[tuple[str, int], tuple[object, object]] = {}
        self._entries = {path: self._entries_of(path) for path in facts if self.is_coded(path)}
        self._codes: dict[str, Mapping[Hashable, int]] = {}

    def is_coded(self, path: str) -> bool:
        """Whether a fact is a text or a set."""
        return STORES[self._facts[path].kind] in {"text", "set"}

    def is_text(self, path: str) -> bool:
        """Whether a fact is a text."""
        return STORES[self._facts[path].kind] == "text"

    def entries(self, path: str) -> tuple[Hashable, ...]:
        """The distinct values that rows can have, the value for `absent` included."""
        return self._entries[path]

    def code(self, path: str, value: Hashable) -> int:
        """The code of a value, -1 where no row has it."""
        if path not in self._codes:
            self._codes[path] = {entry: code for code, entry in enumerate(self._entries[path])}
        return self._codes[path].get(value, -1)

    def kept(self, what: str, part: Core, make: Callable[[], T]) -> T:
        """What `make` makes for a part of a condition, once; the part is held, so that its identity stays its own."""
        key = (what, id(part))
        if key not in self._kept:
            self._kept[key] = (part, make())
        return cast("T", self._kept[key][1])

    def column(self, path: str, index: Index, count: int) -> Column:
        """The rows of an index, with the declared value where the fact is missing."""
        fact = self._facts[path]
        store = STORES[fact.kind]
        held = self._columns.get((path, store))
        rows = all_missing(store, count) if held is None else held.take(index)
        if fact.absent is None:
            return rows
        missing = rows.missing()
        if isinstance(rows, Coded):
            return self._with_text(rows, path, fact.absent, missing)
        if isinstance(rows, Plain) and missing is not None:
            absent = np.bool_(fact.absent) if fact.kind == "bool" else np.int64(fact.absent)
            return Plain(np.where(missing, absent, rows.values), None)
        return rows

    def _with_text(self, rows: Coded, path: str, absent: Hashable, missing: Bools | None) -> Coded:
        if missing is None:
            return Coded(rows.codes, self._entries[path])
        codes: Array = np.where(missing, self.code(path, absent), rows.codes)
        return Coded(codes, self._entries[path])

    def _entries_of(self, path: str) -> tuple[Hashable, ...]:
        fact = self._facts[path]
        held = self._columns.get((path, STORES[fact.kind]))
        entries = held.entries if isinstance(held, Coded) else ()
        return entries if fact.absent is None or fact.absent in entries else (*entries, fact.absent)


class Batch:
    """Some rows of a log, as the conditions of one target read them. Each column is fetched once."""

    def __init__(self, bound: Bound, index: Index, count: int) -> None:
        self.bound, self.count = bound, count
        self._index = index
        self._rows: dict[str, tuple[Column, Bools | None]] = {}

    def column(self, path: str) -> tuple[Column, Bools | None]:
        """A fact's rows, and where it is missing (None for nowhere)."""
        found = self._rows.get(path)
        if found is None:
            rows = self.bound.column(path, self._index, self.count)
            found = self._rows[path] = (rows, rows.missing())
        return found
