"""A part of the core with its type, as the checker hands it on, and the words that messages have for it."""

from typing import Literal

from newel.domain.value import dataclass
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.interval import WHOLE, Interval
from newel.policy.message import with_article

Kind = Literal["string", "int", "bool", "timestamp", "duration", "ip", "set"]
MEANT = {"int": "a number", "string": "a text", "bool": "true or false", "ip": "an address", "set": "a set of texts"}

NO_QUOTES = "a number stands without quotes, a text with them"
HINTS = {
    frozenset({"duration", "int"}): 'write duration("5m")',
    frozenset({"duration", "string"}): 'write duration("5m")',
    frozenset({"set", "string"}): "'in' asks whether a text is in a set",
    frozenset({"int", "string"}): NO_QUOTES,
    frozenset({"bool", "string"}): "true and false stand without quotes",
    frozenset({"ip", "string"}): 'write fact in ["10.20.0.0/16"]',
    frozenset({"timestamp", "string"}): 'two times are compared, or how far apart: now - fact < duration("24h")',
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A part of the core with its type; `bounds` for what is ordered, `values` where only these can come."""

    core: Core
    kind: Kind
    bounds: Interval = WHOLE
    values: tuple[str, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether it is written out."""
        return isinstance(self.core, core.Constant)


def constant(value: str | int | bool) -> Meaning:
    """What a value that is written out means."""
    if isinstance(value, bool):
        return Meaning(core.Constant(value, "bool"), "bool")
    if isinstance(value, int):
        return Meaning(core.Constant(value, "int"), "int", Interval(value, value))
    return Meaning(core.Constant(value, "string"), "string")


def words(meaning: Meaning) -> str:
    """Its type as a message says it."""
    return MEANT.get(meaning.kind, with_article(meaning.kind))


def compare_hint(left: Meaning, right: Meaning) -> str:
    """What whoever compared the two most likely wants."""
    kinds = {left.kind, right.kind}
    written = next((each.core.value for each in (left, right) if isinstance(each.core, core.Constant)), None)
    if kinds == {"int", "string"} and written is not None:
        return literal_hint(written)
    return HINTS.get(frozenset(kinds), "")


def literal_hint(written: str | int) -> str:
    """How a number is written where a text stands, and the other way round."""
    if isinstance(written, str):
        number = written.removeprefix("-").isdecimal()
        return f"write {written}: a number stands without quotes" if number else NO_QUOTES
    return f'write "{written}": a text stands in quotes'
