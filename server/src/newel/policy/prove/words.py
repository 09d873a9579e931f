"""Requirements, facts and witnesses in words that a person understands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from newel.policy.facts import Fact
from newel.policy.lang.network import address_text
from newel.policy.lang.write import quoted
from newel.policy.words import short_duration

MISSING = "(missing)"


def fact_text(fact: Fact, value: Any, zone: str = "UTC") -> str:
    """The value of a fact; a time is a local one of `zone`."""
    match fact.kind:
        case "bool":
            return "true" if value else "false"
        case "string":
            return quoted(value)
        case "set":
            return f"{{{', '.join(quoted(each) for each in sorted(value))}}}"
        case "ip":
            return address_text(value)
        case "timestamp":
            return _time(value, zone)
        case "duration":
            return short_duration(value)
        case _:
            return str(value)


def _time(value: int, zone: str) -> str:
    there = datetime.fromtimestamp(value, UTC).astimezone(ZoneInfo(zone))
    return f"{there.strftime('%A %Y-%m-%d %H:%M:%S')} {zone}"


def facts_json(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Facts for a machine: sets are sorted lists."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in sorted(facts.items())}
