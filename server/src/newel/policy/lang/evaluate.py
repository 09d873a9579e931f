"""The meaning of the core, read off directly: slow, plain, and what every faster back end is held to.

From left to right; what is missing raises MissingFact where it is looked at, and nowhere else.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.interval import quotient, remainder
from newel.policy.lang.missing import MissingFact

HOUR, DAY, QUARTER = 3600, 86_400, 900
THURSDAY = 4
"""The first of January 1970 was one, counted from Sunday."""
SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
}
AFFIXES: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}


def evaluate(found: Core, facts: Mapping[str, Any]) -> Any:
    """The value of a condition or a part of one over `facts`; MissingFact where it reads one that is not there."""
    match found:
        case core.Constant(value):
            return value
        case core.Read(path):
            return _read(facts, path)
        case core.Present(path):
            return path in facts
        case core.Negation(item):
            return not evaluate(item, facts)
        case core.Every(items):
            return all(evaluate(item, facts) for item in items)
        case core.Some(items):
            return any(evaluate(item, facts) for item in items)
        case core.Select(test, then, other):
            return evaluate(then if evaluate(test, facts) else other, facts)
        case core.Compare(sign, left, right) | core.Arithmetic(sign, left, right):
            return SIGNS[sign](evaluate(left, facts), evaluate(right, facts))
        case _:
            return _special(found, facts)


def _special(found: Core, facts: Mapping[str, Any]) -> Any:
    match found:
        case core.OneOf(item, values):
            return evaluate(item, facts) in values
        case core.HasMember(group, item):
            return evaluate(item, facts) in _read(facts, group.path)
        case core.Within(item, _, ranges):
            address = _read(facts, item.path)
            return any(first <= address <= last for first, last in ranges)
        case core.Affix(where, item, text):
            return AFFIXES[where](evaluate(item, facts), text)
        case core.Minus(item):
            return -evaluate(item, facts)
        case core.Clock(part, item, zone):
            return CLOCKS[part](evaluate(item, facts), zone)
        case _:
            raise TypeError(f"{type(found).__name__} has no meaning")


def _read(facts: Mapping[str, Any], path: str) -> Any:
    if path not in facts:
        raise MissingFact(path)
    return facts[path]


def hour(time: int, zone: str) -> int:
    """The hour of the day, 0 to 23, at `time` (Unix seconds) in a zone."""
    return (time + _offset(time, zone)) // HOUR % 24


def day(time: int, zone: str) -> int:
    """The day of the week at `time` in a zone; 0 is Sunday."""
    return ((time + _offset(time, zone)) // DAY + THURSDAY) % 7


CLOCKS: Mapping[str, Callable[[int, str], int]] = {"getHours": hour, "getDayOfWeek": day}


def _offset(time: int, zone: str) -> int:
    """Seconds east of Greenwich; looked up for a quarter of an hour, in which few zones ever changed their clock."""
    quarter = time // QUARTER
    begin, end = _offset_at(quarter * QUARTER, zone), _offset_at((quarter + 1) * QUARTER, zone)
    return begin if begin == end else _offset_at(time, zone)


@lru_cache(4096)
def _offset_at(time: int, zone: str) -> int:
    there = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(zone))
    return int((there.utcoffset() or there - there).total_seconds())
