"""Assurance: which classes a list of evidence reaches, and since when. Derived at decision time, never stored (S02).

The order "an event of class x also counts as y" is data (`Classes`); what reaches a class is decided here:

1. One event alone reaches aal1 (or `recovery`); a passkey that verified its user reaches phr, with attestation aal3.
2. A password and a possession event reach aal2, and phr where the possession event resists phishing. The class is as
   old and as idle as the possession event; the password only has to lie within the class's `lasts`.
3. An unsettled authenticator's event counts at most as its ceiling (S25), alone and in combination.
4. What is unknown (a method, a class, an authenticator that is gone) counts as nothing; nothing here raises.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product

from newel.domain.evidence import Authenticator, Evidence
from newel.domain.method import METHODS, PASSKEY, Kind, Method
from newel.domain.value import dataclass

HOUR = 3600
DAY = 24 * HOUR
FOR_EVER = 1 << 62


@dataclass(frozen=True, slots=True)
class EvidenceClass:
    """A class of evidence; `lasts` and `idle` in seconds, `implies` names what it also counts as directly.

    A named strength is reached by any of its `combinations` of methods; without them a class is reached as shipped.
    """

    name: str
    lasts: int
    idle: int
    implies: tuple[str, ...] = ()
    combinations: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Classes:
    """The declared classes. `order` is the total order (strongest first) from which acr is chosen."""

    declared: tuple[EvidenceClass, ...]
    order: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, EvidenceClass]:
        """Each class under its name."""
        return {entry.name: entry for entry in self.declared}

    @cached_property
    def _below(self) -> Mapping[str, frozenset[str]]:
        below: dict[str, frozenset[str]] = {}

        def close(name: str) -> frozenset[str]:
            if name not in below:
                below[name] = frozenset({name}).union(*(close(weaker) for weaker in self.by_name[name].implies))
            return below[name]

        for entry in self.declared:
            close(entry.name)
        return below

    @cached_property
    def _limits_below(self) -> Mapping[str, tuple[EvidenceClass, ...]]:
        return {name: tuple(self.by_name[each] for each in below) for name, below in self._below.items()}

    @cached_property
    def named(self) -> tuple[EvidenceClass, ...]:
        """The strengths that a policy names itself, by combinations of methods."""
        return tuple(entry for entry in self.declared if entry.combinations)

    def counts_as(self, name: str) -> frozenset[str]:
        """All classes that an event of class `name` counts as, itself included. KeyError for an undeclared name."""
        return self._below[name]

    def below(self, name: str) -> frozenset[str]:
        """The same, and nothing at all for an undeclared name."""
        return self._below.get(name, frozenset())

    def declared_below(self, name: str) -> tuple[EvidenceClass, ...]:
        """The same as declarations."""
        return self._limits_below.get(name, ())

    @cached_property
    def _above(self) -> Mapping[str, tuple[str, ...]]:
        weakest_first = [*reversed(self.order), *(name for name in self.by_name if name not in self.order)]
        return {name: tuple(c for c in weakest_first if name in self._below[c]) for name in self.by_name}

    def up_set(self, name: str) -> tuple[str, ...]:
        """`name` and every class that counts as it, weakest first: what a challenge lists (RFC 9470)."""
        return self._above[name]

    def strongest(self, names: Iterable[str]) -> str | None:
        """The first of `order` among `names`."""
        reached = frozenset(names)
        return next((name for name in self.order if name in reached), None)


SHIPPED = Classes(
    declared=(
        EvidenceClass("aal1", lasts=30 * DAY, idle=30 * DAY),
        EvidenceClass("aal2", lasts=DAY, idle=HOUR, implies=("aal1",)),
        EvidenceClass("phr", lasts=DAY, idle=HOUR, implies=("aal2",)),
        EvidenceClass("aal3", lasts=12 * HOUR, idle=15 * 60, implies=("phr",)),
        EvidenceClass("recovery", lasts=DAY, idle=HOUR, implies=("aal1",)),
    ),
    order=("aal3", "phr", "aal2", "aal1"),
)
"""The classes as shipped (NIST SP 800-63B-4 lifetimes). Nothing reaches aal3 until attestation is checked."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A class that evidence reaches: since `at` (Unix seconds), by `events`, the completing one last."""

    name: str
    at: int
    events: tuple[Evidence, ...]


def _alone(event: Evidence, how: Method) -> str:
    if how.kind is Kind.RECOVERY:
        return "recovery"
    if not (how.phishing_resistant and event.user_verified):
        return "aal1"
    return "aal3" if event.attested and event.hardware else "phr"


def _is(event: Evidence, method: str) -> bool:
    """Whether an event is one by `method`; a passkey's is one where it verified its person."""
    return event.method == method and (method != PASSKEY.name or event.user_verified)


def _combined(event: Evidence, usable: Sequence[Evidence], methods: tuple[str, ...]) -> Iterator[tuple[Evidence, ...]]:
    """Every choice of events by all `methods` that `event` completes, it last.

    A password beside a possession completes nothing, here as everywhere.
    """
    if not any(_is(event, method) for method in methods) or (len(methods) > 1 and event.how.kind is Kind.KNOWLEDGE):
        return
    others = [
        [each for each in usable if _is(each, method) and each.authenticator != event.authenticator]
        for method in methods
        if not _is(event, method)
    ]
    for used in product(*others):
        yield (*sorted(used, key=lambda each: each.at), event)


def since(used: tuple[Evidence, ...]) -> int:
    """Since when a class is reached by `used`: a possession beside a password counts alone, else the oldest does."""
    kinds = {event.how.kind for event in used}
    if len(used) == 2 and kinds == {Kind.KNOWLEDGE, Kind.POSSESSION}:  # ruff: ignore[magic-value-comparison] - a pair
        return used[-1].at
    return min(event.at for event in used)


def _named(event: Evidence, usable: Sequence[Evidence], classes: Classes) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Every (class, events) among the strengths that a policy names itself."""
    for each in classes.named:
        for methods in each.combinations:
            yield from ((each.name, used) for used in _combined(event, usable, methods))


def _candidates(
    event: Evidence, usable: Sequence[Evidence], passwords: list[Evidence], classes: Classes
) -> Iterator[tuple[str, tuple[Evidence, ...], int]]:
    """Every (class, events, since when) that `event` reaches alone or completes, before ages and ceilings are looked at."""
    how = event.how
    yield _alone(event, how), (event,), event.at
    if classes.named:
        yield from ((name, used, since(used)) for name, used in _named(event, usable, classes))
    if how.kind is Kind.POSSESSION:
        name = "phr" if how.phishing_resistant else "aal2"
        for password in passwords:
            yield name, (password, event), event.at


def _usable(event: Evidence, authenticators: Mapping[str, Authenticator], forbid: frozenset[str]) -> bool:
    if event.authenticator not in authenticators or event.method not in METHODS:
        return False
    return not forbid or (event.method not in forbid and forbid.isdisjoint(event.amr))


def _counts(
    name: str, used: tuple[Evidence, ...], authenticators: Mapping[str, Authenticator], classes: Classes
) -> tuple[EvidenceClass, ...]:
    """What `used` counts as: `name` and all below it, and nothing above the ceiling of any authenticator in it."""
    declared = classes.declared_below(name)
    for event in used:
        ceiling = authenticators[event.authenticator].ceiling
        if ceiling is not None:
            allowed = classes.below(ceiling)
            declared = tuple(each for each in declared if each.name in allowed)
    return declared


def reached(
    events: Iterable[Evidence],
    authenticators: Mapping[str, Authenticator],
    *,
    now: int,
    active_at: int,
    forbid: frozenset[str] = frozenset(),
    completed_by: Evidence | None = None,
    classes: Classes = SHIPPED,
) -> Mapping[str, Reached]:
    """Every class that `events` reach at `now`, each at its smallest age.

    With `completed_by`, only what that event reaches alone or completes beside others. Not counted are events of
    methods in `forbid` (method names or amr values), events of authenticators that are gone, and classes past their
    `lasts` or, `active_at` being the session's last activity, past their `idle`.
    """
    usable = [event for event in events if _usable(event, authenticators, forbid)]
    passwords = [event for event in usable if event.how.kind is Kind.KNOWLEDGE]
    best: dict[str, Reached] = {}
    for event in usable:
        if completed_by is not None and event != completed_by:
            continue
        idle = max(event.rested, now - max(active_at, event.at))
        for name, used, at in _candidates(event, usable, passwords, classes):
            age = now - min(used[0].at, event.at)
            for each in _counts(name, used, authenticators, classes):
                if age <= each.lasts and idle <= each.idle:
                    earlier = best.get(each.name)
                    if earlier is None or at > earlier.at:
                        best[each.name] = Reached(each.name, at, used)
    return best


def unchanged_until(events: Iterable[Evidence], *, now: int, active_at: int, classes: Classes) -> int:
    """The first second after `now` at which time alone may change what `events` reach: a class would be too old or idle."""
    ends = (
        end
        for event in events
        for each in classes.declared
        for end in (event.at + each.lasts + 1, max(active_at, event.at) + each.idle + 1)
    )
    return min((end for end in ends if end > now), default=FOR_EVER)
