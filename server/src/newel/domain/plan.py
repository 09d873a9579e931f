"""The plan: the least a person must still do to meet a requirement.

The planner only chooses among sets of challenges that meet the requirement; whatever raises the demand is a rule.
Authenticators that prove the same are one `Way`: a person picks among ways, the browser among a way's credentials.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from newel.domain.assurance import Classes, reached
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.method import METHODS, PASSKEY, TOTP, Kind, Method
from newel.domain.requirement import Requirement, require
from newel.domain.standing import Standing, given, proven
from newel.domain.value import dataclass, replace

ENROLABLE = (PASSKEY, TOTP)
"""What a person can add alone, cheapest first."""

AUTHORISES = 300
"""Seconds for which evidence authorises a change of authenticators (S05)."""


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
    if not given(requirement, standing):
        return Plan(met=False)
    if proven(requirement, standing):
        return Plan(met=True)
    usable = [each for each in standing.authenticators.values() if each.id not in resting]
    sequences = _sequences(requirement, standing, usable, interaction)
    if not sequences:
        return Plan(met=False, enrol=tuple(_enrolments(requirement, standing, usable, interaction)))
    best = sequences[0]
    others = dict.fromkeys(sequence[0] for sequence in sequences[1:] if sequence[0] is not best[0])
    return Plan(met=False, steps=best, others=tuple(others))


def cost(sequence: Iterable[Way]) -> int:
    """The friction of a sequence of challenges."""
    return sum(way.method.friction for way in sequence)


def _ways(authenticators: Iterable[Authenticator]) -> list[Way]:
    alike: dict[tuple[object, ...], list[Authenticator]] = {}
    for each in authenticators:
        if each.method in METHODS:
            signature = (each.method, each.ceiling, each.user_verifying, each.device_bound, each.attested)
            alike.setdefault(signature, []).append(each)
    return [Way(tuple(sorted(group, key=lambda a: -a.last_used_at))) for group in alike.values()]


def _sequences(
    requirement: Requirement, standing: Standing, usable: Iterable[Authenticator], interaction: str
) -> list[tuple[Way, ...]]:
    """Every smallest sufficient set of ways as a sequence, cheapest first; ties go to what was used last."""
    choices = [(1 << index, way, _event(way, standing, interaction)) for index, way in enumerate(_ways(usable))]
    found: list[int] = []
    sequences: list[tuple[Way, ...]] = []
    for size in range(1, _most_steps(requirement, standing.classes) + 1):
        for subset in combinations(choices, size):
            mask = sum(bit for bit, _, _ in subset)
            if any(smaller & mask == smaller for smaller in found):
                continue
            if proven(requirement, standing.plus(*(event for _, _, event in subset))):
                found.append(mask)
                sequences.append(tuple(sorted((way for _, way, _ in subset), key=_knowledge_first)))
    return sorted(sequences, key=lambda sequence: (cost(sequence), -max(map(_last_used_at, sequence))))


def _most_steps(requirement: Requirement, classes: Classes) -> int:
    """No smallest sufficient set is larger, so that many authenticators cost n² and not 2ⁿ.

    A class takes two events at most, a named strength as many as its longest combination, and they serve every weaker class that is demanded: below each class the order is
    a chain. An undeclared class cannot be reached.
    """
    demanded = {name for name, _ in (*requirement.evidence, *requirement.bind)}
    if not demanded <= classes.by_name.keys():
        return 0
    most = max([2, *(len(methods) for each in classes.named for methods in each.combinations)])
    return most * len(demanded.difference(*(classes.below(name) - {name} for name in demanded)))


def _last_used_at(way: Way) -> int:
    return way.authenticators[0].last_used_at


def _knowledge_first(way: Way) -> tuple[bool, int]:
    return way.method.kind is not Kind.KNOWLEDGE, way.method.friction


def _event(way: Way, standing: Standing, interaction: str) -> Evidence:
    """What passing a challenge of `way` now would add."""
    asked = way.authenticators[0]
    return asked.evidence(event=f"planned-{asked.id}", at=standing.now, interaction=interaction, digest=standing.digest)


def authority(authenticators: Iterable[Authenticator], *, now: int, classes: Classes) -> str | None:
    """The strongest class that the settled ones among `authenticators` can reach (S05); None without any."""
    settled = {each.id: each for each in authenticators if _authorises(each)}
    events = [each.evidence(event=each.id, at=now, interaction="") for each in settled.values()]
    return classes.strongest(reached(events, settled, now=now, active_at=now, classes=classes))


def _authorises(authenticator: Authenticator) -> bool:
    return authenticator.settled and authenticator.method in METHODS and authenticator.how.kind is not Kind.RECOVERY


def _enrolments(
    requirement: Requirement, standing: Standing, usable: list[Authenticator], interaction: str
) -> Iterator[str]:
    """Methods whose new authenticator would complete the requirement, where its enrolment can be authorised (S05)."""
    ceiling = authority(standing.authenticators.values(), now=standing.now, classes=standing.classes)
    if ceiling is None:
        return
    authorisation = require({ceiling: AUTHORISES}, classes=standing.classes)
    if not (proven(authorisation, standing) or _sequences(authorisation, standing, usable, interaction)):
        return
    for method in ENROLABLE:
        if _could_lead(requirement, standing, [*usable, _enrolled(method, ceiling, standing.now)], interaction):
            yield method.name


def _enrolled(method: Method, ceiling: str, now: int) -> Authenticator:
    """The authenticator that enrolling `method` now would give: unsettled at `ceiling` (S25)."""
    return Authenticator(
        id="enrolled-now",
        subject="",
        method=method.name,
        name="",
        created_at=now,
        material=b"",
        ceiling=ceiling,
        user_verifying=method is PASSKEY,
    )


def _could_lead(requirement: Requirement, standing: Standing, usable: list[Authenticator], interaction: str) -> bool:
    """Whether proving all of `usable` would meet the requirement: more evidence never hurts (L6)."""
    known = {**standing.authenticators, **{each.id: each for each in usable}}
    events = [_event(way, standing, interaction) for way in _ways(usable)]
    return proven(requirement, replace(standing.plus(*events), authenticators=known))
