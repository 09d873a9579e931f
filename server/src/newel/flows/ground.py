"""Ground: what a policy says about the facts at one target, worked out once for each."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from typing import Any

from newel.domain.subject import Subject
from newel.domain.value import dataclass
from newel.flows.facts import directory_facts
from newel.flows.registry import Thing
from newel.flows.stated import FactRefused, from_text, typed
from newel.policy.base import Policy
from newel.policy.facts import Fact

NAMES = frozenset({"subject.type", "resource.type", "resource.id", "action.name"})
"""What a request says of itself."""
MOST_SUBJECTS = 1024
"""Subjects whose facts are remembered at one target."""
SHORT, LONG, PROPERTIES = "ctx.", "context.", "resource.properties."


@dataclass(frozen=True, slots=True)
class Taken:
    """The facts that were taken from a caller, and how many of the values that it stated were ignored."""

    facts: Mapping[str, Any]
    ignored: int


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The facts that a caller may state at a target.

    `meant` finds a fact by each path at which a request can state it: its own, `context.X` for `ctx.X`, and the place of
    its field among the resource's properties; `of_properties` are the facts that stand there, `has_names`
    says that a request's types, ids or names are facts. `fields` are the action's.
    """

    declared: Mapping[str, Fact] = field(default_factory=dict)
    meant: Mapping[str, Fact] = field(default_factory=dict)
    of_properties: frozenset[str] = frozenset()
    has_names: bool = False
    fields: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    _directory: dict[str, tuple[Subject, Mapping[str, Any]]] = field(default_factory=dict)

    def of_directory(self, subject: Subject) -> Mapping[str, Any]:
        """The facts that the directory has of a subject; worked out once for the very same subject."""
        known = self._directory.get(subject.id)
        if known is not None and known[0] is subject:
            return known[1]
        facts = directory_facts(subject, self.declared)
        if len(self._directory) >= MOST_SUBJECTS:
            self._directory.clear()
        self._directory[subject.id] = subject, facts
        return facts

    def take(self, stated: Mapping[str, Any], *, registered: bool) -> Taken:
        """The facts in `stated`, values by path. FactRefused for a wrong type or range, or two values for one fact.

        A caller that is not `registered` for the resource states nothing.
        """
        if not registered:
            return Taken({}, len(stated))
        facts: dict[str, Any] = {}
        ignored = 0
        for path, value in stated.items():
            fact = self.meant.get(path)
            if fact is None:
                self._whole(path)
                ignored += not self.is_field(path)
                continue
            read = typed(fact, value)
            if facts.setdefault(fact.name, read) != read:
                raise FactRefused(f"{fact.name} is stated twice")
        return Taken(facts, ignored)

    def _whole(self, path: str) -> None:
        """FactRefused where a path leads into a fact, which is no object."""
        parent = path.rpartition(".")[0]
        while parent:
            if parent in self.meant:
                raise FactRefused(f"{self.meant[parent].name} is not an object")
            parent = parent.rpartition(".")[0]

    def is_field(self, path: str) -> bool:
        """Whether a path lies in one of the action's fields."""
        return path.startswith(PROPERTIES) and path[len(PROPERTIES) :].partition(".")[0] in self.fields

    def of_names(self, named: Mapping[str, str], *, registered: bool) -> dict[str, Any]:
        """The types, ids and names of a request that the policy declares as facts of it, from a `registered` caller."""
        return self._fitting(named) if registered and self.has_names else {}

    def of_thing(self, thing: Thing | None) -> dict[str, Any]:
        """The facts that a registered resource's properties are."""
        if thing is None:
            return {}
        return self._fitting({PROPERTIES + name.lower(): text for name, text in thing.properties.items()})

    def _fitting(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The facts that texts at these paths are. One that does not fit its declaration is missing."""
        facts: dict[str, Any] = {}
        for path, text in texts.items():
            fact = self.meant.get(path)
            if fact is not None:
                with suppress(FactRefused):
                    facts[fact.name] = from_text(fact, text)
        return facts

    def unsaid(self, taken: Mapping[str, Any]) -> bool:
        """Whether a registered resource's properties could be a fact that was not `taken` from the caller."""
        return not self.of_properties <= taken.keys()


NOWHERE = Ground()


class Grounds:
    """The grounds of the policy in force."""

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._known: dict[tuple[str, str], Ground] = {}

    def at(self, policy: Policy, resource: str, action: str) -> Ground:
        """The ground of an action; an empty one where the policy does not declare it."""
        if policy is not self._policy:
            self._policy, self._known = policy, {}
        found = self._known.get((resource, action))
        if found is None:
            found = _worked_out(policy, resource, action)
            if found is not NOWHERE:
                self._known[resource, action] = found
        return found


def _worked_out(policy: Policy, resource: str, action: str) -> Ground:
    found = policy.resources.get(resource)
    if found is None or action not in found.verbs:
        return NOWHERE
    declared = policy.facts_at(f"{resource}:{action}")
    meant = dict(_meant(declared))
    return Ground(
        declared=declared,
        meant=meant,
        has_names=not NAMES.isdisjoint(meant),
        of_properties=frozenset(fact.name for path, fact in meant.items() if path.startswith(PROPERTIES)),
        fields=frozenset(found.fields),
        optional=frozenset(name for name, each in found.fields.items() if each.optional),
    )


def _meant(declared: Mapping[str, Fact]) -> Iterator[tuple[str, Fact]]:
    requested = [fact for fact in declared.values() if fact.origin == "request"]
    for fact in requested:
        if fact.field:
            yield PROPERTIES + ".".join(fact.field).lower(), fact
        if fact.name.startswith(SHORT):
            yield LONG + fact.name.removeprefix(SHORT), fact
    yield from ((fact.name, fact) for fact in requested)
