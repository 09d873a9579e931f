"""Nodes as the schema wants them: tables with known keys, lists, names, numbers, durations. A Fault where they are not."""

import re
from collections.abc import Sequence

from newel.policy.code import Code
from newel.policy.lang.functions import duration_seconds, like_duration
from newel.policy.message import Fault, shown, suggest
from newel.policy.source import Node, Scalar, Table
from newel.policy.source import Sequence as Items

DOTTED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
MOST_NAME = 100
MOST_ENTRIES = 10_000
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
DURATIONS = "write 90s, 5m, 12h, 1h30m or 30d"
LONGEST = "at most 999999d"
DAYS = re.compile(r"([0-9]{1,6})d(.*)")
FLAGS = {"true": True, "false": False}


def table(
    node: Node, what: str, keys: Sequence[str] | None = None, required: Sequence[str] = (), *, hint: str = ""
) -> Table:
    """A mapping; with `keys`, of those only, and with all `required` ones. `hint` says how it is written."""
    if not isinstance(node, Table):
        raise Fault(Code.WRONG_SHAPE, node.mark, f"{what} is a mapping", hint)
    for key, _ in node.entries if keys is not None else ():
        if key.text not in (keys or ()):
            text = f"unknown key {shown(key.text)} in {what}"
            raise Fault(Code.UNKNOWN_KEY, key.mark, text, suggest(key.text, keys or (), what="keys"))
    for name in required:
        if name not in node.by_key:
            raise Fault(Code.MISSING_KEY, node.mark, f"{what} needs '{name}'")
    return node


def items(node: Node, what: str, most: int = MOST_ENTRIES) -> tuple[Node, ...]:
    """A list with something in it."""
    if not isinstance(node, Items):
        raise Fault(Code.WRONG_SHAPE, node.mark, f"{what} is a list")
    if len(node.items) > most:
        raise Fault(Code.TOO_BIG, node.mark, f"{what} has at most {most} entries")
    if not node.items:
        raise Fault(Code.WRONG_SHAPE, node.mark, f"{what} is empty")
    return node.items


def scalars(node: Node, what: str) -> tuple[Scalar, ...]:
    """A list of texts, no text twice."""
    found = tuple(scalar(item, f"a part of {what}") for item in items(node, what))
    seen: set[str] = set()
    for each in found:
        if each.text in seen:
            raise Fault(Code.TWICE, each.mark, f"{shown(each.text)} appears twice in {what}")
        seen.add(each.text)
    return found


def scalar(node: Node, what: str) -> Scalar:
    """A text that is not empty."""
    if not isinstance(node, Scalar):
        raise Fault(Code.WRONG_SHAPE, node.mark, f"{what} is a text")
    if not node.text:
        raise Fault(Code.WRONG_SHAPE, node.mark, f"{what} is empty")
    return node


def text(node: Node, what: str, *, most: int = 500) -> str:
    """A text of a bounded length."""
    found = scalar(node, what)
    if len(found.text) > most:
        raise Fault(Code.WRONG_SHAPE, found.mark, f"{what} has at most {most} characters")
    return found.text.strip()


def name(node: Node, what: str) -> str:
    """A name that may stand in messages, addresses and logs."""
    found = scalar(node, what)
    if len(found.text) > MOST_NAME or not PLAIN.fullmatch(found.text):
        hint = "a letter, then letters, digits and . _ -"
        raise Fault(Code.NAME, found.mark, f"{shown(found.text)} is not a name for {what}", hint)
    return found.text


def dotted(node: Node, what: str) -> str:
    """A name that conditions can read: lower-case words joined by dots."""
    found = scalar(node, what)
    if len(found.text) > MOST_NAME or not DOTTED.fullmatch(found.text):
        hint = "lower-case letters, digits and _, in parts joined by dots"
        raise Fault(Code.NAME, found.mark, f"{shown(found.text)} is not a name for {what}", hint)
    return found.text


def one_of(node: Node, what: str, known: Sequence[str], code: Code) -> str:
    """One of several words."""
    found = scalar(node, what)
    if found.text not in known:
        raise Fault(code, found.mark, f"unknown {what} {shown(found.text)}", suggest(found.text, known, what="known"))
    return found.text


def flag(node: Node, what: str) -> bool:
    """True or false."""
    found = scalar(node, what)
    if found.text not in FLAGS:
        raise Fault(Code.WRONG_SHAPE, found.mark, f"{what} is true or false, not {shown(found.text)}")
    return FLAGS[found.text]


def integer(node: Node, what: str, low: int, high: int) -> int:
    """A whole number in a range."""
    found = scalar(node, what)
    if not NUMBER.fullmatch(found.text):
        raise Fault(Code.NUMBER, found.mark, f"{what} is a whole number, not {shown(found.text)}")
    value = int(found.text)
    if not low <= value <= high:
        raise Fault(Code.NUMBER, found.mark, f"{what} lies between {low} and {high}, not {found.text}")
    return value


def seconds(node: Node, what: str) -> int:
    """A duration such as 90s, 5m, 12h, 1h30m or 30d, in seconds."""
    found = scalar(node, what)
    value = duration_of(found.text)
    if value is None:
        raise no_duration(found, f" for {what}")
    return value


def no_duration(found: Scalar, purpose: str = "", hint: str = DURATIONS) -> Fault:
    """What is wrong with a text that `duration_of` does not read."""
    if like_duration(found.text):
        return Fault(Code.DURATION, found.mark, f"{shown(found.text)} is too long a duration{purpose}", LONGEST)
    return Fault(Code.DURATION, found.mark, f"{shown(found.text)} is not a duration{purpose}", hint)


def duration_of(written: str) -> int | None:
    """The seconds of a duration with days, None where it is none."""
    match = DAYS.fullmatch(written)
    days, rest = (int(match[1]), match[2]) if match else (0, written)
    more = duration_seconds(rest) if rest or not match else 0
    return None if more is None else days * 86_400 + more


def entries(node: Node, what: str, most: int = MOST_ENTRIES, *, hint: str = "") -> tuple[tuple[Scalar, Node], ...]:
    """The entries of a mapping; `hint` says how one is written."""
    found = table(node, what, hint=hint).entries
    if len(found) > most:
        raise Fault(Code.TOO_BIG, node.mark, f"{what} has at most {most} entries")
    return found
