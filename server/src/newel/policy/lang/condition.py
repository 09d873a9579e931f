"""A condition of the file → its core, with faults at their place in the file."""

from collections.abc import Mapping

from newel.policy.facts import Fact
from newel.policy.lang.check import Lists, Whose, check, nobody
from newel.policy.lang.core import Core
from newel.policy.lang.lex import Wrong
from newel.policy.lang.parse import parse
from newel.policy.lang.syntax import Syntax
from newel.policy.message import Fault
from newel.policy.source import Scalar


def read_syntax(scalar: Scalar) -> Syntax:
    """The syntax of a condition. Fault where it has none."""
    scalar.placeable()
    try:
        return parse(scalar.text)
    except Wrong as wrong:
        raise Fault(wrong.code, scalar.place(wrong.at), wrong.text, wrong.hint) from wrong


def read_condition(scalar: Scalar, facts: Mapping[str, Fact], lists: Lists, whose: Whose = nobody) -> Core:
    """The meaning of a condition over `facts`, `whose` as `check` has it. Fault where it has none."""
    return check(read_syntax(scalar), facts, lists, scalar.place, whose)
