"""Whether what was proven meets what is demanded, and what is missing.

`Standing` is everything that satisfaction depends on at one moment. `satisfied` and `missing` are total: whatever is
unknown is not met. Laws L4 to L6 and "time passing never satisfies" are property-tested.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar

from newel.domain.assurance import SHIPPED, Classes, Reached, reached, unchanged_until
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.requirement import DENY, SESSION, Approval, Requirement, SessionTerms, pointwise
from newel.domain.value import dataclass, replace

V = TypeVar("V")
Ages = tuple[tuple[str, int], ...]
Bindings = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """One approval of this action: the classes its giver proved (closed) and when, in Unix seconds."""

    classes: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a subject stands on at `now`.

    `digest` is the action's, None where nothing is bound; `since`, where it is not None, names the one interaction
    whose events count (`prompt=login`, `max_age=0`); `active_at` is the session's last activity. What is reached is
    derived once for each set of forbidden methods.
    """

    now: int
    events: tuple[Evidence, ...] = ()
    authenticators: Mapping[str, Authenticator] = field(default_factory=dict)
    active_at: int
    digest: bytes | None = None
    since: str | None = None
    approvals: Mapping[str, tuple[Approved, ...]] = field(default_factory=dict)
    entitlements: frozenset[str] = frozenset()
    quota: Mapping[str, int] = field(default_factory=dict)
    key_bound: bool = False
    classes: Classes = SHIPPED
    _reached: dict[frozenset[str], Mapping[str, Reached]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def counted(self) -> tuple[Evidence, ...]:
        """The events that may count: all, or those of the one interaction."""
        if self.since is None:
            return self.events
        return tuple(event for event in self.events if event.interaction == self.since)

    def reached(self, forbid: frozenset[str] = frozenset()) -> Mapping[str, Reached]:
        """Every class reached now without the methods in `forbid`."""
        known = self._reached.get(forbid)
        if known is None:
            known = self._reached[forbid] = self._derived(forbid)
        return known

    def _derived(self, forbid: frozenset[str], completed_by: Evidence | None = None) -> Mapping[str, Reached]:
        return reached(
            self.counted,
            self.authenticators,
            now=self.now,
            active_at=self.active_at,
            forbid=forbid,
            completed_by=completed_by,
            classes=self.classes,
        )

    def bound_classes(self, forbid: frozenset[str] = frozenset()) -> frozenset[str]:
        """The classes that an event bound to this action counts as, or completes beside a password."""
        if self.digest is None:
            return frozenset()
        bound = [e for e in self.counted if e.binding is not None and e.binding.digest == self.digest]
        return frozenset(name for event in bound for name in self._derived(forbid, completed_by=event))

    def plus(self, *events: Evidence) -> "Standing":
        """The same standing with more evidence."""
        return replace(self, events=(*self.events, *events))

    def knowing(self, derived: Mapping[str, Reached]) -> "Standing":
        """This standing, spared to derive what it reaches: `derived` is that."""
        self._reached[frozenset()] = derived
        return self


class Steady:
    """What the same evidence reaches over time: derived again where the evidence is not the very same, or time passed a
    limit of a class.
    """

    def __init__(self) -> None:
        self._last: Standing | None = None
        self._until = 0

    def at(self, standing: Standing) -> Standing:
        """`standing`, knowing what it reaches where that is known; never where only some of its events count."""
        last = self._last
        if standing.since is not None:
            return standing
        if last is not None and last.now <= standing.now < self._until and _same(last, standing):
            return standing.knowing(last.reached())
        self._last = standing
        self._until = unchanged_until(
            standing.events, now=standing.now, active_at=standing.active_at, classes=standing.classes
        )
        return standing


def _same(left: Standing, right: Standing) -> bool:
    """Whether two stand on the very same evidence."""
    return (
        left.events is right.events
        and left.authenticators is right.authenticators
        and left.classes is right.classes
        and left.active_at == right.active_at
    )


def proven(requirement: Requirement, standing: Standing) -> bool:
    """Whether the evidence in `standing` meets what is demanded of evidence: what a challenge can change."""
    proofs = standing.reached(requirement.forbid) if requirement.evidence else {}
    for name, age in requirement.evidence:
        if not _fresh(proofs.get(name), age, standing):
            return False
    return not requirement.bind or {name for name, _ in requirement.bind} <= standing.bound_classes(requirement.forbid)


def given(requirement: Requirement, standing: Standing) -> bool:
    """Whether `standing` meets all that no challenge can change: approvals, entitlements, quota, a key-bound token."""
    return (
        not requirement.denied
        and requirement.entitle <= standing.entitlements
        and (standing.key_bound or not requirement.session.key_bound)
        and (not requirement.meter or all(_within(meter, standing) for meter in requirement.meter))
        and (not requirement.approve or all(_approved(demand, standing) for demand in requirement.approve))
    )


def satisfied(requirement: Requirement, standing: Standing) -> bool:
    """Whether `standing` meets all of `requirement`."""
    return given(requirement, standing) and proven(requirement, standing)


def met_until(requirement: Requirement, standing: Standing) -> int:
    """The first second at which time alone could change that `standing` meets a `requirement`, or what it reaches.

    The requirement is met, and neither binds an action nor asks for approvals.
    """
    proofs = standing.reached(requirement.forbid)
    ends = [proofs[name].at + age + 1 for name, age in requirement.evidence if age < SESSION]
    unchanged = unchanged_until(
        standing.events, now=standing.now, active_at=standing.active_at, classes=standing.classes
    )
    return min([unchanged, *ends])


def missing(requirement: Requirement, standing: Standing) -> Requirement:
    """The least requirement that, met as well, would satisfy `requirement`: in normal form, NOTHING where all is met.

    DENY for deny. What a token must be like (`life`, `notify`) is met by whoever issues it and is never missing.
    """
    if requirement.denied:
        return DENY
    evidence, bind = _unproven(requirement, standing)
    return Requirement(
        evidence=pointwise(_closed(evidence, standing), min),
        bind=pointwise(_closed(bind, standing), frozenset.union),
        forbid=requirement.forbid if evidence or bind else frozenset(),
        approve=tuple(each for each in requirement.approve if not _approved(each, standing)),
        entitle=requirement.entitle - standing.entitlements,
        meter=tuple(each for each in requirement.meter if not _within(each, standing)),
        session=SessionTerms(key_bound=requirement.session.key_bound and not standing.key_bound),
    )


def _unproven(requirement: Requirement, standing: Standing) -> tuple[Ages, Bindings]:
    proofs = standing.reached(requirement.forbid) if requirement.evidence else {}
    bound = standing.bound_classes(requirement.forbid) if requirement.bind else frozenset()
    return (
        tuple((name, age) for name, age in requirement.evidence if not _fresh(proofs.get(name), age, standing)),
        tuple((name, fields) for name, fields in requirement.bind if name not in bound),
    )


def _closed(demands: Iterable[tuple[str, V]], standing: Standing) -> Iterator[tuple[str, V]]:
    """Each demand, and the same of every weaker class: a met weaker class is demanded again (invariant 2)."""
    for name, value in demands:
        yield name, value
        yield from ((weaker, value) for weaker in standing.classes.below(name) - {name})


def _within(meter: tuple[str, int], standing: Standing) -> bool:
    name, units = meter
    return standing.quota.get(name, 0) >= units


def _fresh(proof: Reached | None, age: int, standing: Standing) -> bool:
    return proof is not None and (age >= SESSION or standing.now - proof.at <= age)


def _approved(demand: Approval, standing: Standing) -> bool:
    given = standing.approvals.get(demand.pool, ())
    good = [
        each
        for each in given
        if demand.classes <= each.classes and (demand.age >= SESSION or standing.now - each.at <= demand.age)
    ]
    return len(good) >= demand.number
