"""The plan: the least a person must still do to meet a requirement.

The planner only chooses among sets of challenges that meet the requirement; whatever raises the demand is a rule.
Authenticators that prove the same are one `Way`: a person picks among ways, the browser among a way's credentials.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from newel.domain.assurance import Classes
from newel.domain.evidence import Authenticator
from newel.domain.method import METHODS, PASSKEY, TOTP, Kind, Method
from newel.domain.requirement import Requirement
from newel.domain.standing import Standing, satisfied

ENROLABLE = (PASSKEY, TOTP)
"""What a person can add alone, cheapest first."""


@dataclass(frozen=True, slots=True)
class Way:
    """Authenticators of one method whose evidence would count the same; the last used first."""

    authenticators: tuple[Authenticator, ...]

    @property
    def method(self) -> Method:
        """The method all of them share."""
        return self.authenticators[0].how


@dataclass(frozen=True, slots=True)
class Plan:
    """What is still to do.

    `steps` is the cheapest sequence of ways that meets the requirement; empty where it is met or cannot be.
    `others` are the ways with which another sufficient sequence would begin. `enrol` names methods whose new
    authenticator could lead to the demanded class, offered only where no step exists.
    """

    met: bool
    steps: tuple[Way, ...] = ()
    others: tuple[Way, ...] = ()
    enrol: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether the person can meet the requirement with what the account has."""
        return self.met or bool(self.steps)


def plan(
    requirement: Requirement, standing: Standing, *, interaction: str, resting: frozenset[str] = frozenset()
) -> Plan:
    """The plan for `requirement` from `standing`; authenticators named in `resting` cannot be asked now."""
    if satisfied(requirement, standing):
        return Plan(met=True)
    if requirement.denied:
        return Plan(met=False)
    ways = _ways(a for a in standing.authenticators.values() if a.id not in resting)
    sufficient = list(_minimal(requirement, standing, ways, interaction))
    if not sufficient:
        return Plan(met=False, enrol=tuple(_enrolments(requirement, standing, interaction)))
    best = sufficient[0]
    first = [subset[0] for subset in sufficient[1:]]
    others = tuple(way for index, way in enumerate(first) if way != best[0] and way not in first[:index])
    return Plan(met=False, steps=best, others=others)


def cost(subset: Iterable[Way]) -> int:
    """The friction of a sequence of challenges."""
    return sum(way.method.friction for way in subset)


def _ways(authenticators: Iterable[Authenticator]) -> list[Way]:
    alike: dict[tuple[object, ...], list[Authenticator]] = {}
    for each in authenticators:
        signature = (each.method, each.ceiling, each.user_verifying, each.device_bound, each.attested)
        alike.setdefault(signature, []).append(each)
    return [Way(tuple(sorted(group, key=lambda a: -a.last_used_at))) for group in alike.values()]


def _minimal(
    requirement: Requirement, standing: Standing, ways: list[Way], interaction: str
) -> Iterator[tuple[Way, ...]]:
    """Every smallest sufficient set of ways, cheapest first; ties go to what was used last."""
    found: list[frozenset[Way]] = []
    subsets = (subset for size in range(1, len(ways) + 1) for subset in combinations(ways, size))
    sufficient: list[tuple[Way, ...]] = []
    for subset in subsets:
        if any(smaller <= frozenset(subset) for smaller in found):
            continue
        if satisfied(requirement, _after(standing, subset, interaction)):
            found.append(frozenset(subset))
            sufficient.append(tuple(sorted(subset, key=_knowledge_first)))
    yield from sorted(sufficient, key=lambda s: (cost(s), -max(way.authenticators[0].last_used_at for way in s)))


def _knowledge_first(way: Way) -> tuple[bool, int]:
    return way.method.kind is not Kind.KNOWLEDGE, way.method.friction


def _after(standing: Standing, ways: Iterable[Way], interaction: str) -> Standing:
    events = tuple(
        way.authenticators[0].evidence(
            event=f"planned-{way.authenticators[0].id}",
            at=standing.now,
            interaction=interaction,
            digest=standing.digest,
        )
        for way in ways
    )
    return replace(standing.plus(*events), active_at=standing.now)


def authority(authenticators: Iterable[Authenticator], *, now: int, classes: Classes) -> str | None:
    """The strongest class that the settled ones among `authenticators` can reach (S05); None without any."""
    settled = {each.id: each for each in authenticators if each.settled and each.how.kind is not Kind.RECOVERY}
    events = tuple(each.evidence(event=each.id, at=now, interaction="") for each in settled.values())
    standing = Standing(now=now, active_at=now, events=events, authenticators=settled, classes=classes)
    return classes.strongest(standing.reached())


def _enrolments(requirement: Requirement, standing: Standing, interaction: str) -> Iterator[str]:
    ceiling = authority(standing.authenticators.values(), now=standing.now, classes=standing.classes)
    if ceiling is None:
        return
    for method in ENROLABLE:
        if _could_lead(requirement, standing, method, ceiling, interaction):
            yield method.name


def _could_lead(requirement: Requirement, standing: Standing, method: Method, ceiling: str, interaction: str) -> bool:
    """Whether a new authenticator, unsettled at `ceiling`, completes the requirement beside all that is there (S25)."""
    new = Authenticator(
        id="enrolled-now",
        subject="",
        method=method.name,
        name="",
        created_at=standing.now,
        material=b"",
        ceiling=ceiling,
        user_verifying=method is METHODS["passkey"],
    )
    with_new = replace(standing, authenticators={**standing.authenticators, new.id: new})
    everything = _ways(with_new.authenticators.values())
    return satisfied(requirement, _after(with_new, everything, interaction))
