"""A part of the core with its type, as the checker hands it on, and the words that messages have for it."""

from typing import Literal

from newel.domain.value import dataclass
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.interval import WHOLE, Interval

Kind = Literal["string", "int", "bool", "timestamp", "duration", "ip", "set"]
MEANT = {"int": "a number", "string": "a text", "bool": "true or false", "ip": "an address", "set": "a set of texts"}


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
    return MEANT.get(meaning.kind, f"a {meaning.kind}")


def compare_hint(left: Meaning, right: Meaning) -> str:
    """What whoever compared the two most likely wants."""
    kinds = {left.kind, right.kind}
    if kinds == {"duration", "int"}:
        return 'write duration("5m")'
    if kinds == {"set", "string"}:
        return "'in' asks whether a text is in a set"
    return ""
