"""A whole policy: its files become one tree, its tree a document. All faults, up to twenty, are told at once."""

from collections.abc import Mapping, Sequence

from newel.domain.assurance import Classes
from newel.domain.requirement import NOTHING, SESSION, Requirement, require
from newel.domain.value import dataclass, replace
from newel.policy.document import Action, Document, Resource
from newel.policy.facts import Fact
from newel.policy.message import Fault, Message, Report, Source
from newel.policy.read.again import fits
from newel.policy.read.built_in import BUILT_IN
from newel.policy.read.checks import read_invariants, read_tests
from newel.policy.read.classes import read_classes
from newel.policy.read.counters import Counted, read_counters
from newel.policy.read.facts import Declared, read_facts
from newel.policy.read.files import read_files
from newel.policy.read.minimum import below_minimum
from newel.policy.read.names import read_entitlements, read_lists, read_meters, read_pools
from newel.policy.read.not_yet import not_yet
from newel.policy.read.requirements import Names, read_demand, read_levels
from newel.policy.read.resources import Thing, read_resources
from newel.policy.read.room import Room
from newel.policy.read.rules import Ground, read_rules, with_facts
from newel.policy.read.shape import name, table
from newel.policy.read.unused import unused
from newel.policy.source import Node, Table

KEYS = (
    "newel", "name", "schema", "velocity", "evidence", "acr_order", "levels", "lists", "pools", "meters",
    "entitlements", "rules", "invariants", "tests",
)  # fmt: skip
REQUIRED = ("newel", "name", "schema", "rules")
Parts = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """A document that may be used, and what its author should look at; `notes` are what an audit tells beside its own."""

    document: Document
    warnings: tuple[Message, ...]
    notes: tuple[Message, ...] = ()


def read_document(sources: Sequence[Source]) -> Document:
    """The policy that is written in `sources`, one or several files. PolicyRefused with every fault that was found."""
    return read_policy(sources).document


def read_policy(sources: Sequence[Source]) -> ReadPolicy:
    """The same, with warnings."""
    report = Report()
    tree = read_files(sources, report)
    report.close()
    if tree is None:
        raise ValueError("a policy has at least one file")
    try:
        return _read(table(tree, "a policy", KEYS, REQUIRED), report)
    except Fault as fault:
        raise report.refusal(fault) from fault


def _read(tree: Table, report: Report) -> ReadPolicy:
    """Part after part, each on what was read before it; what a faulty part would have declared would only echo."""
    part = tree.by_key
    schema = table(part["schema"], "schema", ("facts", "resources"), ("facts", "resources")).by_key
    shared = read_facts(schema["facts"], report)
    things = read_resources(schema["resources"], shared, report)
    classes = read_classes(part.get("evidence"), part.get("acr_order"), report)
    report.close()
    names = _names(part, classes, report)
    facts = _facts(shared)
    resources = {**BUILT_IN, **_resources(things, names, report)}
    counted = read_counters(part["velocity"], facts, resources, report) if "velocity" in part else {}
    report.close()
    ground = Ground(
        facts=facts,
        resources={**resources, **_with_counters(resources, counted)},
        lists=read_lists(part["lists"], report) if "lists" in part else {},
        names=names,
        room=Room(report),
    )
    report.close()
    found = _document(part, ground, counted, things, report)
    return replace(found, warnings=(*found.warnings, *not_yet(tree)), notes=unused(tree))


def _names(part: Parts, classes: Classes, report: Report) -> Names:
    names = Names(
        classes=classes,
        pools=read_pools(part["pools"], report) if "pools" in part else {},
        meters=read_meters(part["meters"], report) if "meters" in part else {},
        entitlements=read_entitlements(part["entitlements"]) if "entitlements" in part else (),
        levels={},
    )
    levels = read_levels(part["levels"], names, report) if "levels" in part else {}
    return replace(names, levels=levels)


def _facts(declared: Mapping[str, Declared]) -> dict[str, Fact]:
    return {title: each.fact for title, each in declared.items()}


def _resources(things: Mapping[str, Thing], names: Names, report: Report) -> dict[str, Resource]:
    return {title: _resource(title, thing, names, report) for title, thing in things.items()}


def _resource(title: str, thing: Thing, names: Names, report: Report) -> Resource:
    signed_in = require({"aal1": SESSION}, classes=names.classes)
    actions: dict[str, Action] = {}
    for action, acted in thing.actions.items():
        minimum: Requirement = signed_in if acted.sensitive else NOTHING
        with report.part():
            if acted.minimum is not None:
                minimum = read_demand(acted.minimum, names).requirement
        actions[action] = Action(name=action, sensitive=acted.sensitive, minimum=minimum, verb=acted.verb)
    return Resource(name=title, label=thing.label, actions=actions, fields=thing.fields, facts=_facts(thing.facts))


def _with_counters(resources: Mapping[str, Resource], counted: Mapping[str, Counted]) -> dict[str, Resource]:
    owners = {each.resource for each in counted.values()}
    return {
        owner: with_facts(
            resources[owner], {each.fact.name: each.fact for each in counted.values() if each.resource == owner}
        )
        for owner in owners
    }


def _document(
    part: Parts, ground: Ground, counted: Mapping[str, Counted], things: Mapping[str, Thing], report: Report
) -> ReadPolicy:
    document = Document(
        name=name(part["name"], "a policy"),
        facts=ground.facts,
        resources=ground.resources,
        counters={title: each.counter for title, each in counted.items()},
        classes=ground.names.classes,
        pools=ground.names.pools,
        meters=ground.names.meters,
        entitlements=ground.names.entitlements,
        rules=read_rules(part["rules"], ground, report),
        invariants=read_invariants(part["invariants"], ground, report) if "invariants" in part else (),
        tests=read_tests(part["tests"], ground, report) if "tests" in part else (),
    )
    report.close()
    with report.part():
        fits(document, part["rules"].mark)
    report.close()
    warnings: list[Message] = []
    for action, fault in below_minimum(document, things):
        if action.sensitive:
            report.add(fault)
        else:
            warnings.append(fault.message())
    report.close()
    return ReadPolicy(document, tuple(warnings))
