"""Requirements and values in words, for commands and reports."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from newel.domain.assurance import Classes
from newel.domain.plan import AUTHORISES
from newel.domain.requirement import NOTHING, SESSION, Approval, Requirement, SessionTerms
from newel.policy.document import Grace
from newel.policy.facts import Fact
from newel.policy.lang.network import address_text
from newel.policy.read.built_in import floor

UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
OWN_ACCOUNT, TO_OPEN_IT = "newel.account:", "newel.account:open"
STRONGEST = "for a change of credentials the strongest class that a person's settled authenticators reach,"
"""S05, in words: it depends on the person."""


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


def requirement_text(requirement: Requirement, classes: Classes) -> str:
    """A requirement: what follows from something else in it is left out."""
    if requirement.denied:
        return "refused"
    said = [*_evidence(requirement, classes), *_bind(requirement, classes)]
    said += [f"not by {method}" for method in sorted(requirement.forbid)]
    said += [_approval(each, classes) for each in requirement.approve]
    said += [f"entitlement {each}" for each in sorted(requirement.entitle)]
    said += [f"{units} of {meter}" for meter, units in requirement.meter]
    said += _terms(requirement.session)
    return ", ".join(said) or "nothing"


def floor_text(target: str, classes: Classes) -> str:
    """What the server demands at a target of its own, whatever a policy says; empty where it leaves that to the policy."""
    if target.startswith(OWN_ACCOUNT) and target != TO_OPEN_IT:
        return f"{STRONGEST} within {short_duration(AUTHORISES)}"
    least = floor(target)
    return "" if least == NOTHING else requirement_text(least, classes)


def _highest(names: Iterable[str], classes: Classes) -> list[str]:
    there = list(names)
    return [name for name in there if not any(name != other and name in classes.below(other) for other in there)]


def _evidence(requirement: Requirement, classes: Classes) -> list[str]:
    ages = dict(requirement.evidence)
    shown: list[str] = []
    for name, age in sorted(ages.items(), key=itemgetter(1, 0)):
        implied = any(other != name and name in classes.below(other) and ages[other] <= age for other in ages)
        if not implied:
            shown.append(f"{name} in this session" if age >= SESSION else f"{name} within {short_duration(age)}")
    return shown


def _bind(requirement: Requirement, classes: Classes) -> list[str]:
    fields = dict(requirement.bind)
    return [f"{' and '.join(sorted(fields[name]))} bound to {name}" for name in _highest(fields, classes)]


def _approval(approval: Approval, classes: Classes) -> str:
    text = f"{approval.number} approval{'s' * (approval.number > 1)} by {approval.pool}"
    highest = " and ".join(sorted(_highest(approval.classes, classes)))
    text += f" with {highest}" if highest else ""
    return text if approval.age >= SESSION else f"{text} within {short_duration(approval.age)}"


def _terms(terms: SessionTerms) -> list[str]:
    said = [] if terms.life is None else [f"a token of at most {short_duration(terms.life)}"]
    said += ["a key-bound token"] * terms.key_bound
    return [*said, *(f"notice to {each}" for each in sorted(terms.notify))]


def instant_text(at: int) -> str:
    """A time in Unix seconds, in UTC: 2026-12-01T00:00:00Z."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).isoformat().replace("+00:00", "Z")


def grace_text(grace: Grace, now: int | None = None) -> str:
    """How often a demand may be skipped, and until when; that it is over where it is at `now` (Unix seconds)."""
    if grace.ended(now):
        return f"ended at {instant_text(grace.until)}, nothing may be skipped any more"
    times = "once" if grace.skips == 1 else f"{grace.skips} times"
    return f"may be skipped {times} until {instant_text(grace.until)}"


def value_words(fact: Fact, value: Any) -> str:
    """A value as a person writes it; times in UTC."""
    if value is None:
        return "(absent)"
    match fact.kind:
        case "timestamp":
            return instant_text(value)
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
