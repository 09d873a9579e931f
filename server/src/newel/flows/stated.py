"""Stated: a value that somebody states → a fact of the declared kind and range, or a refusal."""

import re
from datetime import UTC, datetime
from typing import Any

from newel.policy.facts import Fact
from newel.policy.lang.network import address_number

MOST_MEMBERS = 1000
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
DURATION = re.compile(r"([0-9]{1,12})([smhd])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WHOLE = re.compile(r"-?[0-9]{1,19}")
FLAGS = {"true": True, "false": False}


class FactRefused(ValueError):
    """A stated value that is not of the declared type, or out of range; the message names the fact."""


def typed(fact: Fact, value: Any) -> Any:
    """A JSON value as a fact of its kind: times and durations in seconds, an address in its text. FactRefused otherwise.

    A timestamp is RFC 3339 or Unix seconds, a duration `90s`, `5m`, `12h`, `30d` or seconds, a set an array of strings.
    """
    read = _READ[fact.kind](fact, value)
    if read is None:
        raise FactRefused(f"{fact.name} must be {_NAMED[fact.kind]}")
    return read


def from_text(fact: Fact, text: str) -> Any:
    """A registered property, which is a text, as a fact of its kind. FactRefused otherwise."""
    if fact.kind == "int" and WHOLE.fullmatch(text):
        return typed(fact, int(text))
    if fact.kind == "bool":
        return typed(fact, FLAGS.get(text))
    if fact.kind == "set":
        return typed(fact, [each for each in text.split(",") if each])
    return typed(fact, text)


def _text(_fact: Fact, value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _word(fact: Fact, value: Any) -> str | None:
    return value if isinstance(value, str) and value in fact.values else None


def _whole(fact: Fact, value: Any) -> int | None:
    return value if type(value) is int and fact.low <= value <= fact.high else None


def _flag(_fact: Fact, value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _instant(fact: Fact, value: Any) -> int | None:
    if isinstance(value, str) and INSTANT.fullmatch(value):
        try:
            value = int(datetime.fromisoformat(value.upper()).astimezone(UTC).timestamp())
        except (ValueError, OverflowError):  # the 31st of February, the year 0
            return None
    return _whole(fact, value)


def _duration(fact: Fact, value: Any) -> int | None:
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    return _whole(fact, int(found[1]) * UNITS[found[2]] if found else value)


def _address(_fact: Fact, value: Any) -> str | None:
    try:
        return value if isinstance(value, str) and address_number(value) is not None else None
    except ValueError:
        return None


def _set(_fact: Fact, value: Any) -> frozenset[str] | None:
    if not isinstance(value, list) or len(value) > MOST_MEMBERS or not all(isinstance(each, str) for each in value):
        return None
    return frozenset(value)


_READ = {
    "string": _text,
    "enum": _word,
    "int": _whole,
    "bool": _flag,
    "timestamp": _instant,
    "duration": _duration,
    "ip": _address,
    "set": _set,
}
_NAMED = {
    "string": "a string",
    "enum": "one of its declared values",
    "int": "an integer in its declared range",
    "bool": "true or false",
    "timestamp": "a time (RFC 3339, or Unix seconds)",
    "duration": "a duration such as 5m, or seconds",
    "ip": "an IP address",
    "set": "an array of strings",
}
