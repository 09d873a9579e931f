"""What a condition says, before anyone knows whether it means something. `at` is the offset in the condition's text."""

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a whole number, or true and false."""

    at: int
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted path: a fact, or the variable of `exists` and `all`."""

    at: int
    path: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A literal list; `of` names the policy's list that it was written as."""

    at: int
    items: tuple["Syntax", ...]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """`! item`."""

    at: int
    item: "Syntax"


@dataclass(frozen=True, slots=True)
class Negated:
    """`- item`."""

    at: int
    item: "Syntax"


@dataclass(frozen=True, slots=True)
class Chain:
    """`a && b && …` or `a || b || …`; `at` is the first sign."""

    at: int
    sign: str
    items: tuple["Syntax", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? then : other`."""

    at: int
    test: "Syntax"
    then: "Syntax"
    other: "Syntax"


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, `in`, or arithmetic."""

    at: int
    sign: str
    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)` or `receiver.name(arguments)`."""

    at: int
    name: str
    receiver: "Syntax | None"
    arguments: tuple["Syntax", ...]


Syntax = Literal | Name | ListOf | Not | Negated | Chain | Choice | Binary | Call
