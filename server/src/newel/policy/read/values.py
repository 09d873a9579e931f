"""A text of the file → a value as conditions read it, by the kind of its fact."""

import re
from datetime import UTC, datetime

from newel.policy.code import Code
from newel.policy.facts import Fact
from newel.policy.lang.network import address_number
from newel.policy.message import Fault, shown, suggest
from newel.policy.read.shape import FLAGS, duration_of, integer, no_duration, scalar, scalars
from newel.policy.source import Node
from newel.policy.source import Sequence as Items

Value = str | int | bool | frozenset[str]
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_BEGINS = "T00:00:00Z"


def instant(node: Node, what: str) -> int:
    """A time with its zone (RFC 3339, whole seconds), in Unix seconds."""
    found = scalar(node, what)
    seconds = _unix(found.text) if INSTANT.fullmatch(found.text) else None
    if seconds is None:
        text = f"{shown(found.text)} is not a time for {what}"
        raise Fault(Code.TEST, found.mark, text, "write 2026-11-24T12:00:00Z")
    return seconds


def day_or_instant(node: Node, what: str) -> int:
    """A date, which is the first second of that day in UTC, or a time with its zone; in Unix seconds."""
    found = scalar(node, what)
    text = f"{found.text}{DAY_BEGINS}" if DAY.fullmatch(found.text) else found.text
    seconds = _unix(text) if INSTANT.fullmatch(text) else None
    if seconds is None:
        text = f"{shown(found.text)} is neither a date nor a time for {what}"
        raise Fault(
            Code.RULE, found.mark, text, "write 2026-12-20, the start of that day in UTC, or 2026-12-20T08:00:00Z"
        )
    return seconds


def _unix(text: str) -> int | None:
    try:
        return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def value(node: Node, fact: Fact) -> Value:
    """The value that a text means for `fact`. Fault for a wrong type, and for what lies out of range."""
    match fact.kind:
        case "set":
            nothing = isinstance(node, Items) and not node.items
            return frozenset() if nothing else frozenset(each.text for each in scalars(node, fact.name))
        case "int":
            return integer(node, fact.name, fact.low, fact.high)
        case "timestamp":
            return _bounded(node, fact, instant(node, fact.name))
        case "duration":
            return _bounded(node, fact, _duration(node, fact))
        case "ip":
            return _address(node, fact)
        case _:
            return _word(node, fact)


def _word(node: Node, fact: Fact) -> Value:
    found = scalar(node, fact.name)
    if fact.kind == "bool":
        if found.text not in FLAGS:
            raise Fault(Code.FACT, found.mark, f"'{fact.name}' is true or false, not {shown(found.text)}")
        return FLAGS[found.text]
    if fact.kind == "enum" and found.text not in fact.values:
        text = f"{shown(found.text)} is never a value of '{fact.name}'"
        raise Fault(Code.NEVER_A_VALUE, found.mark, text, suggest(found.text, fact.values, what="values"))
    return found.text


def _duration(node: Node, fact: Fact) -> int:
    found = scalar(node, fact.name)
    seconds = duration_of(found.text)
    if seconds is None:
        raise no_duration(found)
    return seconds


def _bounded(node: Node, fact: Fact, number: int) -> int:
    if not fact.low <= number <= fact.high:
        raise Fault(Code.NUMBER, node.mark, f"'{fact.name}' lies between {fact.low} and {fact.high} seconds")
    return number


def _address(node: Node, fact: Fact) -> int:
    found = scalar(node, fact.name)
    try:
        return address_number(found.text)
    except ValueError as error:
        raise Fault(Code.FACT, found.mark, f"{shown(found.text)} is not an address for '{fact.name}'") from error
