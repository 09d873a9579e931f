"""Values of one fact, row by row, → a typed column. A value of another type than declared is missing: it can only add."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from newel.policy.facts import LEAST, MOST
from newel.policy.lang.network import address_number
from newel.policy.replay.columns import (
    Addresses,
    Array,
    Bools,
    Coded,
    Column,
    Plain,
    Store,
    halves,
    narrow,
    narrow_numbers,
)

T = TypeVar("T")
LAST_ADDRESS = 2**128 - 1


class Distinct:
    """Distinct values with their codes, in the order in which they came."""

    def __init__(self) -> None:
        self.codes: dict[Any, int] = {}

    def code(self, value: Hashable) -> int:
        """The code of a value, new or known."""
        return self.codes.setdefault(value, len(self.codes))

    @property
    def entries(self) -> tuple[Any, ...]:
        """The values by their code."""
        return tuple(self.codes)


def text(value: object) -> str | None:
    """A text."""
    return value if isinstance(value, str) else None


def texts(value: object) -> frozenset[str] | None:
    """A set of texts."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    members = list(value)
    return frozenset(members) if all(isinstance(member, str) for member in members) else None


def whole(value: object) -> int | None:
    """A whole number of 64 bits."""
    return value if type(value) is int and LEAST <= value <= MOST else None


def truth(value: object) -> bool | None:
    """True or false."""
    return value if isinstance(value, bool) else None


def address(value: object) -> int | None:
    """An address as a number, or as it is written."""
    if type(value) is int:
        return value if 0 <= value <= LAST_ADDRESS else None
    try:
        return address_number(value) if isinstance(value, str) else None
    except ValueError:
        return None


TYPED: Mapping[Store, Callable[[object], Any]] = {
    "text": text, "set": texts, "int": whole, "bool": truth, "ip": address,
}  # fmt: skip


OBSERVED: tuple[Store, ...] = ("bool", "int", "text", "set")
"""What a value can be taken for without knowing how it was declared; an address is a text then."""


def observed(value: object) -> Store | None:
    """How a column would hold a value; None for one that no column can hold."""
    return next((store for store in OBSERVED if TYPED[store](value) is not None), None)


def encoded(store: Store, values: Sequence[Any], distinct: Distinct) -> Column:
    """A column of values that are typed already, None where one is missing. Codes of what is missing are -1 here."""
    if store in {"text", "set"}:
        return Coded(np.array([-1 if each is None else distinct.code(each) for each in values], np.int32), ())
    missing: Bools = np.array([each is None for each in values], np.bool_)
    absent = missing if missing.any() else None
    if store == "ip":
        return Addresses(*halves([each or 0 for each in values]), absent)
    if store == "bool":
        return Plain(np.array([bool(each) for each in values], np.bool_), absent)
    return Plain(narrow_numbers(np.array([each or 0 for each in values], np.int64)), absent)


def stacked(parts: Sequence[Column], distinct: Distinct) -> Column:
    """Columns of one fact, one below the other; the codes become final."""
    match parts[0]:
        case Coded():
            codes = np.concatenate([part.codes for part in parts if isinstance(part, Coded)])
            count = len(distinct.codes)
            return Coded(narrow(np.where(codes < 0, count, codes), count), distinct.entries)
        case Addresses():
            addresses = [part for part in parts if isinstance(part, Addresses)]
            high, low = (np.concatenate([getattr(part, half) for part in addresses]) for half in ("high", "low"))
            return Addresses(high, low, _marks([(len(part.high), part.absent) for part in addresses]))
        case _:
            plain = [part for part in parts if isinstance(part, Plain)]
            values = np.concatenate([part.values for part in plain])
            return Plain(values, _marks([(len(part.values), part.absent) for part in plain]))


def _marks(parts: Sequence[tuple[int, Bools | None]]) -> Array | None:
    if all(marks is None for _, marks in parts):
        return None
    return np.concatenate([np.zeros(count, np.bool_) if marks is None else marks for count, marks in parts])
