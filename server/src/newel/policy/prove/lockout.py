"""Who could not comply: people who are asked, in some request of theirs, for what their authenticators cannot give.

People whose known facts are the same to the rules of a target are asked about once. Approvals, entitlements and quota
count as given: they are not what a person has. Who may put a demand off is not locked out by it until its grace ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from newel.domain.evidence import Authenticator
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass, replace
from newel.policy.document import Document
from newel.policy.prove.demand import AT, Demand, Demands, join_faces
from newel.policy.prove.ideal import can_comply, can_meet
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Enumerated, Enumeration, Reached
from newel.policy.prove.replay import matching, reads
from newel.policy.prove.substitute import known
from newel.policy.prove.table import enumeration, outcome
from newel.policy.prove.witness import Witness, shown
from newel.policy.words import instant_text

Profile = tuple[tuple[str, Any], ...]
_Key = tuple[str, Requirement, int | None]
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
    """Who cannot meet one outcome of a target. `groups` gives, for each group, how many of how many; "" is everybody.

    `until` is the time (Unix seconds) up to which these people may put it off, None where they may not.
    """

    id: str
    target: str
    requirement: Requirement
    text: str
    rules: tuple[str, ...]
    people: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]
    witness: Witness
    until: int | None = None

    def lines(self) -> tuple[str, ...]:
        """It as a terminal shows it."""
        counts = ", ".join(f"{some} of {every} in {name}" for name, (some, every) in self.groups.items() if name)
        some, every = self.groups[""]
        who = ", ".join(self.people[:LISTED]) + (
            f" and {len(self.people) - LISTED} more" if len(self.people) > LISTED else ""
        )
        cannot = f"{some} of {every} people cannot meet {self.text}"
        first = f"lock-out [{self.id}] {self.target}: {cannot}"
        if self.until is not None:
            first = f"note: {self.target}: can be put off until {instant_text(self.until)}, then {cannot}"
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
            "put_off_until": None if self.until is None else instant_text(self.until),
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOuts:
    """All lock-outs; targets that could not be looked at to the end are named in `unknown` with the reason.

    `later` are those that come when a grace ends.
    """

    found: tuple[LockOut, ...]
    later: tuple[LockOut, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """People who are the same to the rules of a target; `whole` are all of its demands, `plain` has those asked about."""

    problem: Enumeration
    plain: Enumeration
    whole: tuple[Demand, ...]
    profile: Profile
    people: tuple[Person, ...]


def lock_outs(document: Document, people: Sequence[Person], ask: Ask, *, at: int = AT) -> LockOuts:
    """Who could not comply, by target and outcome. Witnesses lie near the time `at` (Unix seconds)."""
    demands = Demands(document)
    cases = [
        case
        for target in demands.targets
        for plain in _enumerations(enumeration(document, demands, target, at=at))
        for case in _cases(plain, demands.at(target), people)
    ]
    answers = ask([case.problem for case in cases])
    found: dict[_Key, tuple[_Case, Reached, list[Person]]] = {}
    beyond: dict[tuple[str, str], list[Requirement]] = {}
    unknown: dict[tuple[str, str], None] = {}
    for case, answer in zip(cases, answers, strict=True):
        target = case.problem.scene.target
        why = answer.incomplete if isinstance(answer, Enumerated) else UNANSWERED
        if why:
            unknown[target, why] = None
        for reached, person in _locked(document, case, answer, at):
            mine = beyond.setdefault((target, person.id), [])
            if any(each <= reached.requirement for each in mine):
                continue
            until = _until(case, reached, at)
            if until is None:
                mine.append(reached.requirement)
            found.setdefault((target, reached.requirement, until), (case, reached, []))[2].append(person)
    told = [_lock_out(*each, people, until=until) for (_, _, until), each in found.items()]
    told.sort(key=lambda each: (each.target, -len(each.people)))
    return LockOuts(
        found=tuple(each for each in told if each.until is None),
        later=tuple(each for each in told if each.until is not None),
        unknown=tuple(unknown),
    )


def new_lock_outs(before: LockOuts, after: LockOuts) -> LockOuts:
    """The lock-outs of people who were not locked out by the same rules before, now or later."""
    known = {each.id: {*each.people} for each in before.found}
    soon = {each.id: {*each.people} for each in before.later if each.id not in known}
    return replace(
        after,
        found=tuple(each for each in after.found if not {*each.people} <= known.get(each.id, set())),
        later=tuple(each for each in after.later if not {*each.people} <= {**soon, **known}.get(each.id, set())),
    )


def _enumerations(whole: Enumeration) -> Iterator[Enumeration]:
    """What is left where all is put off that may be, and then, where that is less, what is demanded in the end."""
    left = tuple(each for each in whole.demands if not each.put_off(whole.scene.at))
    if len(left) < len(whole.demands):
        yield replace(whole, demands=left)
    yield whole


def _until(case: _Case, reached: Reached, at: int) -> int | None:
    """When the first grace of an outcome ends; None where nothing of it may be put off."""
    facts = {**reached.facts, **dict(case.profile)}
    graces = (each.grace for each in matching(case.plain.demands, facts) if each.put_off(at))
    return min((grace.until for grace in graces if grace is not None), default=None)


def _cases(plain: Enumeration, whole: tuple[Demand, ...], people: Sequence[Person]) -> Iterator[_Case]:
    read = frozenset().union(*(reads(each.condition) for each in whole))
    alike: dict[Profile, list[Person]] = {}
    for person in people:
        profile = tuple(sorted((name, value) for name, value in person.facts.items() if name in read))
        alike.setdefault(profile, []).append(person)
    for profile, group in alike.items():
        yield _Case(replace(plain, demands=_known(plain.demands, dict(profile))), plain, whole, profile, tuple(group))


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
                able[key] = _able(document, case, facts, person, at)
            if not able[key]:
                beyond.append(reached.requirement)
                yield reached, person


def _able(document: Document, case: _Case, facts: Mapping[str, Any], person: Person, at: int) -> bool:
    """Whether somebody can comply: by what is left when all is put off, or by the whole with its fallbacks, never both."""
    if len(case.plain.demands) < len(case.whole):
        left = join_faces(matching(case.plain.demands, facts))
        if can_meet(left, person.authenticators, document, now=at):
            return True
    return can_comply(matching(case.whole, facts), person.authenticators, document, now=at)


def _owned(person: Person) -> tuple[tuple[object, ...], ...]:
    """What is decisive about somebody's authenticators."""
    kinds = {
        (each.method, each.ceiling or "", each.user_verifying, each.device_bound, each.attested)
        for each in person.authenticators
    }
    return tuple(sorted(kinds))


def _lock_out(
    case: _Case, reached: Reached, locked: Sequence[Person], people: Sequence[Person], *, until: int | None
) -> LockOut:
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
        until=until,
    )


def _members(people: Sequence[Person], group: str) -> int:
    return sum(group in person.groups for person in people)
