"""The canonical form: one text for one meaning, itself a policy file, named by its SHA-256.

Levels and lists are written out where they are used, conditions as their core reads, keys sorted, comments gone. Read
again it gives the same canonical text.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from newel.domain.assurance import EvidenceClass
from newel.domain.requirement import SESSION, Approval, Requirement
from newel.policy.document import Action, Counter, Document, Grace, Invariant, Resource, Rule, Test
from newel.policy.facts import LEAST, LONGEST, MOST, Fact
from newel.policy.fields import Field
from newel.policy.lang.core import TRUE, Core
from newel.policy.lang.network import address_text
from newel.policy.lang.write import written

DENIED = "denied"
BUILT_IN = "newel."
ANYTHING: Mapping[str, tuple[int, int]] = {"int": (LEAST, MOST), "duration": (-LONGEST, LONGEST)}


def canonical_text(document: Document) -> str:
    """The canonical form of a policy: JSON with sorted keys and no space."""
    return json.dumps(as_tree(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def version_of(text: str) -> str:
    """The name of a snapshot: the SHA-256 of its canonical text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_tree(document: Document) -> dict[str, Any]:
    """A policy as the tree of a policy file; every scalar is a text."""
    counters = {each.name for each in document.counters.values()}
    tree = {
        "newel": "1",
        "name": document.name,
        "schema": {
            "facts": {name: _fact(fact) for name, fact in document.facts.items()},
            "resources": {
                name: _resource(resource, counters)
                for name, resource in document.resources.items()
                if not name.startswith(BUILT_IN)
            },
        },
        "evidence": {each.name: _class(each) for each in document.classes.declared},
        "acr_order": list(document.classes.order),
        "velocity": {each.name.removeprefix("velocity."): _counter(each) for each in document.counters.values()},
        "pools": {name: {"group": group} for name, group in document.pools.items()},
        "meters": {name: {"limit": str(most), "over": f"{over}s"} for name, (most, over) in document.meters.items()},
        "entitlements": sorted(document.entitlements),
        "rules": [_rule(rule) for rule in sorted(document.rules, key=_id)],
        "invariants": [_invariant(each) for each in sorted(document.invariants, key=_id)],
        "tests": [_test(test, document) for test in document.tests],
    }
    return {key: part for key, part in tree.items() if part}


def _id(named: Rule | Invariant) -> str:
    return named.id


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _fact(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = {"from": fact.origin}
    match fact.kind:
        case "enum":
            found["enum"] = sorted(fact.values)
        case "set":
            found["set"] = "string"
        case kind:
            found["type"] = kind
    if fact.kind == "int" and (fact.low, fact.high) != ANYTHING["int"]:
        found["range"] = [str(fact.low), str(fact.high)]
    if fact.optional:
        found["optional"] = "true"
    if fact.absent is not None:
        found["absent"] = value_text(fact, fact.absent)
    if fact.field:
        found["field"] = ".".join(fact.field)
    return found


def value_text(fact: Fact, value: Any) -> Any:
    """A value of a fact as a policy file writes it."""
    match fact.kind:
        case "set":
            return sorted(value)
        case "bool":
            return _flag(value)
        case "timestamp":
            return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
        case "duration":
            return f"{value}s"
        case "ip":
            return address_text(value)
        case _:
            return str(value)


def _resource(resource: Resource, counters: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "label": resource.label,
        "actions": {name: _action(action) for name, action in resource.actions.items()},
        "fields": {name: _field(field) for name, field in resource.fields.items()},
        "facts": {name: _fact(fact) for name, fact in resource.facts.items() if name not in counters},
    }
    return {key: part for key, part in found.items() if part}


def _action(action: Action) -> dict[str, Any]:
    found: dict[str, Any] = {"sensitive": _flag(action.sensitive), "verb": action.verb}
    minimum = requirement_tree(action.minimum)
    return {**found, "minimum": minimum} if minimum else found


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"label": field.label, "optional": _flag(field.optional)}
    match field.kind:
        case "text":
            return {**found, "text": str(field.most), "free": _flag(field.free)}
        case "int":
            return {**found, "int": [str(field.low), str(field.high)]}
        case kind:
            return {**found, kind: "true"}


def _class(each: EvidenceClass) -> dict[str, Any]:
    found: dict[str, Any] = {"lasts": f"{each.lasts}s", "idle": f"{each.idle}s"}
    if each.implies:
        found["implies"] = sorted(each.implies)
    if each.combinations:
        found["methods"] = [list(methods) for methods in each.combinations]
    return found


def _counter(counter: Counter) -> dict[str, Any]:
    fact = counter.fact or "requests"
    common = {"by": counter.by, "over": f"{counter.over}s", "of": sorted(counter.targets)}
    return {**common, counter.kind: fact, "range": ["0", str(counter.high)]}


def requirement_tree(requirement: Requirement, deny_reason: str = DENIED) -> dict[str, Any]:
    """A requirement as a policy file writes it; empty for one that demands nothing."""
    if requirement.denied:
        return {"deny": deny_reason or DENIED}
    found: dict[str, Any] = {
        "evidence": {name: age_text(age) for name, age in requirement.evidence},
        "bind": {name: sorted(fields) for name, fields in requirement.bind},
        "forbid": sorted(requirement.forbid),
        "approve": {each.pool: _approval(each) for each in requirement.approve},
        "entitle": sorted(requirement.entitle),
        "meter": {name: str(units) for name, units in requirement.meter},
        "session": dict(_session(requirement)),
    }
    return {key: part for key, part in found.items() if part}


def age_text(age: int) -> str:
    """An age as a policy file writes it."""
    return "session" if age >= SESSION else f"{age}s"


def _approval(approval: Approval) -> dict[str, Any]:
    evidence = {name: age_text(approval.age) for name in sorted(approval.classes)}
    return {"number": str(approval.number), "evidence": evidence}


def _session(requirement: Requirement) -> Iterator[tuple[str, Any]]:
    terms = requirement.session
    if terms.life is not None:
        yield "max_life", f"{terms.life}s"
    if terms.key_bound:
        yield "key_bound", "true"
    if terms.notify:
        yield "notify", sorted(terms.notify)


def _condition(conditions: Mapping[str, Core]) -> str:
    """The text of a condition; it reads alike at every resource it was written for."""
    core = conditions[min(conditions)]
    return "" if core == TRUE else written(core)


def _rule(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": rule.id,
        "on": sorted(rule.targets),
        "when": _condition(rule.conditions),
        "require": requirement_tree(rule.require, rule.deny_reason),
        "because": rule.because,
        "mode": "observe" if rule.observe else "",
    }
    if rule.fallback is not None:
        found["fallback"] = {"when": "cannot_meet", "require": requirement_tree(rule.fallback)}
    if rule.grace is not None:
        found["grace"] = grace_tree(rule.grace)
    return {key: part for key, part in found.items() if part}


def grace_tree(grace: Grace) -> dict[str, str]:
    """Grace as a policy file writes it, its end as a time in UTC."""
    until = datetime.fromtimestamp(grace.until, UTC).isoformat().replace("+00:00", "Z")
    return {"until": until, "skips": str(grace.skips)}


def _invariant(invariant: Invariant) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": invariant.id,
        "for": sorted(invariant.targets),
        "when": _condition(invariant.conditions),
    }
    if invariant.at_least is not None:
        found["at_least"] = requirement_tree(invariant.at_least)
    if invariant.at_most is not None:
        found["at_most"] = requirement_tree(invariant.at_most)
    return {key: part for key, part in found.items() if part}


def _test(test: Test, document: Document) -> dict[str, Any]:
    """A test; the name that a refusal was to have decides nothing and is left out, so that it makes no other version."""
    facts = document.facts_at(test.target)
    resource, _, action = test.target.partition(":")
    asked = {path: value_text(facts[path], value) for path, value in test.facts.items()}
    return {
        "name": test.name,
        "ask": {"resource": resource, "action": action, **asked},
        "expect": requirement_tree(test.expect),
    }
