"""What the rules demand at a target, made ready for questions: one `Demand` for each rule and resource."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from newel.domain.assurance import Classes
from newel.domain.requirement import DENY, NOTHING, Requirement, irreducibles, join, join_all
from newel.domain.value import dataclass, replace
from newel.policy.document import ANY_ACTION, EVERYWHERE, Counter, Document, Grace, Place, Rule
from newel.policy.facts import Fact
from newel.policy.lang.core import TRUE, Core

UNDECLARED = "undeclared-target"
"""The name of the rule that denies a target which nobody declared."""
AT = 1_768_478_400
"""A Thursday noon (2026-01-15T12:00Z): times in witnesses lie near it where nothing else is asked of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demand:
    """A rule at a target.

    `face` is demanded first; `floor` is what remains of it for somebody who cannot meet it or may skip it (the meet of
    the demand and its fallback); `most` is the join of both. `key` is the same for demands that mean the same, `test`
    for conditions that do, among all demands of one index. `grace` says how the demand may be put off.
    """

    rule: str
    place: Place
    because: str
    condition: Core
    face: Requirement
    floor: Requirement
    most: Requirement
    fallback: Requirement | None
    key: int
    test: int
    grace: Grace | None = None

    @property
    def fallen(self) -> Requirement:
        """What is demanded of somebody who falls back wherever a rule lets them."""
        return self.face if self.fallback is None else self.fallback

    def put_off(self, now: int) -> bool:
        """Whether somebody may put it off at a time."""
        return self.grace is not None and not self.grace.ended(now)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Where a question is asked: a target, the facts there, and the time that witnesses lie near.

    `counters` count the target, those `beside` can be read there and count others.
    """

    target: str
    facts: Mapping[str, Fact]
    counters: tuple[Counter, ...]
    at: int = AT
    beside: tuple[Counter, ...] = ()


class Numbers:
    """Numbers for values: equal values have equal numbers."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}

    def of(self, value: object) -> int:
        """The number of `value`."""
        return self._known.setdefault(value, len(self._known))


class Demands:
    """The demands of a document by target. Share `numbers` between documents that are compared."""

    def __init__(self, document: Document, numbers: Numbers | None = None) -> None:
        self.document = document
        self._numbers = numbers or Numbers()
        self._made: dict[tuple[str, str], Demand] = {}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Every declared target, and `resource:*` for whatever else an open resource is asked for."""
        still = (f"{each.name}:{ANY_ACTION}" for each in self.document.resources.values() if each.is_open)
        return tuple(sorted({*self.document.targets, *still}))

    @cached_property
    def _by_name(self) -> Mapping[str, list[tuple[int, Rule]]]:
        found: dict[str, list[tuple[int, Rule]]] = {}
        for place, rule in enumerate(self.document.rules):
            for name in rule.targets:
                found.setdefault(name, []).append((place, rule))
        return found

    def rules(self, target: str) -> list[Rule]:
        """The rules that speak of a target, observed ones too, in the order of the file."""
        names = dict.fromkeys((target, f"{target.partition(':')[0]}:{ANY_ACTION}", EVERYWHERE))
        found = dict(pair for name in names for pair in self._by_name.get(name, ()))
        return [found[place] for place in sorted(found)]

    def at(self, target: str) -> tuple[Demand, ...]:
        """What is enforced at a target; where nobody declared it, one demand that always denies."""
        if not self.document.declared(target):
            return (self._demand(UNDECLARED, Place("", 0), "", (TRUE, DENY, DENY, DENY), None),)
        return tuple(self.of(rule, target) for rule in self.rules(target) if not rule.observe)

    def of(self, rule: Rule, target: str) -> Demand:
        """The demand of a rule at one of its targets."""
        resource = target.partition(":")[0]
        name = rule.id, resource if resource in rule.conditions else EVERYWHERE
        if name not in self._made:
            floor, most = _floor(rule, self.document.classes), rule.require
            if rule.fallback is not None:
                most = join(most, rule.fallback)
            parts = rule.condition(target), rule.require, floor, most
            made = self._demand(rule.id, rule.place, rule.because, parts, rule.fallback)
            self._made[name] = made if rule.grace is None else replace(made, grace=rule.grace)
        return self._made[name]

    def _demand(
        self,
        rule: str,
        place: Place,
        because: str,
        parts: tuple[Core, Requirement, Requirement, Requirement],
        fallback: Requirement | None,
    ) -> Demand:
        condition, face, floor, most = parts
        test = self._numbers.of(condition)
        return Demand(
            rule=rule,
            place=place,
            because=because,
            condition=condition,
            face=face,
            floor=floor,
            most=most,
            fallback=fallback,
            key=self._numbers.of((test, face, floor, most, face if fallback is None else fallback)),
            test=test,
        )

    def scene(self, target: str, at: int = AT) -> Scene:
        """The scene at a target."""
        resource = target.partition(":")[0]
        facts = self.document.facts_at(target) if resource in self.document.resources else self.document.facts
        counters = tuple(each for each in self.document.counters.values() if target in each.targets)
        beside = tuple(
            each for name, each in self.document.counters.items() if name in facts and target not in each.targets
        )
        return Scene(target=target, facts=facts, counters=counters, at=at, beside=beside)


def _floor(rule: Rule, classes: Classes) -> Requirement:
    if rule.grace is not None:
        return NOTHING
    return rule.require if rule.fallback is None else meet(rule.require, rule.fallback, classes)


def meet(left: Requirement, right: Requirement, classes: Classes) -> Requirement:
    """The most demanding requirement that both are at least as demanding as."""
    if left.denied or right.denied:
        return right if left.denied else left
    parts = (*irreducibles(left, classes), *irreducibles(right, classes))
    return join_all(each for each in parts if each <= left and each <= right)


def parts_of(requirements: Iterable[Requirement], classes: Classes) -> Iterator[Requirement]:
    """The join-irreducible parts of all, each once; a part comes after those that it includes, deny first."""
    parts = dict.fromkeys(part for each in dict.fromkeys(requirements) for part in irreducibles(each, classes))
    yield from sorted(parts, key=lambda each: (not each.denied, len(each.evidence), len(each.bind), repr(each)))


def join_faces(demands: Iterable[Demand], *, fall_back: bool = False) -> Requirement:
    """What demands come to together, or what they come to where each falls back that can."""
    return join_all(dict.fromkeys(each.fallen if fall_back else each.face for each in demands))
