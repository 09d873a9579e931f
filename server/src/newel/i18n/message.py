"""Messages as values: an English id with named arguments, worded later for one locale and time zone."""

from collections.abc import Mapping
from dataclasses import field

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A message: its English text with places like `%(name)s`, and the values for them.

    Values are strings (kept as they are), ints, nested Texts, or the typed values below, each worded for the locale.
    `plural` is the English text for every `n` but 1; the message then has an argument `n`.
    """

    id: str
    args: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""


def several(one: str, many: str, n: int, /, **args: object) -> Text:
    """Give a message that has a singular and a plural, chosen by `n`, which is also the argument `%(n)s`."""
    return Text(one, {"n": n, **args}, many)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money: an integer of minor units (cents) and an ISO 4217 code."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, in seconds since the epoch, shown as 14:31."""

    at: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date, in seconds since the epoch, shown as 24 November; with the year when `year` is set."""

    at: int
    year: bool = False


@dataclass(frozen=True, slots=True)
class Iban:
    """An account number, shown in groups of four."""

    number: str


Words = str | Text | Amount | Clock | Day
"""What a page may be given: a text already in the reader's language, a message to word, or a value to write."""
