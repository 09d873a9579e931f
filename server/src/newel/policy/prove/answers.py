"""Solves problems. Nothing else that asks needs the extra `newel[prove]`."""

import z3

from newel.policy.prove.claim import judge
from newel.policy.prove.compare import compare
from newel.policy.prove.inspect import inspect
from newel.policy.prove.outcomes import enumerate_outcomes
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Answer, Claim, Comparison, Enumeration, Late, Problem, never
from newel.policy.prove.solve import QUERY


def answer(
    problem: Problem, limit: int = QUERY, precedents: Precedents | None = None, late: Late = never
) -> Answer | None:
    """The answer to one problem; None where the solver gave up. One question to it may take `limit` milliseconds.

    `precedents` are those of the problems before it, asked in one go. What has many parts is answered in part once it
    is `late`.
    """
    try:
        return _answer(problem, limit, precedents, late)
    except (z3.Z3Exception, RecursionError, MemoryError):
        return None


def _answer(problem: Problem, limit: int, precedents: Precedents | None, late: Late) -> Answer:
    match problem:
        case Comparison():
            return compare(problem, limit, precedents)
        case Claim():
            return judge(problem, limit)
        case Enumeration():
            return enumerate_outcomes(problem, limit, late)
        case _:
            return inspect(problem, limit, late)
