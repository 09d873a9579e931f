"""A policy as it is meant: every name resolved, every text typed, every condition a core. What all back ends read."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from newel.domain.assurance import Classes
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.facts import Fact
from newel.policy.fields import Field
from newel.policy.lang.core import Core

EVERYWHERE = "*"
"""The target that means every target, and the key of a condition that reads global facts only."""
ANY_ACTION = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written; the line counts from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something done to a resource; a `sensitive` one never comes out below `minimum`. `verb` words it for a person."""

    name: str
    sensitive: bool
    minimum: Requirement
    verb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of thing. `facts` are its own, counters of its actions included; `is_open` takes any name of an action."""

    name: str
    label: str
    actions: Mapping[str, Action]
    fields: Mapping[str, Field]
    facts: Mapping[str, Fact]
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter over a sliding window of `over` seconds, read as the int fact `name` of 0 to `high`.

    It counts requests for `targets` (of one resource) that agree in the fact `by`: their `fact` summed, how many there
    are, or how many different values of `fact`. The request being decided is included where its target is counted.
    """

    name: str
    kind: Literal["sum", "count", "distinct"]
    targets: tuple[str, ...]
    fact: str
    by: str
    over: int
    high: int


@dataclass(frozen=True, slots=True)
class Grace:
    """A demand that may be skipped `skips` times, until a time (Unix seconds)."""

    until: int
    skips: int

    def ended(self, now: int | None) -> bool:
        """Whether it is over at a time (Unix seconds); not where no time is known."""
        return now is not None and now >= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where the condition holds or fails, `require` is demanded.

    `targets` are `resource:action`, `resource:*` for a resource that is open, or `*`. `conditions` has one core for each
    resource among them (`*` for the target `*`). `fallback` is demanded instead where `require` cannot be met.
    """

    id: str
    targets: frozenset[str]
    conditions: Mapping[str, Core]
    require: Requirement
    deny_reason: str
    observe: bool
    because: str
    fallback: Requirement | None
    grace: Grace | None
    place: Place

    def condition(self, target: str) -> Core:
        """The condition as it reads at one of the rule's targets."""
        return self.conditions.get(target.partition(":")[0]) or self.conditions[EVERYWHERE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """What holds for every request at `targets` for which the condition is true without error."""

    id: str
    targets: tuple[str, ...]
    conditions: Mapping[str, Core]
    at_least: Requirement | None
    at_most: Requirement | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A request, facts by path as conditions read them, with the requirement it must come to.

    `deny` is the reason of the refusal that is expected, "" where any will do.
    """

    __test__ = False

    name: str
    target: str
    facts: Mapping[str, Any]
    expect: Requirement
    place: Place
    deny: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole policy. `facts` are usable everywhere; `resources` includes the built-in ones."""

    name: str
    facts: Mapping[str, Fact]
    resources: Mapping[str, Resource]
    counters: Mapping[str, Counter]
    classes: Classes
    pools: Mapping[str, str]
    meters: Mapping[str, tuple[int, int]]
    entitlements: tuple[str, ...]
    rules: tuple[Rule, ...]
    invariants: tuple[Invariant, ...]
    tests: tuple[Test, ...]

    def declared(self, target: str) -> bool:
        """Whether `target` names an action that may be decided."""
        name, _, action = target.partition(":")
        resource = self.resources.get(name)
        return resource is not None and (action in resource.actions or (resource.is_open and bool(action)))

    def rules_at(self, target: str) -> tuple[Rule, ...]:
        """The rules that speak of a declared target, in the order of the file."""
        names = (target, f"{target.partition(':')[0]}:{ANY_ACTION}", EVERYWHERE)
        numbers = {number for name in names for number in self._by_target.get(name, ())}
        return tuple(self.rules[number] for number in sorted(numbers))

    def alike(self, target: str) -> str:
        """The target at which a declared one's rules stand: itself, or any of an open resource where no rule names it."""
        name = target.partition(":")[0]
        return f"{name}:{ANY_ACTION}" if self.resources[name].is_open and target not in self._by_target else target

    @cached_property
    def _by_target(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for target in rule.targets:
                found.setdefault(target, []).append(number)
        return found

    def facts_at(self, target: str) -> Mapping[str, Fact]:
        """All facts that conditions at a target may read."""
        name = target.partition(":")[0]
        if name not in self._facts:
            self._facts[name] = {**self.facts, **self.resources[name].facts}
        return self._facts[name]

    @cached_property
    def _facts(self) -> dict[str, Mapping[str, Fact]]:
        return {}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Every declared `resource:action`, and of open resources those that a rule or an invariant names; sorted."""
        named = {target for rule in self.rules for target in rule.targets}
        named |= {target for invariant in self.invariants for target in invariant.targets}
        return tuple(sorted({*self._closed(), *(target for target in named if not target.endswith(ANY_ACTION))}))

    def _closed(self) -> Iterator[str]:
        for resource in self.resources.values():
            yield from (f"{resource.name}:{action}" for action in resource.actions)
