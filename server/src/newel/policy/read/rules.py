"""Rules: where, when, what. Each condition is checked once for every resource that the rule speaks of."""

from collections.abc import Iterable, Iterator, Mapping

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass, replace
from newel.policy.code import Code
from newel.policy.document import EVERYWHERE, Grace, Place, Resource, Rule
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.check import Lists
from newel.policy.lang.condition import read_condition
from newel.policy.lang.core import TRUE, Core
from newel.policy.lang.reads import facts_read, listed, size
from newel.policy.message import Fault, Mark, Report, shown
from newel.policy.read.again import read_again
from newel.policy.read.built_in import GATEWAY, SIGN_IN_TARGET, TRUSTED_DEVICE
from newel.policy.read.facts import whose
from newel.policy.read.requirements import Demand, Names, read_demand
from newel.policy.read.room import Room
from newel.policy.read.shape import integer, items, name, one_of, scalar, table, text
from newel.policy.read.targets import read_targets
from newel.policy.read.values import day_or_instant
from newel.policy.source import Node, Scalar, Table

KEYS = ("id", "on", "when", "unless", "mode", "require", "because", "fallback", "grace")
MODES = ("enforce", "observe")
MOST_SKIPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What rules stand on."""

    facts: Mapping[str, Fact]
    resources: Mapping[str, Resource]
    lists: Lists
    names: Names
    room: Room

    def readable(self, resource: str) -> Mapping[str, Fact]:
        """The facts that a condition at a resource may read; at `*`, those usable everywhere."""
        return self.facts if resource == EVERYWHERE else {**self.facts, **self.resources[resource].facts}

    def whose(self, path: str) -> str:
        """A hint for a fact that cannot be read where it was: of which resources it is. Empty where of none."""
        return whose(path, self.resources)

    def spread(self, owner: str, targets: Iterable[str]) -> int:
        """How many actions of a resource are among `targets`; at `*`, all that are declared."""
        if owner == EVERYWHERE:
            return sum(len(resource.actions) + resource.is_open for resource in self.resources.values())
        return sum(target.partition(":")[0] == owner for target in targets)


def place_of(mark: Mark) -> Place:
    """A mark as what is kept of it."""
    return Place(mark.source.name, mark.line + 1)


def owners_of(targets: Iterable[str]) -> tuple[str, ...]:
    """The resources of targets, sorted; `*` for everywhere."""
    return tuple(sorted({target.partition(":")[0] for target in targets}))


def read_rules(node: Node, ground: Ground, report: Report) -> tuple[Rule, ...]:
    """The rules in the order of the file."""
    found: dict[str, Rule] = {}
    for item in items(node, "rules"):
        with report.part():
            rule = _rule(table(item, "a rule", KEYS, ("id", "on", "require")), ground)
            if rule.id in found:
                first = found[rule.id].place
                text = f"rule '{rule.id}' is already defined in {first.file}:{first.line}"
                raise Fault(Code.TWICE, item.mark, text)
            found[rule.id] = rule
    return tuple(found.values())


def _rule(given: Table, ground: Ground) -> Rule:
    part = given.by_key
    targets = read_targets(part["on"], ground.resources)
    demand = read_demand(part["require"], ground.names)
    fallback = _fallback(part["fallback"], ground) if "fallback" in part else None
    check_bound(demand, targets, ground)
    if fallback is not None:
        check_bound(fallback, targets, ground)
    rule = Rule(
        id=name(part["id"], "a rule"),
        targets=frozenset(targets),
        conditions=_conditions(part, targets, ground, given.mark),
        require=demand.requirement,
        deny_reason=demand.deny,
        observe="mode" in part and one_of(part["mode"], "mode", MODES, Code.RULE) == "observe",
        because=text(part["because"], "because") if "because" in part else "",
        fallback=fallback.requirement if fallback else None,
        grace=_grace(part["grace"], targets) if "grace" in part else None,
        place=place_of(given.mark),
    )
    _refuse_blind_deny(rule, part, ground)
    return rule


def _conditions(part: Mapping[str, Node], targets: tuple[str, ...], ground: Ground, mark: Mark) -> dict[str, Core]:
    found: dict[str, Core] = {}
    for owner in owners_of(targets):
        found[owner] = _condition(part, owner, targets, ground)
        ground.room.take(size(found[owner]) * ground.spread(owner, targets), mark)
    written = found[min(found)]
    ground.room.write(listed(written), mark)
    read_again(written, mark)
    return found


def _condition(part: Mapping[str, Node], owner: str, targets: tuple[str, ...], ground: Ground) -> Core:
    facts = ground.readable(owner)
    wanted: list[Core] = []
    if "when" in part:
        condition = scalar(part["when"], "when")
        wanted.append(read_condition(condition, facts, ground.lists, ground.whose))
        _refuse_trust(conjuncts(wanted[0]), targets, condition)
    if "unless" in part:
        exception = scalar(part["unless"], "unless")
        wanted.append(negated(read_condition(exception, facts, ground.lists, ground.whose)))
        _refuse_trust(wanted[-1:], targets, exception)
    return conjunction(wanted)


def _refuse_trust(parts: Iterable[Core], targets: tuple[str, ...], node: Scalar) -> None:
    """Fault where a trusted device does more than to spare a prompt at sign-in: it is no evidence."""
    for part in parts:
        spares = isinstance(part, core.Negation) and _spares(part) and set(targets) == {SIGN_IN_TARGET}
        if TRUSTED_DEVICE in facts_read(part) and not spares:
            text = f"'{TRUSTED_DEVICE}' is read only in 'unless' of rules on {SIGN_IN_TARGET}"
            raise Fault(Code.TRUSTED_DEVICE, node.mark, text, "a trusted device spares a prompt; it is no evidence")


def _spares(found: Core, *, negative: bool = False) -> bool:
    """Whether a trusted device can only make a condition false."""
    match found:
        case core.Read(path) | core.Present(path) if path == TRUSTED_DEVICE:
            return negative
        case core.Negation(item):
            return _spares(item, negative=not negative)
        case core.Every(items) | core.Some(items):
            return all(_spares(item, negative=negative) for item in items)
        case _:
            return TRUSTED_DEVICE not in facts_read(found)


def conjuncts(found: Core) -> tuple[Core, ...]:
    """The parts that must all hold."""
    return found.items if isinstance(found, core.Every) else (found,)


def negated(found: Core) -> Core:
    """Not, where two of them are none."""
    return found.item if isinstance(found, core.Negation) else core.Negation(found)


def conjunction(found: list[Core]) -> Core:
    """All of them, flat, so that a condition written in two keys reads as one written in one."""
    flat = [part for each in found for part in conjuncts(each) if part != TRUE]
    return core.Every(tuple(flat)) if len(flat) > 1 else flat[0] if flat else TRUE


def _fallback(node: Node, ground: Ground) -> Demand:
    part = table(node, "a fallback", ("when", "require"), ("when", "require")).by_key
    one_of(part["when"], "occasion of a fallback", ("cannot_meet",), Code.RULE)
    return read_demand(part["require"], ground.names)


def _grace(node: Node, targets: tuple[str, ...]) -> Grace:
    if set(targets) != {SIGN_IN_TARGET}:
        raise Fault(Code.RULE, node.mark, f"grace exists only on {SIGN_IN_TARGET}: a step-up is never skipped")
    part = table(node, "grace", ("until", "skips"), ("until", "skips")).by_key
    return Grace(day_or_instant(part["until"], "until"), integer(part["skips"], "skips", 1, MOST_SKIPS))


def check_bound(demand: Demand, targets: tuple[str, ...], ground: Ground) -> None:
    """Fault where fields are bound that a target does not have."""
    bound = _fields(demand.requirement)
    for owner in owners_of(targets) if bound else ():
        if owner in {EVERYWHERE, GATEWAY}:
            where = "every target" if owner == EVERYWHERE else "a guarded host"
            raise Fault(Code.UNKNOWN_FIELD, demand.node.mark, f"fields cannot be bound at {where}: it has none")
        unknown = sorted(bound - set(ground.resources[owner].fields))
        if unknown:
            text = f"'{owner}' has no field {shown(unknown[0])} to bind"
            known = ", ".join(ground.resources[owner].fields)
            raise Fault(Code.UNKNOWN_FIELD, demand.node.mark, text, f"fields: {known}" if known else "it declares none")


def _fields(requirement: Requirement) -> frozenset[str]:
    return frozenset().union(*(fields for _, fields in requirement.bind))


def _refuse_blind_deny(rule: Rule, part: Mapping[str, Node], ground: Ground) -> None:
    """Fault where a refusal would hang on a fact that no authorization request can carry."""
    if not rule.require.denied or rule.observe:
        return
    for fact in _unseen(rule, ground):
        node = part.get("when") or part["unless"]
        text = f"a refusal reads '{fact}', which no field gives: it would refuse every elevation"
        raise Fault(Code.DENY_WITHOUT_FIELD, node.mark, text, "add 'field:' to the fact, or make it optional")


def _unseen(rule: Rule, ground: Ground) -> Iterator[str]:
    for owner, condition in rule.conditions.items():
        if owner != EVERYWHERE and not ground.resources[owner].fields:
            continue
        facts = ground.readable(owner)
        for path in sorted(facts_read(condition)):
            fact = facts[path]
            given = fact.field or fact.optional or fact.absent is not None
            if fact.origin == "request" and not given:
                yield path


def with_facts(resource: Resource, more: Mapping[str, Fact]) -> Resource:
    """A resource with further facts."""
    return replace(resource, facts={**resource.facts, **more})
