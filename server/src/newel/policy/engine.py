"""The engine: an immutable snapshot of a policy, and its decisions.

One generated function a target gives the bits of the rules that match; the bits find the decision in a bounded memo, so
that requirements are joined once. An error in a condition is a match, an error in a decision a refusal: both only add.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from newel.domain.assurance import Classes
from newel.domain.grace import Skip, Skippable
from newel.domain.interaction import Reason
from newel.domain.requirement import DENY, Requirement, join, join_all
from newel.domain.value import dataclass
from newel.policy import base
from newel.policy.base import Decision, DecisionRequest
from newel.policy.canonical import canonical_text, version_of
from newel.policy.document import Counter, Document, Rule
from newel.policy.facts import Fact
from newel.policy.lang.core import Core
from newel.policy.lang.reads import atoms as atoms_of
from newel.policy.lang.reads import facts_read
from newel.policy.lang.write import written
from newel.policy.load import FactRefused, Layout, Matching, generate_matching
from newel.policy.read.built_in import floor

MOST_MASKS = 4096
MOST_NAMES = 4096
"""Targets that are found at once; names at open resources beyond them are looked up each time."""
UNDECLARED = Reason("undeclared-target", "")


@dataclass(frozen=True, eq=False)
class Compiled:
    """What is known of one target; `memo` finds the decision of the bits of the rules that match."""

    rules: tuple[Rule, ...]
    conditions: tuple[Core, ...]
    facts: tuple[Fact, ...]
    floor: Requirement
    memo: dict[int, Decision]

    @cached_property
    def flat(self) -> Matching:
        """The bits of the rules that match, for facts under their whole paths."""
        return generate_matching(self.facts, self.conditions, "flat")

    @cached_property
    def atoms(self) -> Mapping[str, Core]:
        """The atomic conditions by their text, in the order of the rules."""
        return {written(atom): atom for condition in self.conditions for atom in atoms_of(condition)}

    @cached_property
    def recorded(self) -> Matching:
        """The bits of the rules that match, and above them those of the atomic conditions that hold, or fail."""
        return generate_matching(self.facts, (*self.conditions, *self.atoms.values()), "flat")

    @cached_property
    def nested(self) -> Matching:
        """The bits of the rules that match, for facts nested as JSON has them."""
        return generate_matching(self.facts, self.conditions, "nested")


class Snapshot:
    """A policy that decides. It never changes; `version` is the SHA-256 of its canonical form."""

    def __init__(self, document: Document, *, version: str | None = None) -> None:
        """A snapshot of `document`; `version` is the name it already has, where it was made by another server."""
        self.document = document
        self.text = canonical_text(document)
        self.version = version or version_of(self.text)
        self._compiled: dict[str, Compiled] = {}
        self._named: dict[str, Compiled] = {}

    @cached_property
    def resources(self) -> Mapping[str, base.Resource]:
        """The declared resources, as those who show and bind their fields know them."""
        return {
            resource.name: base.Resource(
                name=resource.name,
                verbs={action.name: action.verb for action in resource.actions.values()},
                fields=resource.fields,
                facts={fact.name: fact.field for fact in resource.facts.values() if fact.field},
            )
            for resource in self.document.resources.values()
            if not resource.is_open
        }

    @property
    def classes(self) -> Classes:
        """The classes of evidence that requirements name."""
        return self.document.classes

    @property
    def counters(self) -> Mapping[str, Counter]:
        """The counters by the name of the fact that each is read as."""
        return self.document.counters

    @cached_property
    def bounds_life(self) -> bool:
        """Whether any rule says how long a token may live at most."""
        demanded = (each for rule in self.document.rules for each in (rule.require, rule.fallback))
        return any(each is not None and each.session.life is not None for each in demanded)

    def declared(self, target: str) -> bool:
        """Whether a target may be decided."""
        return self.document.declared(target)

    def facts_at(self, target: str) -> Mapping[str, Fact]:
        """The facts that may be stated for a declared target."""
        return self.document.facts_at(target)

    def decide(self, request: DecisionRequest) -> Decision:
        """The decision for flat facts; deny for an undeclared target and for facts that are refused. Never raises."""
        compiled = self.compiled(request.target)
        if compiled is None:
            return self._denied(UNDECLARED)
        try:
            return self.of_mask(compiled, compiled.flat(request.facts))
        except FactRefused as refused:
            return self._denied(Reason("fact-refused", str(refused)))

    def recorded(self, request: DecisionRequest) -> tuple[Decision, str]:
        """The decision, and which atomic conditions held, or failed, as bits in hex; "" where none can be told."""
        compiled = self.compiled(request.target)
        if compiled is None:
            return self._denied(UNDECLARED), ""
        try:
            bits = compiled.recorded(request.facts)
        except FactRefused as refused:
            return self._denied(Reason("fact-refused", str(refused))), ""
        rules = len(compiled.rules)
        return self.of_mask(compiled, bits & (1 << rules) - 1), f"{bits >> rules:x}" if compiled.atoms else ""

    def decide_nested(self, target: str, facts: Mapping[str, Any]) -> Decision:
        """The decision for facts nested as JSON has them. FactRefused for a wrong type, or a value out of range."""
        compiled = self._named.get(target) or self._first(target)
        if compiled is None:
            return self._denied(UNDECLARED)
        mask = compiled.nested(facts)
        return compiled.memo.get(mask) or self.of_mask(compiled, mask)

    def _denied(self, reason: Reason) -> Decision:
        return Decision(requirement=DENY, policy=self.version, reasons=(reason,))

    def compiled(self, target: str) -> Compiled | None:
        """What is known of a target, found when it is first decided; None where nobody declared it."""
        return self._named.get(target) or self._first(target)

    def _first(self, target: str) -> Compiled | None:
        """Whatever name is asked for at an open resource, functions are made only for those that the policy knows."""
        if not self.document.declared(target):
            return None
        alike = self.document.alike(target)
        key = alike if floor(alike) == floor(target) else target
        made = self._compiled.get(key)
        if made is None:
            made = self._compiled[key] = self._compile(key)
        if len(self._named) < MOST_NAMES:
            self._named[target] = made
        return made

    def compile_all(self, layout: Layout = "flat") -> None:
        """Make the functions of every target that is known beforehand."""
        for compiled in filter(None, map(self.compiled, self.document.targets)):
            _ = compiled.flat if layout == "flat" else compiled.nested

    def _compile(self, target: str) -> Compiled:
        rules = self.document.rules_at(target)
        conditions = tuple(rule.condition(target) for rule in rules)
        read = frozenset().union(*map(facts_read, conditions))
        declared = self.document.facts_at(target)
        return Compiled(
            rules=rules,
            conditions=conditions,
            facts=tuple(declared[path] for path in sorted(read)),
            floor=floor(target),
            memo={},
        )

    def of_mask(self, compiled: Compiled, mask: int) -> Decision:
        """The decision of the bits of the rules that match."""
        found = compiled.memo.get(mask)
        if found is None:
            if len(compiled.memo) >= MOST_MASKS:
                compiled.memo.clear()
            matching = [rule for bit, rule in enumerate(compiled.rules) if mask >> bit & 1]
            found = compiled.memo[mask] = self._decision(compiled, matching)
        return found

    def _decision(self, compiled: Compiled, matching: list[Rule]) -> Decision:
        enforced = [rule for rule in matching if not rule.observe]
        matched = {rule.id for rule in matching}
        return Decision(
            requirement=join(compiled.floor, join_all(rule.require for rule in enforced)),
            policy=self.version,
            reasons=tuple(Reason(rule.id, rule.because or rule.deny_reason) for rule in enforced),
            conditions={rule.id: rule.id in matched for rule in compiled.rules},
            observed=tuple(rule.id for rule in matching if rule.observe),
            fallback=_fallback(compiled.floor, enforced),
            grace=_grace(compiled.floor, enforced),
        )


def _fallback(least: Requirement, enforced: Iterable[Rule]) -> Requirement | None:
    """What is demanded instead where the demand cannot be met; None where no rule says so."""
    rules = tuple(enforced)
    if all(rule.fallback is None for rule in rules):
        return None
    return join(least, join_all(rule.require if rule.fallback is None else rule.fallback for rule in rules))


def _grace(least: Requirement, enforced: Iterable[Rule]) -> Skippable | None:
    """What is demanded where the rules that grant grace are skipped; None where none does."""
    rules = tuple(enforced)
    granted = {
        rule.id: Skip(rule.require, rule.grace.skips, rule.grace.until) for rule in rules if rule.grace is not None
    }
    if not granted:
        return None
    demanded = join(least, join_all(rule.require for rule in rules if rule.grace is None))
    return Skippable(demanded=demanded, rules=granted)
