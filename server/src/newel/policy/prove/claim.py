"""Solves claims: what is demanded at least, and at most, wherever a condition is true."""

from collections.abc import Mapping, Sequence
from typing import Any

import z3

from newel.domain.assurance import Classes
from newel.domain.requirement import NOTHING, Requirement, join_all
from newel.domain.value import replace
from newel.policy.lang.core import TRUE, Core
from newel.policy.prove.demand import Demand, parts_of
from newel.policy.prove.encode import Encoder, Formula
from newel.policy.prove.problem import Claim, Judged
from newel.policy.prove.replay import Replay, assured, holds, matching
from newel.policy.prove.shrink import shrink
from newel.policy.prove.solve import Search, Unknown

CONDITION = -1
"""The number of a claim's condition among the tests of the demands."""


def judge(problem: Claim, limit: int) -> Judged:
    """Whether a claim holds."""
    search = Search(problem.scene, [problem.condition, *(each.condition for each in problem.demands)], limit)
    speaks = search.formulas.holds(problem.condition)
    try:
        facts = search.find(speaks, z3.Or(_broken(problem, search.formulas)))
        if facts is None:
            empty = problem.condition != TRUE and search.find(speaks) is None
            return Judged(state="proved", vacuous=empty)
    except Unknown as why:
        return Judged(state="unknown", reason=str(why))
    if not broken(problem, facts):
        return Judged(state="unknown", reason="the request found was not confirmed")
    return Judged(state="refuted", facts=_small(problem, facts))


def _broken(problem: Claim, formulas: Encoder) -> list[Formula]:
    """Each way to break a claim."""
    ways: list[Formula] = []
    if problem.at_least is not None:
        ways += shortfalls(problem.demands, problem.at_least, problem.classes, formulas)
    if problem.at_most is not None:
        most = problem.at_most
        ways += [formulas.matches(each.condition) for each in problem.demands if not each.most <= most]
    return ways


def shortfalls(demands: Sequence[Demand], least: Requirement, classes: Classes, formulas: Encoder) -> list[Formula]:
    """For each part of `least`: that no demand which includes it matches."""
    ways: list[Formula] = []
    for part in parts_of([least], classes):
        tests = {each.test: each.condition for each in demands if part <= each.floor}
        ways.append(z3.And([z3.Not(formulas.matches(condition)) for condition in tests.values()]))
    return ways


def broken(problem: Claim, facts: Mapping[str, Any]) -> bool:
    """Whether the evaluator sees a claim broken."""
    if not holds(problem.condition, facts):
        return False
    matched = matching(problem.demands, facts)
    return _breaks(problem, matched)


def _breaks(problem: Claim, matched: Sequence[Demand]) -> bool:
    if problem.at_least is not None and not problem.at_least <= assured(matched):
        return True
    return problem.at_most is not None and not join_all(each.most for each in matched) <= problem.at_most


def _small(problem: Claim, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    demands = (*problem.demands, *_pseudo(problem.demands, problem.condition))

    def keeps(replay: Replay) -> bool:
        if CONDITION in replay.true or not problem.demands:
            matched = [each for each in problem.demands if each.test in replay.true]
            return _breaks(problem, matched) and holds(problem.condition, replay.facts)
        return False

    return shrink(problem.scene, demands, facts, keeps).facts


def _pseudo(demands: Sequence[Demand], condition: Core) -> Sequence[Demand]:
    """The condition of a claim as a demand of nothing, so that its facts are looked at too."""
    return [
        replace(each, condition=condition, test=CONDITION, key=CONDITION, face=NOTHING, floor=NOTHING, most=NOTHING)
        for each in demands[:1]
    ]
