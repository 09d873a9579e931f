"""Who could not comply: people who are asked, in some request of theirs, for what their authenticators cannot give.

People whose known facts are the same to the rules of a target are asked about once. Approvals, entitlements and quota
count as given: they are not what a person has.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from newel.domain.evidence import Authenticator
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass, replace
from newel.policy.document import Document
from newel.policy.prove.demand import AT, Demand, Demands
from newel.policy.prove.ideal import can_comply
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Enumerated, Enumeration, Reached
from newel.policy.prove.replay import matching, reads
from newel.policy.prove.substitute import known
from newel.policy.prove.table import enumeration, outcome
from newel.policy.prove.witness import Witness, shown

Profile = tuple[tuple[str, Any], ...]
LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the directory: what is known of them as facts (`subject.id`, `subject.groups`, …), their groups, and
    what they have enrolled.
    """

    id: str
    facts: Mapping[str, Any]
    groups: frozenset[str] = frozenset()
    authenticators: tuple[Authenticator, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """Who cannot meet one outcome of a target. `groups` gives, for each group, how many of how many; "" is everybody."""

    id: str
    target: str
    requirement: Requirement
    text: str
    rules: tuple[str, ...]
    people: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]
    witness: Witness

    def lines(self) -> tuple[str, ...]:
        """It as a terminal shows it."""
        counts = ", ".join(f"{some} of {every} in {name}" for name, (some, every) in self.groups.items() if name)
        some, every = self.groups[""]
        who = ", ".join(self.people[:LISTED]) + (
            f" and {len(self.people) - LISTED} more" if len(self.people) > LISTED else ""
        )
        first = f"lock-out [{self.id}] {self.target}: {some} of {every} people cannot meet {self.text}"
        said = [first, f"  {counts}"] if counts else [first]
        return (*said, f"  {who}", *(f"  {line}" for line in self.witness.lines()))

    def as_json(self) -> Mapping[str, Any]:
        """It for a machine."""
        return {
            "id": self.id,
            "target": self.target,
            "requirement": self.text,
            "rules": list(self.rules),
            "people": list(self.people),
            "groups": {name: {"locked_out": some, "of": every} for name, (some, every) in self.groups.items()},
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOuts:
    """All lock-outs; targets that could not be looked at to the end are named in `unknown` with the reason."""

    found: tuple[LockOut, ...]
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """People who are the same to the rules of a target."""

    problem: Enumeration
    plain: Enumeration
    profile: Profile
    people: tuple[Person, ...]


def lock_outs(document: Document, people: Sequence[Person], ask: Ask, *, at: int = AT) -> LockOuts:
    """Who could not comply, by target and outcome. Witnesses lie near the time `at` (Unix seconds)."""
    demands = Demands(document)
    cases = [
        case for target in demands.targets for case in _cases(enumeration(document, demands, target, at=at), people)
    ]
    answers = ask([case.problem for case in cases])
    found: dict[tuple[str, Requirement], tuple[_Case, Reached, list[Person]]] = {}
    unknown: dict[tuple[str, str], None] = {}
    for case, answer in zip(cases, answers, strict=True):
        why = answer.incomplete if isinstance(answer, Enumerated) else UNANSWERED
        if why:
            unknown[case.problem.scene.target, why] = None
        for reached, person in _locked(document, case, answer, at):
            key = case.problem.scene.target, reached.requirement
            found.setdefault(key, (case, reached, []))[2].append(person)
    told = (_lock_out(case, reached, locked, people) for case, reached, locked in found.values())
    return LockOuts(
        found=tuple(sorted(told, key=lambda each: (each.target, -len(each.people)))), unknown=tuple(unknown)
    )


def new_lock_outs(before: LockOuts, after: LockOuts) -> tuple[LockOut, ...]:
    """The lock-outs of people who were not locked out by the same rules before."""
    known = {each.id: each.people for each in before.found}
    return tuple(each for each in after.found if not {*each.people} <= {*known.get(each.id, ())})


def _cases(plain: Enumeration, people: Sequence[Person]) -> Iterator[_Case]:
    read = frozenset().union(*(reads(each.condition) for each in plain.demands))
    alike: dict[Profile, list[Person]] = {}
    for person in people:
        profile = tuple(sorted((name, value) for name, value in person.facts.items() if name in read))
        alike.setdefault(profile, []).append(person)
    for profile, group in alike.items():
        yield _Case(replace(plain, demands=_known(plain.demands, dict(profile))), plain, profile, tuple(group))


def _known(demands: Sequence[Demand], facts: Mapping[str, Any]) -> tuple[Demand, ...]:
    """The demands as they are to somebody; conditions that came to be equal count as different ones."""
    return tuple(
        replace(each, condition=known(each.condition, facts), test=number, key=number)
        for number, each in enumerate(demands)
    )


def _locked(document: Document, case: _Case, answer: Answer | None, at: int) -> Iterator[tuple[Reached, Person]]:
    """Each person with the least outcomes that they cannot meet."""
    outcomes = answer.outcomes if isinstance(answer, Enumerated) else ()
    able: dict[tuple[Requirement, tuple[tuple[object, ...], ...]], bool] = {}
    for person in case.people:
        beyond: list[Requirement] = []
        for reached in outcomes:
            if reached.requirement.denied or any(each <= reached.requirement for each in beyond):
                continue
            key = reached.requirement, _owned(person)
            if key not in able:
                facts = {**reached.facts, **dict(case.profile)}
                able[key] = can_comply(matching(case.plain.demands, facts), person.authenticators, document, now=at)
            if not able[key]:
                beyond.append(reached.requirement)
                yield reached, person


def _owned(person: Person) -> tuple[tuple[object, ...], ...]:
    """What is decisive about somebody's authenticators."""
    kinds = {
        (each.method, each.ceiling or "", each.user_verifying, each.device_bound, each.attested)
        for each in person.authenticators
    }
    return tuple(sorted(kinds))


def _lock_out(case: _Case, reached: Reached, locked: Sequence[Person], people: Sequence[Person]) -> LockOut:
    facts = {**reached.facts, **dict(case.profile)}
    row = outcome(case.plain, replace(reached, facts=facts))
    groups = sorted({group for person in locked for group in person.groups})
    counts = {group: (_members(locked, group), _members(people, group)) for group in groups}
    target = case.plain.scene.target
    name = sha256("\0".join((target, row.text, *row.rules)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return LockOut(
        id=name,
        target=target,
        requirement=row.requirement,
        text=row.text,
        rules=row.rules,
        people=tuple(sorted(person.id for person in locked)),
        groups={"": (len(locked), len(people)), **counts},
        witness=replace(row.witness, shown=shown(case.plain.scene, facts, case.plain.demands)),
    )


def _members(people: Sequence[Person], group: str) -> int:
    return sum(group in person.groups for person in people)
