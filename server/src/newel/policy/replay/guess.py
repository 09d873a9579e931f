"""A profile for whoever has not written one: from what a policy declares and what its conditions look at.

It is a guess, and a report on it says that its requests are made up. Every closed target is asked; texts and groups are
those that conditions name, and others; amounts are like payments; one session in five hundred is an attack.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from newel.policy.document import Document
from newel.policy.facts import LEAST, MOST, Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.replay.reads import parts

BUILT_IN = "newel."
OFFICE, HOME, ABROAD = "10.20.0.0/16", "81.2.0.0/16", "185.0.0.0/16"
PERSON = ("subject.id", "subject.groups", "now")
"""Facts that every request has by itself, or that are the person's."""
RISK: Mapping[str, Mapping[str, Any]] = {
    "risk.score": {"median": 6, "sigma": 0.9, "high": 100},
    "risk.ppm": {"median": 20, "sigma": 1.5, "high": 1_000_000},
    "risk.level": {"among": {"low": 95, "medium": 5}},
    "risk.looks_like": {"among": {"owner": 96, "same_country": 3, "stranger": 1}},
    "risk.signals": {"among": [[]]},
    "device.trusted": {"chance": 0.5},
    "device.managed": {"chance": 0.5},
}
ATTACK: Mapping[str, Any] = {
    "risk.score": {"low": 30, "high": 100},
    "risk.ppm": {"median": 200_000, "sigma": 1, "high": 1_000_000},
    "risk.level": {"among": {"medium": 5, "high": 4, "critical": 1}},
    "risk.looks_like": {"among": {"stranger": 6, "imitator": 2, "owner": 1, "relay": 1}},
    "device.trusted": False,
    "device.managed": False,
    "client.ip": {"networks": {ABROAD: 1}},
}
METHODS = [
    {"hold": ["password", "totp"], "share": 50},
    {"hold": ["passkey", "password"], "share": 47},
    {"hold": ["password"], "share": 3},
]


def guessed(document: Document, *, people: int, requests: int, days: int, start: int) -> dict[str, Any]:
    """A profile as `read_profile` takes it; `start` in Unix seconds."""
    targets = [target for target in document.targets if not target.startswith(BUILT_IN) and ":" in target]
    return {
        "name": f"guessed for {document.name}",
        "people": people,
        "requests": requests,
        "days": days,
        "start": start,
        "attack_share": 0.002,
        "groups": _groups(document),
        "requests_of": [_request(document, target) for target in targets or document.targets],
    }


def _groups(document: Document) -> list[dict[str, Any]]:
    """Most people in no group, some in each group that a condition names."""
    named = sorted(
        part.item.value
        for part in _every_part(document)
        if isinstance(part, core.HasMember)
        and part.group.path == "subject.groups"
        and isinstance(part.item, core.Constant)
    )
    groups = [str(name) for name in dict.fromkeys(named)]
    return [{"share": 20, "methods": METHODS}, *({"groups": [name], "methods": METHODS} for name in groups)]


def _request(document: Document, target: str) -> dict[str, Any]:
    facts = {
        path: fact
        for path, fact in document.facts_at(target).items()
        if path not in PERSON and path not in document.counters
    }
    return {
        "targets": [target],
        "facts": {path: _spread(document, fact) for path, fact in facts.items()},
        "attack": {path: spread for path, spread in ATTACK.items() if path in facts and _fits(facts[path], spread)},
    }


def _spread(document: Document, fact: Fact) -> Any:
    known = RISK.get(fact.name)
    if known is not None and _fits(fact, known):
        return known
    match fact.kind:
        case "bool":
            return {"chance": 0.8}
        case "enum":
            return {"among": dict.fromkeys(fact.values, 1)}
        case "string":
            named = _texts(document, fact.name)
            return {"among": {**dict.fromkeys(named, 1), "other": 4, **({None: 2} if fact.optional else {})}}
        case "set":
            return {"among": [[], *([each] for each in _texts(document, fact.name))]}
        case "ip":
            return {"networks": {OFFICE: 2, HOME: 3}}
        case "timestamp":
            return {"now_less": {"median": 7200, "sigma": 2}}
        case "duration":
            return {"median": 600, "sigma": 1, "low": 0, "high": 86_400}
        case _:
            return _number(fact)


def _number(fact: Fact) -> dict[str, Any]:
    """Like payments where there is no narrow range, else mostly in its lower part."""
    low, high = max(fact.low, 0) if fact.low != LEAST else 0, fact.high
    if fact.field[-1:] == ("minor",) or high == MOST or high - low > 10**6:
        return {"median": 4500, "sigma": 1.6, "low": max(low, 1), "high": min(high, 10**9)}
    return {"median": max(low + (high - low) / 10, 1), "sigma": 1, "low": low, "high": high}


def _fits(fact: Fact, spread: Any) -> bool:
    """Whether what is drawn can be a value of the fact: an enum may have been declared otherwise."""
    drawn = spread.get("among", ()) if isinstance(spread, Mapping) else ()
    return fact.kind != "enum" or set(drawn) <= set(fact.values)


def _texts(document: Document, path: str) -> list[str]:
    """The texts that conditions compare a fact with."""
    found: dict[str, None] = {}
    for part in _every_part(document):
        match part:
            case core.Compare(_, core.Read(read), core.Constant(str(text))) if read == path:
                found[text] = None
            case core.OneOf(core.Read(read), values) if read == path:
                found.update((str(each), None) for each in values)
            case core.Affix(_, core.Read(read), text) if read == path:
                found[text] = None
            case core.HasMember(core.Read(read), core.Constant(str(text))) if read == path:
                found[text] = None
    return list(found)


def _every_part(document: Document) -> Iterator[Core]:
    for rule in document.rules:
        for condition in rule.conditions.values():
            yield from parts(condition)
