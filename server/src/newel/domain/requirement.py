"""Requirements: the lattice that policy speaks in. `join` is "and"; the more demanding side always wins.

Invariants, enforced by the constructors and property-tested as laws L1 to L7:

1. A requirement is deny (top) or a tuple of parts; every part is a join-semilattice with its bottom first.
2. Evidence and bind are closed under "counts as": what is demanded of a class is demanded of all it counts as.
3. Equal meaning is equal value: parts are sorted, and nothing that demands nothing is kept.

Ages are whole seconds; `SESSION` is "at any age within the session"; a class that is not demanded is absent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from operator import itemgetter
from typing import TypeVar

from newel.domain.assurance import SHIPPED, Classes
from newel.domain.value import dataclass

SESSION = 1 << 61
KEPT = 4096
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Approval:
    """`number` approvals by members of `pool`, each of all `classes` (closed) and at most `age` seconds old."""

    pool: str
    number: int
    classes: frozenset[str]
    age: int


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What the token must be like: life in seconds at most (None: any), key-bound, and who is told."""

    life: int | None = None
    key_bound: bool = False
    notify: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Requirement:
    """An element of the lattice. Build it with `require` and `join`, which keep the normal form."""

    evidence: tuple[tuple[str, int], ...] = ()
    bind: tuple[tuple[str, frozenset[str]], ...] = ()
    forbid: frozenset[str] = frozenset()
    approve: tuple[Approval, ...] = ()
    entitle: frozenset[str] = frozenset()
    meter: tuple[tuple[str, int], ...] = ()
    session: SessionTerms = SessionTerms()
    denied: bool = False

    def __le__(self, other: "Requirement") -> bool:
        """Whether `other` is at least as demanding (law L2)."""
        return join(self, other) == other

    @property
    def bound(self) -> bool:
        """Whether an event bound to the action is demanded."""
        return bool(self.bind)


NOTHING = Requirement()
DENY = Requirement(denied=True)


def require(
    evidence: Mapping[str, int] | None = None,
    *,
    bind: Mapping[str, frozenset[str]] | frozenset[str] = frozenset(),
    forbid: Iterable[str] = (),
    approve: Iterable[Approval] = (),
    entitle: Iterable[str] = (),
    meter: Mapping[str, int] | None = None,
    session: SessionTerms | None = None,
    classes: Classes = SHIPPED,
) -> Requirement:
    """A requirement in normal form.

    `bind` given as a plain set of fields is short for binding every class named in `evidence`. Empty parts, meters of 0
    units and approvals by nobody are left out, ages beyond `SESSION` are `SESSION`. KeyError for an undeclared class;
    ValueError for a negative age, and for fields to bind where no class is named: both would demand what they do not say.
    """
    asked = dict(evidence or {})
    if bind and not isinstance(bind, Mapping) and not asked:
        raise ValueError("fields are bound to no class of evidence")
    bound = bind if isinstance(bind, Mapping) else dict.fromkeys(asked, bind)
    ages = ((weaker, _age(age)) for name, age in asked.items() for weaker in classes.counts_as(name))
    fields = ((weaker, names) for name, names in bound.items() if names for weaker in classes.counts_as(name))
    pools = (
        Approval(each.pool, each.number, frozenset().union(*map(classes.counts_as, each.classes)), _age(each.age))
        for each in approve
        if each.number > 0
    )
    return Requirement(
        evidence=pointwise(ages, min),
        bind=pointwise(fields, frozenset.union),
        forbid=frozenset(forbid),
        approve=_approvals(pools),
        entitle=frozenset(entitle),
        meter=pointwise(((name, units) for name, units in (meter or {}).items() if units > 0), max),
        session=session or SessionTerms(),
    )


@lru_cache(KEPT)
def join(left: Requirement, right: Requirement) -> Requirement:
    """The least requirement at least as demanding as both: idempotent, commutative, associative (L1)."""
    if left.denied or right.denied:
        return DENY
    if left == NOTHING:
        return right
    if right == NOTHING:
        return left
    return Requirement(
        evidence=pointwise((*left.evidence, *right.evidence), min),
        bind=pointwise((*left.bind, *right.bind), frozenset.union),
        forbid=left.forbid | right.forbid,
        approve=_approvals((*left.approve, *right.approve)),
        entitle=left.entitle | right.entitle,
        meter=pointwise((*left.meter, *right.meter), max),
        session=_terms(left.session, right.session),
    )


def join_all(requirements: Iterable[Requirement]) -> Requirement:
    """The join of all; NOTHING for none."""
    return reduce(join, requirements, NOTHING)


def irreducibles(requirement: Requirement, classes: Classes = SHIPPED) -> Iterator[Requirement]:
    """The join-irreducible elements below `requirement` whose join it is (L7: each is join-prime)."""
    if requirement.denied:
        yield DENY
        return
    for name, age in requirement.evidence:
        yield require({name: age}, classes=classes)
    for name, fields in requirement.bind:
        for each in sorted(fields):
            yield require(bind={name: frozenset({each})}, classes=classes)
    yield from (require(forbid={each}) for each in sorted(requirement.forbid))
    yield from (require(entitle={each}) for each in sorted(requirement.entitle))
    yield from (require(meter={name: units}) for name, units in requirement.meter)
    yield from _approval_irreducibles(requirement.approve, classes)
    terms = requirement.session
    if terms.life is not None:
        yield require(session=SessionTerms(life=terms.life))
    if terms.key_bound:
        yield require(session=SessionTerms(key_bound=True))
    yield from (require(session=SessionTerms(notify=frozenset({each}))) for each in sorted(terms.notify))


def _approval_irreducibles(approvals: tuple[Approval, ...], classes: Classes) -> Iterator[Requirement]:
    for each in approvals:
        yield Requirement(approve=(Approval(each.pool, each.number, frozenset(), SESSION),))
        yield Requirement(approve=(Approval(each.pool, 1, frozenset(), each.age),))
        for name in sorted(each.classes):
            yield Requirement(approve=(Approval(each.pool, 1, classes.counts_as(name), SESSION),))


def _age(seconds: int) -> int:
    if seconds < 0:
        raise ValueError("an age is not negative")
    return min(seconds, SESSION)


def pointwise(pairs: Iterable[tuple[str, V]], pick: Callable[[V, V], V]) -> tuple[tuple[str, V], ...]:
    """One value a key, sorted by key: `pick` decides where a key has two."""
    merged: dict[str, V] = {}
    for key, value in pairs:
        merged[key] = pick(merged[key], value) if key in merged else value
    return tuple(sorted(merged.items(), key=itemgetter(0)))


def _approvals(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    merged: dict[str, Approval] = {}
    for each in approvals:
        other = merged.get(each.pool, each)
        merged[each.pool] = Approval(
            each.pool, max(each.number, other.number), each.classes | other.classes, min(each.age, other.age)
        )
    return tuple(merged[pool] for pool in sorted(merged))


def _terms(left: SessionTerms, right: SessionTerms) -> SessionTerms:
    lives = [life for life in (left.life, right.life) if life is not None]
    return SessionTerms(min(lives, default=None), left.key_bound or right.key_bound, left.notify | right.notify)
