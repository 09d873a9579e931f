"""What a condition means: the typed core that every back end reads (generated Python, text, columns, solver).

Every name is a declared fact, every type fits, lists are constants, quantifiers are written out, addresses are ranges
of one 128-bit space, durations are seconds, and no arithmetic can leave 64 bits.
"""

from typing import Literal

from newel.domain.value import dataclass

Sign = Literal["==", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/", "%"]
Where = Literal["startsWith", "endsWith", "contains"]
Part = Literal["getHours", "getDayOfWeek"]
Unit = Literal["string", "int", "bool", "duration"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value; a duration is in seconds."""

    value: str | int | bool
    unit: Unit


@dataclass(frozen=True, slots=True)
class Read:
    """The value of a fact; an error where it is missing."""

    path: str


@dataclass(frozen=True, slots=True)
class Present:
    """Whether a fact is there."""

    path: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Not."""

    item: "Core"


@dataclass(frozen=True, slots=True)
class Every:
    """All of them, looked at from left to right."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them, looked at from left to right."""

    items: tuple["Core", ...]


@dataclass(frozen=True, slots=True)
class Select:
    """One of two values."""

    test: "Core"
    then: "Core"
    other: "Core"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one type."""

    sign: Sign
    left: "Core"
    right: "Core"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a value is one of several constants, sorted by their text."""

    item: "Core"
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class HasMember:
    """Whether a text is in a fact that is a set."""

    group: Read
    item: "Core"


@dataclass(frozen=True, slots=True)
class Within:
    """Whether an address lies in one of the networks; `ranges` are theirs, first and last, sorted."""

    item: Read
    networks: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Affix:
    """Whether a text starts with, ends with or contains another."""

    where: Where
    item: "Core"
    text: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Whole numbers, seconds: division and remainder truncate towards zero."""

    sign: Operator
    left: "Core"
    right: "Core"


@dataclass(frozen=True, slots=True)
class Minus:
    """The negative of a whole number."""

    item: "Core"


@dataclass(frozen=True, slots=True)
class Clock:
    """The hour (0 to 23) or the day of the week (0 is Sunday) of a timestamp in a zone."""

    part: Part
    item: "Core"
    zone: str


Core = (
    Constant | Read | Present | Negation | Every | Some | Select | Compare | OneOf | HasMember | Within | Affix
    | Arithmetic | Minus | Clock
)  # fmt: skip
TRUE = Constant(value=True, unit="bool")
