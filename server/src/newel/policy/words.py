"""Requirements and values in words, for commands and reports."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from newel.domain.assurance import SHIPPED, Classes
from newel.domain.requirement import SESSION, Requirement, SessionTerms
from newel.policy.facts import Fact
from newel.policy.lang.network import address_text

UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def short_duration(seconds: int) -> str:
    """The shortest way to write a duration: 90s, 5m, 1h30m, 30d."""
    if seconds <= 0:
        return f"{seconds}s"
    parts: list[str] = []
    for unit, size in UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts)


def short_requirement(requirement: Requirement, classes: Classes = SHIPPED) -> str:
    """A requirement in one line; a class that another one says already is not named."""
    if requirement.denied:
        return "deny"
    return ", ".join(_parts(requirement, classes)) or "nothing"


def _parts(requirement: Requirement, classes: Classes) -> Iterator[str]:
    yield from _evidence(requirement, classes)
    if requirement.forbid:
        yield f"not by {' or '.join(sorted(requirement.forbid))}"
    for each in requirement.approve:
        yield f"{each.number} approval{'s' if each.number > 1 else ''} by {each.pool}"
    yield from (f"entitlement {name}" for name in sorted(requirement.entitle))
    yield from (f"{units} of meter {name}" for name, units in requirement.meter)
    yield from _terms(requirement.session)


def _evidence(requirement: Requirement, classes: Classes) -> Iterator[str]:
    ages, bound = dict(requirement.evidence), dict(requirement.bind)
    for name, age in requirement.evidence:
        if not any(name in classes.below(other) - {other} and ages[other] <= age for other in ages):
            yield f"{name} {'in this session' if age >= SESSION else 'within ' + short_duration(age)}"
    for name, fields in requirement.bind:
        if not any(name in classes.below(other) - {other} and fields <= bound[other] for other in bound):
            yield f"{name} signs {' and '.join(sorted(fields))}"


def _terms(terms: SessionTerms) -> Iterator[str]:
    if terms.life is not None:
        yield f"a token of at most {short_duration(terms.life)}"
    if terms.key_bound:
        yield "a token bound to a key"
    if terms.notify:
        yield f"notice to {' and '.join(sorted(terms.notify))}"


def value_words(fact: Fact, value: Any) -> str:
    """A value as a person writes it; times in UTC."""
    if value is None:
        return "(absent)"
    match fact.kind:
        case "timestamp":
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)).isoformat().replace("+00:00", "Z")
        case "duration":
            return short_duration(value)
        case "ip":
            return address_text(value)
        case "set":
            return "[" + ", ".join(sorted(value)) + "]"
        case "bool":
            return "true" if value else "false"
        case _:
            return str(value)
