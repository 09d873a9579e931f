"""Typed columns of facts: numbers, truth values, addresses as two halves, and texts or sets by their distinct ones."""

from collections.abc import Hashable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from newel.domain.value import dataclass
from newel.policy.facts import Kind

Store = Literal["text", "set", "int", "bool", "ip"]
STORES: Mapping[Kind, Store] = {
    "string": "text",
    "enum": "text",
    "int": "int",
    "timestamp": "int",
    "duration": "int",
    "bool": "bool",
    "ip": "ip",
    "set": "set",
}
"""How a column holds each kind of fact."""
Array: TypeAlias = NDArray[Any]
Bools: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = Array | slice
WIDTHS = (np.uint8, np.uint16, np.uint32)
NUMBER_WIDTHS = (np.int8, np.int16, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Texts, or sets of texts: `codes` into `entries`. The code behind the last entry: the fact is missing there."""

    codes: Array
    entries: tuple[Hashable, ...]

    def take(self, index: Index) -> "Coded":
        """The rows of an index."""
        return Coded(self.codes[index], self.entries)

    def missing(self) -> Bools | None:
        """Where the fact is missing; None for nowhere."""
        return somewhere(self.codes == len(self.entries))


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Whole numbers, times and durations in seconds, or truth values. `absent` marks where the fact is missing."""

    values: Array
    absent: Bools | None

    def take(self, index: Index) -> "Plain":
        """The rows of an index."""
        return Plain(self.values[index], None if self.absent is None else self.absent[index])

    def missing(self) -> Bools | None:
        """Where the fact is missing; None for nowhere."""
        return None if self.absent is None else somewhere(self.absent)


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """Addresses of the 128-bit space as two unsigned halves. `absent` marks where the fact is missing."""

    high: Array
    low: Array
    absent: Bools | None

    def take(self, index: Index) -> "Addresses":
        """The rows of an index."""
        return Addresses(self.high[index], self.low[index], None if self.absent is None else self.absent[index])

    def missing(self) -> Bools | None:
        """Where the fact is missing; None for nowhere."""
        return None if self.absent is None else somewhere(self.absent)


Column: TypeAlias = Coded | Plain | Addresses


def somewhere(mask: Bools) -> Bools | None:
    """The mask, or None where it marks nothing."""
    return mask if mask.any() else None


def halves(numbers: list[int]) -> tuple[Array, Array]:
    """The high and the low 64 bits of addresses."""
    low_bits = 2**64 - 1
    high = np.array([number >> 64 for number in numbers], dtype=np.uint64)
    return high, np.array([number & low_bits for number in numbers], dtype=np.uint64)


def narrow(codes: Array, most: int) -> Array:
    """Codes from 0 to `most` in the fewest bytes."""
    width = next((each for each in WIDTHS if most <= np.iinfo(each).max), np.uint64)
    return codes.astype(width, copy=False)


def narrow_numbers(values: Array) -> Array:
    """Whole numbers in the fewest bytes."""
    if not len(values):
        return values.astype(np.int8)
    low, high = int(values.min()), int(values.max())
    for width in NUMBER_WIDTHS:
        limits = np.iinfo(width)
        if limits.min <= low and high <= limits.max:
            return values.astype(width, copy=False)
    return values.astype(np.int64, copy=False)


def all_missing(store: Store, count: int) -> Column:
    """A column in which nothing is there."""
    match store:
        case "text" | "set":
            return Coded(np.zeros(count, np.uint8), ())
        case "ip":
            nothing = np.zeros(count, np.uint64)
            return Addresses(nothing, nothing, np.ones(count, np.bool_))
        case "bool":
            return Plain(np.zeros(count, np.bool_), np.ones(count, np.bool_))
        case _:
            return Plain(np.zeros(count, np.int8), np.ones(count, np.bool_))
