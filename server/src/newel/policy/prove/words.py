"""Requirements, facts and witnesses in words that a person understands."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from newel.domain.assurance import Classes
from newel.domain.requirement import SESSION, Approval, Requirement, SessionTerms
from newel.policy.facts import Fact
from newel.policy.lang.network import address_text
from newel.policy.lang.write import quoted
from newel.policy.words import short_duration

MISSING = "(missing)"


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
