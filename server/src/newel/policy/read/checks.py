"""Invariants and tests: what the policy says about itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from newel.policy.code import Code
from newel.policy.document import EVERYWHERE, Invariant, Resource, Test
from newel.policy.lang.condition import read_condition
from newel.policy.lang.core import TRUE, Core
from newel.policy.lang.reads import listed, size
from newel.policy.message import Fault, Mark, Report, shown, suggest
from newel.policy.read.again import read_again
from newel.policy.read.requirements import Demand, read_demand
from newel.policy.read.rules import Ground, check_bound, owners_of, place_of
from newel.policy.read.shape import items, name, scalar, table, text
from newel.policy.read.targets import actions_of, has_action, read_targets
from newel.policy.read.values import value
from newel.policy.source import Node, Table

INVARIANT_KEYS = ("id", "for", "when", "at_least", "at_most")
TEST_KEYS = ("name", "ask", "expect")
ASKED = ("resource", "action")
ANY_REASON = ("any", "denied")
"""What a test says that expects a refusal for whatever reason; `denied` is how the canonical form says it."""


def read_invariants(node: Node, ground: Ground, report: Report) -> tuple[Invariant, ...]:
    """The invariants in the order of the file."""
    found: dict[str, Invariant] = {}
    for item in items(node, "invariants"):
        with report.part():
            invariant = _invariant(table(item, "an invariant", INVARIANT_KEYS, ("id", "for")), ground)
            if invariant.id in found:
                raise Fault(Code.TWICE, item.mark, f"invariant '{invariant.id}' is already defined")
            found[invariant.id] = invariant
    return tuple(found.values())


def _invariant(given: Table, ground: Ground) -> Invariant:
    part = given.by_key
    targets = tuple(_each_target(read_targets(part["for"], ground.resources), ground.resources))
    bounds = {key: read_demand(part[key], ground.names) for key in ("at_least", "at_most") if key in part}
    if not bounds:
        raise Fault(Code.INVARIANT, given.mark, "an invariant says 'at_least', 'at_most' or both")
    for demand in bounds.values():
        check_bound(demand, targets, ground)
    return Invariant(
        id=name(part["id"], "an invariant"),
        targets=targets,
        conditions=_conditions(part.get("when"), targets, ground, given.mark),
        at_least=_bound(bounds.get("at_least")),
        at_most=_bound(bounds.get("at_most")),
        place=place_of(given.mark),
    )


def _conditions(when: Node | None, targets: tuple[str, ...], ground: Ground, mark: Mark) -> dict[str, Core]:
    found: dict[str, Core] = {}
    for owner in owners_of(targets):
        facts = ground.readable(owner)
        found[owner] = read_condition(scalar(when, "when"), facts, ground.lists, ground.whose) if when else TRUE
        ground.room.take(size(found[owner]) * ground.spread(owner, targets), mark)
    written = found[min(found)]
    ground.room.write(listed(written), mark)
    read_again(written, mark)
    return found


def _bound(demand: Demand | None) -> Any:
    return demand.requirement if demand else None


def _each_target(targets: tuple[str, ...], resources: Mapping[str, Resource]) -> Iterator[str]:
    for target in targets:
        if target == EVERYWHERE:
            for resource in resources.values():
                yield from (f"{resource.name}:{action}" for action in resource.actions)
        else:
            yield target


def read_tests(node: Node, ground: Ground, report: Report) -> tuple[Test, ...]:
    """The tests in the order of the file."""
    found: list[Test] = []
    for item in items(node, "tests"):
        with report.part():
            found.append(_test(table(item, "a test", TEST_KEYS, TEST_KEYS), ground, report))
    return tuple(found)


def _test(given: Table, ground: Ground, report: Report) -> Test:
    part = given.by_key
    ask = table(part["ask"], "ask", None, ASKED)
    owner = scalar(ask.by_key["resource"], "resource")
    if owner.text not in ground.resources:
        hint = suggest(owner.text, tuple(ground.resources), what="declared")
        raise Fault(Code.UNKNOWN_TARGET, owner.mark, f"unknown resource {shown(owner.text)}", hint)
    action = scalar(ask.by_key["action"], "action")
    resource = ground.resources[owner.text]
    if not has_action(resource, action.text):
        hint = suggest(action.text, actions_of(resource), what="actions")
        text_ = f"'{owner.text}' has no action {shown(action.text)}"
        raise Fault(Code.UNKNOWN_TARGET, action.mark, text_, hint)
    expected = read_demand(part["expect"], ground.names)
    return Test(
        name=text(part["name"], "name", most=200),
        target=f"{owner.text}:{action.text}",
        facts=_facts(ask, owner.text, ground, report),
        expect=expected.requirement,
        place=place_of(given.mark),
        deny="" if expected.deny in ANY_REASON else expected.deny,
    )


def _facts(ask: Table, owner: str, ground: Ground, report: Report) -> dict[str, Any]:
    facts = ground.readable(owner)
    found: dict[str, Any] = {}
    for key, node in ask.entries:
        if key.text in ASKED:
            continue
        with report.part():
            if key.text not in facts:
                text_ = f"unknown fact {shown(key.text)}"
                hint = ground.whose(key.text) or suggest(key.text, tuple(facts), what="declared")
                raise Fault(Code.UNKNOWN_FACT, key.mark, text_, hint)
            found[key.text] = value(node, facts[key.text])
    return found
