"""Requirements and levels: what is demanded, as an element of the lattice."""

from collections.abc import Iterator, Mapping

from newel.domain.assurance import Classes
from newel.domain.method import METHODS
from newel.domain.requirement import (
    DENY,
    SESSION,
    Approval,
    Requirement,
    SessionTerms,
    require,
)
from newel.domain.value import dataclass
from newel.policy.code import Code
from newel.policy.message import Fault, Report, shown, suggest
from newel.policy.read.shape import (
    DURATIONS,
    duration_of,
    entries,
    flag,
    integer,
    name,
    no_duration,
    scalar,
    scalars,
    seconds,
    table,
    text,
)
from newel.policy.source import Node, Scalar, Table
from newel.policy.source import Sequence as Items

PARTS = ("evidence", "bind", "forbid", "approve", "entitle", "meter", "session", "deny")
LEVEL = "level"
WHOLE_SESSION = "session"
"""The age of what was proven at any time in the session."""
EXAMPLE = "{evidence: {aal2: 15m}}"
MOST_UNITS = 1_000_000
MOST_APPROVALS = 20
APPROVED_BY, APPROVED_WITHIN = "aal2", 900
"""What an approval is worth where the policy says nothing: a second factor, a quarter of an hour old at most."""
METHOD_NAMES = tuple(sorted({*METHODS, *(value for method in METHODS.values() for value in method.amr)}))


@dataclass(frozen=True, slots=True)
class Demand:
    """A requirement as it is written; `deny` is the reason of a refusal, `node` where it stands."""

    requirement: Requirement
    deny: str
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What requirements may name."""

    classes: Classes
    pools: Mapping[str, str]
    meters: Mapping[str, tuple[int, int]]
    entitlements: tuple[str, ...]
    levels: Mapping[str, Demand]


def read_levels(node: Node, names: Names, report: Report) -> dict[str, Demand]:
    """The levels by name."""
    found: dict[str, Demand] = {}
    for key, given in entries(node, "levels"):
        with report.part():
            part = table(
                given, f"level '{key.text}'", PARTS, hint="a level does not name another: write what it demands"
            )
            found[name(key, "a level")] = _written(part, names)
    return found


def read_demand(node: Node, names: Names) -> Demand:
    """A requirement, or a level by its name."""
    if not isinstance(node, Scalar):
        return _written(_parts(node), names)
    if not node.text:
        listed = suggest("", tuple(names.levels), what="name a level")
        hint = f"{listed}; or write {EXAMPLE}" if listed else f"write {EXAMPLE}"
        raise Fault(Code.REQUIREMENT, node.mark, "this requirement is empty", hint)
    level = names.levels.get(node.text)
    if level is None:
        text = f"unknown level {shown(node.text)}"
        raise Fault(Code.UNKNOWN_LEVEL, node.mark, text, suggest(node.text, tuple(names.levels), what="levels"))
    return Demand(level.requirement, level.deny, node)


def _parts(node: Node) -> Table:
    """A requirement that is written out. Fault where it is none, and where it names a level."""
    if isinstance(node, Table) and LEVEL in node.by_key:
        named = node.by_key[LEVEL]
        key = next(key for key, _ in node.entries if key.text == LEVEL)
        written = named.text if isinstance(named, Scalar) and named.text else "NAME"
        raise Fault(Code.UNKNOWN_KEY, key.mark, "a level is not a part of a requirement", _alone(written))
    first = node.items[0] if isinstance(node, Items) and node.items else None
    hint = _alone(first.text) if isinstance(first, Scalar) and first.text else ""
    return table(node, "a requirement", PARTS, hint=hint)


def _alone(level: str) -> str:
    return f"a level stands alone, such as 'require: {level}'"


def _written(given: Table, names: Names) -> Demand:
    part = given.by_key
    if "deny" in part:
        if len(part) > 1:
            raise Fault(
                Code.REQUIREMENT, given.mark, "deny stands alone: nothing else matters where a request is denied"
            )
        return Demand(DENY, text(part["deny"], "deny", most=100), given)
    if not part:
        raise Fault(Code.REQUIREMENT, given.mark, "this demands nothing; name evidence, or leave the rule out")
    try:
        made = require(
            _evidence(part["evidence"], names) if "evidence" in part else None,
            bind=_bind(part["bind"], names) if "bind" in part else frozenset(),
            forbid=_forbid(part["forbid"]) if "forbid" in part else (),
            approve=tuple(_approve(part["approve"], names)) if "approve" in part else (),
            entitle=_entitle(part["entitle"], names) if "entitle" in part else (),
            meter=dict(_meter(part["meter"], names)) if "meter" in part else None,
            session=_session(part["session"]) if "session" in part else None,
            classes=names.classes,
        )
    except ValueError as error:
        raise Fault(
            Code.REQUIREMENT, part["bind"].mark, str(error), "name the evidence that signs the fields"
        ) from error
    return Demand(made, "", given)


def _evidence(node: Node, names: Names) -> dict[str, int]:
    named = node.text if isinstance(node, Scalar) else ""
    hint = _alone(named) if named in names.levels else "write each class with its age: {aal2: 15m}"
    found = {_class(key, names): _age(age) for key, age in entries(node, "evidence", hint=hint)}
    if not found:
        raise Fault(Code.REQUIREMENT, node.mark, "this names no class of evidence")
    return found


def _class(node: Scalar, names: Names) -> str:
    known = tuple(names.classes.by_name)
    if node.text not in known:
        text = f"unknown class of evidence {shown(node.text)}"
        raise Fault(Code.UNKNOWN_CLASS, node.mark, text, suggest(node.text, known, what="declared"))
    return node.text


def _age(node: Node) -> int:
    found = scalar(node, "an age")
    if found.text == WHOLE_SESSION:
        return SESSION
    if duration_of(found.text) is None:
        near = suggest(found.text, (WHOLE_SESSION,), what="")
        raise no_duration(found, " for an age", near if near.startswith("did") else f"{DURATIONS}, or {WHOLE_SESSION}")
    return seconds(found, "an age")


def _bind(node: Node, names: Names) -> Mapping[str, frozenset[str]] | frozenset[str]:
    if isinstance(node, Table):
        return {_class(key, names): _words(fields, "bind") for key, fields in entries(node, "bind")}
    return _words(node, "bind")


def _words(node: Node, what: str) -> frozenset[str]:
    return frozenset(each.text for each in scalars(node, what))


def _forbid(node: Node) -> Iterator[str]:
    for each in scalars(node, "forbid"):
        if each.text not in METHOD_NAMES:
            text = f"unknown method {shown(each.text)}"
            raise Fault(Code.UNKNOWN_NAME, each.mark, text, suggest(each.text, METHOD_NAMES, what="methods"))
        yield each.text


def _approve(node: Node, names: Names) -> Iterator[Approval]:
    for key, given in entries(node, "approve"):
        pool = _known(key, "pool", tuple(names.pools))
        if isinstance(given, Scalar):
            number, asked = integer(given, "a number of approvals", 1, MOST_APPROVALS), None
        else:
            part = table(given, "an approval", ("number", "evidence"), ("number",)).by_key
            number = integer(part["number"], "a number of approvals", 1, MOST_APPROVALS)
            asked = part.get("evidence")
        demanded = _evidence(asked, names) if asked is not None else _approved(names)
        if len(set(demanded.values())) != 1:
            raise Fault(Code.REQUIREMENT, given.mark, "the evidence of an approval has one age")
        yield Approval(pool, number, frozenset(demanded), min(demanded.values()))


def _approved(names: Names) -> dict[str, int]:
    return {APPROVED_BY if APPROVED_BY in names.classes.by_name else names.classes.order[-1]: APPROVED_WITHIN}


def _known(node: Scalar, what: str, known: tuple[str, ...]) -> str:
    if node.text not in known:
        raise Fault(Code.UNKNOWN_NAME, node.mark, f"unknown {what} {shown(node.text)}", suggest(node.text, known))
    return node.text


def _entitle(node: Node, names: Names) -> Iterator[str]:
    for each in scalars(node, "entitle"):
        yield _known(each, "entitlement", names.entitlements)


def _meter(node: Node, names: Names) -> Iterator[tuple[str, int]]:
    for key, units in entries(node, "meter"):
        meter = _known(key, "meter", tuple(names.meters))
        limit = names.meters[meter][0]
        yield meter, integer(units, f"units of '{meter}'", 1, min(limit, MOST_UNITS))


def _session(node: Node) -> SessionTerms:
    part = table(node, "session", ("max_life", "key_bound", "notify")).by_key
    life = seconds(part["max_life"], "max_life") if "max_life" in part else None
    if life == 0:
        raise Fault(Code.DURATION, part["max_life"].mark, "'max_life' is 1s at least: a token of no life is none")
    return SessionTerms(
        life=life,
        key_bound="key_bound" in part and flag(part["key_bound"], "key_bound"),
        notify=_words(part["notify"], "notify") if "notify" in part else frozenset(),
    )
