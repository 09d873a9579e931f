"""Solves enumerations: every requirement that some request comes to, each with a small request."""

from collections.abc import Iterator, Mapping
from typing import Any

import z3

from newel.domain.requirement import Requirement
from newel.domain.value import replace
from newel.policy.prove.demand import Demand, parts_of
from newel.policy.prove.encode import Formula, either
from newel.policy.prove.problem import NO_TIME, Enumerated, Enumeration, Late, Reached, never
from newel.policy.prove.replay import Replay, demanded
from newel.policy.prove.shrink import shrink
from newel.policy.prove.solve import Search, Unknown

SOUGHT = 12
"""Requests that are looked for to name the other rules of one outcome; each names one rule at least."""


def enumerate_outcomes(problem: Enumeration, limit: int, late: Late = never) -> Enumerated:
    """All outcomes, the least demanding first; those that were found until it is `late`.

    An outcome is the set of the parts that it includes, and each part is demanded by known rules: so the next outcome
    is one that differs from all known ones in a part.
    """
    search = Search(problem.scene, [each.condition for each in problem.demands], limit)
    demanding = dict(_parts(problem, search))
    if problem.only:
        return _these(problem, search, demanding, late)
    found: list[Reached] = []
    for _ in range(problem.most):
        if late():
            return Enumerated(outcomes=_ordered(found), incomplete=NO_TIME)
        try:
            facts = search.find()
        except Unknown as why:
            return Enumerated(outcomes=_ordered(found), incomplete=str(why))
        if facts is None:
            return Enumerated(outcomes=_ordered(found))
        outcome = _reached(problem, facts)
        different = _different(demanding, outcome.requirement)
        if any(outcome.requirement == each.requirement for each in found):
            return Enumerated(outcomes=_ordered(found), incomplete="the request found was not confirmed")
        found.append(_by_all(problem, search, outcome, z3.Not(z3.Or(different))) if problem.by_all else outcome)
        search.always(z3.Or(different))
    return Enumerated(outcomes=_ordered(found), incomplete=f"more than {problem.most} outcomes")


def _different(demanding: Mapping[Requirement, Formula], outcome: Requirement) -> list[Formula]:
    """Each way to come to another outcome."""
    return [z3.Not(formula) if part <= outcome else formula for part, formula in demanding.items()]


def _these(problem: Enumeration, search: Search, demanding: Mapping[Requirement, Formula], late: Late) -> Enumerated:
    """A request for each of the outcomes that are asked for."""
    found: list[Reached] = []
    for outcome in problem.only:
        if late():
            return Enumerated(outcomes=tuple(found), incomplete=NO_TIME)
        try:
            facts = search.find(z3.Not(z3.Or(_different(demanding, outcome))))
        except Unknown as why:
            return Enumerated(outcomes=tuple(found), incomplete=str(why))
        reached = None if facts is None else _reached(problem, facts)
        if reached is None or reached.requirement != outcome:
            return Enumerated(outcomes=tuple(found), incomplete="the request found was not confirmed")
        found.append(reached)
    return Enumerated(outcomes=tuple(found))


def _by_all(problem: Enumeration, search: Search, outcome: Reached, same: Formula) -> Reached:
    """An outcome with the other rules that match at requests which come to it (`same`)."""
    waiting = [
        each for each in problem.demands if each.rule not in outcome.rules and _counts(each, outcome.requirement)
    ]
    others: set[str] = set()
    for _ in range(SOUGHT):
        wanted = either(search.formulas.matches(each.condition) for each in waiting)
        try:
            facts = None if wanted is None else search.find(same, wanted)
        except Unknown:
            break
        if facts is None:
            waiting = []
            break
        there = Replay(problem.demands, facts)
        seen = {each.rule for each in waiting if each.test in there.true}
        if not seen or _outcome(problem, there) != outcome.requirement:
            break
        others |= seen
        waiting = [each for each in waiting if each.rule not in seen]
    named = tuple(each.rule for each in problem.demands if each.rule in others)
    return replace(outcome, others=named, more=bool(waiting))


def _counts(demand: Demand, outcome: Requirement) -> bool:
    """Whether a rule may have a part in an outcome; in a refusal, only those that refuse."""
    return demand.face.denied if outcome.denied else demand.face <= outcome


def _parts(problem: Enumeration, search: Search) -> Iterator[tuple[Requirement, Formula]]:
    """Each part that can be demanded, with a name for where it is."""
    demands = problem.demands
    for number, part in enumerate(parts_of((each.face for each in demands), problem.classes)):
        tests = {each.test: each.condition for each in demands if part <= each.face}
        name = z3.Bool(f"part {number}")
        search.always(name == either(search.formulas.matches(condition) for condition in tests.values()))
        yield part, name


def _reached(problem: Enumeration, facts: Mapping[str, Any]) -> Reached:
    """The outcome at facts, with facts as small as they may be, where that is asked."""
    start = Replay(problem.demands, facts)
    outcome = _outcome(problem, start)

    def keeps(replay: Replay) -> bool:
        return _outcome(problem, replay) == outcome

    small = shrink(problem.scene, problem.demands, facts, keeps) if problem.small else start
    rules = tuple(each.rule for each in problem.demands if each.test in small.true)
    return Reached(requirement=outcome, rules=rules, facts=small.facts)


def _outcome(problem: Enumeration, replay: Replay) -> Requirement:
    return demanded(each for each in problem.demands if each.test in replay.true)


def _ordered(found: list[Reached]) -> tuple[Reached, ...]:
    """Whatever is below another comes before it."""
    below = {each.requirement: sum(other.requirement <= each.requirement for other in found) for each in found}
    return tuple(sorted(found, key=lambda each: (below[each.requirement], each.rules)))
