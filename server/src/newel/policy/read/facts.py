"""Declared facts: their type, their range, who may state them, and what their absence means."""

from collections.abc import Iterator, Mapping

from newel.domain.value import dataclass, replace
from newel.policy.code import Code
from newel.policy.document import Resource
from newel.policy.facts import END_OF_TIME, LEAST, LONGEST, MOST, Fact, Kind, Origin
from newel.policy.fields import ACCOUNT_MEMBERS, Field
from newel.policy.message import Fault, Report, shown, suggest, with_article
from newel.policy.read.built_in import ACCOUNT
from newel.policy.read.shape import dotted, entries, flag, integer, items, one_of, scalar, scalars, table
from newel.policy.read.values import value
from newel.policy.source import Node, Scalar, Table

KINDS: Mapping[str, Kind] = {
    "string": "string", "int": "int", "bool": "bool", "timestamp": "timestamp", "duration": "duration", "ip": "ip",
}  # fmt: skip
ORIGINS: Mapping[str, Origin] = {
    "server": "server", "token": "token", "directory": "directory", "risk": "risk", "request": "request",
}  # fmt: skip
MOST_FACTS = 1000
MOST_OWNERS = 3
"""Resources that a hint names."""
KEYS = ("type", "enum", "set", "range", "optional", "absent", "from", "field")
BOUNDS: Mapping[Kind, tuple[int, int]] = {
    "int": (LEAST, MOST),
    "timestamp": (0, END_OF_TIME),
    "duration": (-LONGEST, LONGEST),
}
RISK: Mapping[str, Kind] = {
    "risk.level": "enum", "risk.score": "int", "risk.ppm": "int", "risk.looks_like": "enum", "risk.signals": "set",
}  # fmt: skip
RISK_VALUES: Mapping[str, tuple[str, ...]] = {
    "risk.level": ("low", "medium", "high", "critical", "unknown"),
    "risk.looks_like": (
        "owner", "stranger", "same_country", "imitator", "close_imitator", "relay", "cookie_thief", "unknown",
    ),
}  # fmt: skip
FIXED: Mapping[str, tuple[Kind, Origin]] = {
    "now": ("timestamp", "server"),
    "subject.id": ("string", "server"),
    "subject.groups": ("set", "directory"),
    "client.id": ("string", "server"),
    "client.ip": ("ip", "server"),
    "device.trusted": ("bool", "server"),
}
"""Facts that the server itself knows: their names mean this and nothing else."""
MEMBERS: Mapping[str, Mapping[str, Kind]] = {
    "money": {"minor": "int", "currency": "string"},
    "account": dict.fromkeys(ACCOUNT_MEMBERS, "string"),
}
WHOLE: Mapping[str, Kind] = {"text": "string", "int": "int"}
Fields = Mapping[str, Field | None]
"""The fields of a resource by name, None for one that is faulty."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A fact with the key that declares it."""

    fact: Fact
    key: Scalar


def read_facts(node: Node, report: Report, fields: Fields | None = None) -> dict[str, Declared]:
    """The facts of a mapping by name; `fields` are those of their resource, None for facts usable everywhere."""
    found: dict[str, Declared] = {}
    for key, declared in entries(node, "facts", MOST_FACTS):
        with report.part():
            fact = _fact(key, declared)
            _reserved(key, fact)
            _located(key, declared, fact, fields)
            found[fact.name] = Declared(fact, key)
    return found


def _fact(key: Scalar, node: Node) -> Fact:
    name = dotted(key, "a fact")
    if isinstance(node, Scalar):
        kind = KINDS[one_of(node, "type", tuple(KINDS), Code.FACT)]
        low, high = BOUNDS.get(kind, (0, 0))
        return Fact(name=name, kind=kind, low=low, high=high)
    given = table(node, f"fact '{name}'", KEYS)
    kind, values = _kind(given)
    low, high = _range(given, kind)
    origin = given.by_key.get("from")
    fact = Fact(
        name=name,
        kind=kind,
        values=values,
        low=low,
        high=high,
        origin=_origin(origin) if origin else "server",
        optional="optional" in given.by_key and flag(given.by_key["optional"], "optional"),
        field=_path(given),
    )
    return _with_absent(given, fact)


def _origin(node: Node) -> Origin:
    """Who states a fact. Fault for a token: what a token gives is evidence, and none of its claims is a fact."""
    origin = ORIGINS[one_of(node, "source", tuple(ORIGINS), Code.FACT_SOURCE)]
    if origin == "token":
        text = "nothing states facts from a token yet: this one would always be missing"
        raise Fault(Code.FACT_SOURCE, node.mark, text, "write 'from: directory' for an attribute of the person")
    return origin


def _kind(given: Table) -> tuple[Kind, tuple[str, ...]]:
    named = [key for key in ("type", "enum", "set") if key in given.by_key]
    if len(named) != 1:
        raise Fault(Code.FACT, given.mark, "a fact has exactly one of 'type', 'enum' and 'set'")
    node = given.by_key[named[0]]
    if named[0] == "enum":
        return "enum", tuple(sorted(each.text for each in scalars(node, "enum")))
    if named[0] == "set":
        one_of(node, "type of a set's members", ("string",), Code.FACT)
        return "set", ()
    return KINDS[one_of(node, "type", tuple(KINDS), Code.FACT)], ()


def _range(given: Table, kind: Kind) -> tuple[int, int]:
    low, high = BOUNDS.get(kind, (0, 0))
    node = given.by_key.get("range")
    if node is None:
        return low, high
    if kind != "int":
        raise Fault(Code.FACT, node.mark, "only an int has a range")
    ends = items(node, "range")
    if len(ends) != 2:  # ruff: ignore[magic-value-comparison] - a range has two ends
        raise Fault(Code.FACT, node.mark, "a range is [least, most]")
    least = integer(ends[0], "the least value", LEAST, MOST)
    most = integer(ends[1], "the most value", LEAST, MOST)
    if least > most:
        raise Fault(Code.FACT, node.mark, f"{least} is more than {most}")
    return least, most


def _path(given: Table) -> tuple[str, ...]:
    node = given.by_key.get("field")
    return tuple(dotted(node, "field").split(".")) if node else ()


def _with_absent(given: Table, fact: Fact) -> Fact:
    node = given.by_key.get("absent")
    if node is None:
        return fact
    if fact.optional:
        raise Fault(Code.FACT, node.mark, "a fact is optional or has a value where it is absent, not both")
    if fact.kind in {"ip", "set"}:
        text = f"absence of {'an address' if fact.kind == 'ip' else 'a set'} has no value; make it optional"
        raise Fault(Code.FACT, node.mark, text)
    absent = value(node, fact)
    return fact if isinstance(absent, frozenset) else replace(fact, absent=absent)


def _reserved(key: Scalar, fact: Fact) -> None:
    if fact.name.startswith("velocity."):
        raise Fault(Code.RESERVED_NAME, key.mark, "facts under 'velocity.' are counters; declare them under velocity:")
    if fact.name.startswith("http."):
        raise Fault(Code.RESERVED_NAME, key.mark, "facts under 'http.' belong to newel.gateway and are there")
    if fact.name in ACCOUNT:
        raise Fault(Code.RESERVED_NAME, key.mark, f"'{fact.name}' belongs to newel.account and is there")
    if fact.name in FIXED and (fact.kind, fact.origin) != FIXED[fact.name]:
        kind, origin = FIXED[fact.name]
        text = f"'{fact.name}' is a fact of the server: type {kind}, from {origin}"
        raise Fault(Code.RESERVED_NAME, key.mark, text)
    if fact.name.startswith("risk.") or fact.origin == "risk":
        _risk(key, fact)


def _risk(key: Scalar, fact: Fact) -> None:
    if fact.name not in RISK:
        text = f"the risk engine states no {shown(fact.name)}"
        raise Fault(Code.FACT_SOURCE, key.mark, text, suggest(fact.name, tuple(RISK), what="it states"))
    if fact.origin != "risk":
        raise Fault(Code.FACT_SOURCE, key.mark, f"'{fact.name}' comes from the risk engine", "write 'from: risk'")
    if fact.kind != RISK[fact.name]:
        raise Fault(Code.FACT, key.mark, f"'{fact.name}' is of type {RISK[fact.name]}")
    missing = [word for word in RISK_VALUES.get(fact.name, ()) if word not in fact.values]
    if missing:
        raise Fault(Code.FACT, key.mark, f"'{fact.name}' can also be {missing[0]}", "declare every value it can have")


def _located(key: Scalar, node: Node, fact: Fact, fields: Fields | None) -> None:
    if not fact.field:
        return
    mark = node.by_key["field"].mark if isinstance(node, Table) else key.mark
    if fields is None:
        raise Fault(Code.FACT_FIELD, mark, "only a fact of a resource is read from one of its fields")
    if fact.origin != "request":
        raise Fault(Code.FACT_FIELD, mark, "what is read from a field comes from the request", "add 'from: request'")
    if fact.field[0] in fields and fields[fact.field[0]] is None:
        return
    paths = dict(_paths(fields))
    path = ".".join(fact.field)
    if path not in paths:
        raise Fault(
            Code.FACT_FIELD, mark, f"there is no field {shown(path)}", suggest(path, tuple(paths), what="fields")
        )
    if paths[path] != fact.kind and not (paths[path] == "string" and fact.kind == "enum"):
        text = f"field '{path}' is {with_article(paths[path])}, the fact is {with_article(fact.kind)}"
        raise Fault(Code.FACT_FIELD, mark, text)


def _paths(fields: Fields) -> Iterator[tuple[str, Kind]]:
    for name, field in fields.items():
        if field is None:
            continue
        if field.kind in MEMBERS:
            yield from ((f"{name}.{member}", kind) for member, kind in MEMBERS[field.kind].items())
        else:
            yield name, WHOLE[field.kind]


def refuse_shadow(own: Mapping[str, Declared], shared: Mapping[str, Declared], report: Report) -> None:
    """A fault for each fact of a resource that has the name of one usable everywhere."""
    for name, declared in own.items():
        if name in shared:
            line = shared[name].key.mark.line + 1
            report.add(Fault(Code.TWICE, declared.key.mark, f"'{name}' is already declared in line {line}"))


def whose(path: str, resources: Mapping[str, Resource]) -> str:
    """A hint for a fact that cannot be read where it was: of which resources it is. Empty where of none."""
    owners = [f"'{name}'" for name, resource in resources.items() if path in resource.facts]
    return f"it is a fact of {' and of '.join(owners[:MOST_OWNERS])}, and can be read there only" if owners else ""


def named(node: Node, what: str, *, facts: Mapping[str, Fact], resources: Mapping[str, Resource]) -> Fact:
    """The fact that a text names, among `facts`."""
    found = scalar(node, what)
    if found.text not in facts:
        text = f"unknown fact {shown(found.text)}"
        hint = whose(found.text, resources) or suggest(found.text, tuple(facts), what="declared")
        raise Fault(Code.UNKNOWN_FACT, found.mark, text, hint)
    return facts[found.text]
