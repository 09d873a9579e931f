"""Who could not comply: people who are asked, in some request of theirs, for what their authenticators cannot give.

People to whom the rules of a target say the same are asked about once. Approvals, entitlements and quota count as
given: they are not what a person has. Who may put a demand off is not locked out by it until its grace ends.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass, replace
from newel.policy.document import Document
from newel.policy.prove.alike import Alike, Directory, Owned, Person
from newel.policy.prove.demand import AT, Demand, Demands, join_faces
from newel.policy.prove.ideal import can_comply, can_meet
from newel.policy.prove.locked import LockOut, LockOuts, Share
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Enumerated, Enumeration, Reached
from newel.policy.prove.replay import matching
from newel.policy.prove.table import enumeration, outcome
from newel.policy.prove.witness import shown

_Key = tuple[str, Requirement, int | None]
MOST_CASES = 100
"""Kinds of people that are asked about at one target."""


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """People who are the same to the rules of a target; `whole` are all of its demands, `plain` has those asked about."""

    problem: Enumeration
    plain: Enumeration
    whole: tuple[Demand, ...]
    alike: Alike


def lock_outs(document: Document, people: Sequence[Person], ask: Ask, *, at: int = AT) -> LockOuts:
    """Who could not comply, by target and outcome. Witnesses lie near the time `at` (Unix seconds)."""
    demands, directory = Demands(document), Directory(people)
    unknown: dict[tuple[str, str], None] = {}
    cases = [
        case for target in demands.targets for case in _cases(document, demands, target, directory, unknown, at=at)
    ]
    answers = ask([case.problem for case in cases])
    found: dict[_Key, tuple[_Case, Reached, list[Person]]] = {}
    beyond: dict[tuple[int, Owned], list[Requirement]] = {}
    for case, answer in zip(cases, answers, strict=True):
        target = case.problem.scene.target
        why = answer.incomplete if isinstance(answer, Enumerated) else UNANSWERED
        if why:
            unknown[target, why] = None
        for reached, owned in _locked(document, case, answer, at):
            mine = beyond.setdefault((id(case.alike), owned), [])
            if any(each <= reached.requirement for each in mine):
                continue
            until = _until(case, reached, at)
            if until is None:
                mine.append(reached.requirement)
            into = found.setdefault((target, reached.requirement, until), (case, reached, []))[2]
            into.extend(case.alike.people[owned])
    everybody = _shares(people)
    told = [_lock_out(*each, everybody, until=until) for (_, _, until), each in found.items()]
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


def locked_anew(old: Document, new: Document, people: Sequence[Person], ask: Ask, *, at: int = AT) -> LockOuts:
    """Who could not comply with a policy, and could with the one before it, or was locked out by other rules."""
    if not people:
        return LockOuts(found=())
    return new_lock_outs(lock_outs(old, people, ask, at=at), lock_outs(new, people, ask, at=at))


def _enumerations(whole: Enumeration) -> Iterator[Enumeration]:
    """What is left where all is put off that may be, and then, where that is less, what is demanded in the end."""
    left = tuple(each for each in whole.demands if not each.put_off(whole.scene.at))
    if len(left) < len(whole.demands):
        yield replace(whole, demands=left)
    yield whole


def _until(case: _Case, reached: Reached, at: int) -> int | None:
    """When the first grace of an outcome ends; None where nothing of it may be put off."""
    facts = {**reached.facts, **dict(case.alike.profile)}
    graces = (each.grace for each in matching(case.plain.demands, facts) if each.put_off(at))
    return min((grace.until for grace in graces if grace is not None), default=None)


def _cases(
    document: Document,
    demands: Demands,
    target: str,
    directory: Directory,
    unknown: dict[tuple[str, str], None],
    *,
    at: int,
) -> Iterator[_Case]:
    """What is asked about a target, of each kind of people, those of whom there are most first."""
    whole = demands.at(target)
    kinds = list(directory.alike(whole))
    left = sum(sum(map(len, each.people.values())) for each in kinds[MOST_CASES:])
    if left:
        unknown[target, f"{left} people differ in more than {MOST_CASES} ways to its rules"] = None
    for plain in _enumerations(enumeration(document, demands, target, at=at)):
        for alike in kinds[:MOST_CASES]:
            yield _Case(replace(plain, demands=_known(plain.demands, whole, alike)), plain, whole, alike)


def _known(demands: Sequence[Demand], whole: Sequence[Demand], alike: Alike) -> tuple[Demand, ...]:
    """The demands as they are to some people; conditions that came to be equal count as different ones."""
    conditions = {id(each): condition for each, condition in zip(whole, alike.conditions, strict=True)}
    return tuple(
        replace(each, condition=conditions[id(each)], test=number, key=number) for number, each in enumerate(demands)
    )


def _locked(document: Document, case: _Case, answer: Answer | None, at: int) -> Iterator[tuple[Reached, Owned]]:
    """The least outcomes that people who own the same cannot meet."""
    outcomes = answer.outcomes if isinstance(answer, Enumerated) else ()
    for owned, people in case.alike.people.items():
        beyond: list[Requirement] = []
        for reached in outcomes:
            if reached.requirement.denied or any(each <= reached.requirement for each in beyond):
                continue
            facts = {**reached.facts, **dict(case.alike.profile)}
            if not _able(document, case, facts, people[0], at):
                beyond.append(reached.requirement)
                yield reached, owned


def _able(document: Document, case: _Case, facts: Mapping[str, Any], person: Person, at: int) -> bool:
    """Whether somebody can comply: by what is left when all is put off, or by the whole with its fallbacks, never both."""
    if len(case.plain.demands) < len(case.whole):
        left = join_faces(matching(case.plain.demands, facts))
        if can_meet(left, person.authenticators, document, now=at):
            return True
    return can_comply(matching(case.whole, facts), person.authenticators, document, now=at)


def _lock_out(
    case: _Case, reached: Reached, locked: Sequence[Person], everybody: Mapping[str | None, int], *, until: int | None
) -> LockOut:
    facts = {**reached.facts, **dict(case.alike.profile)}
    row = outcome(case.plain, replace(reached, facts=facts))
    target = case.plain.scene.target
    name = sha256("\0".join((target, row.text, *row.rules)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    mine = _shares(locked)
    order = sorted((group for group in mine if group), key=lambda group: (-mine[group], group))
    return LockOut(
        id=name,
        target=target,
        requirement=row.requirement,
        text=row.text,
        rules=row.rules,
        people=tuple(sorted(person.id for person in locked)),
        everybody=Share(len(locked), everybody[None]),
        groups={group: Share(mine[group], everybody[group]) for group in order},
        alone=Share(mine[NO_GROUP], everybody[NO_GROUP]),
        witness=replace(row.witness, shown=shown(case.plain.scene, facts, case.plain.demands)),
        until=until,
    )


NO_GROUP = ""


def _shares(people: Sequence[Person]) -> Mapping[str | None, int]:
    """How many people are in each group; under "" those who are in none, under None all."""
    found: Counter[str | None] = Counter()
    for person in people:
        found.update(person.groups or (NO_GROUP,))
    found[None] = len(people)
    return found
