"""All answers in this process, however long they take."""

from collections.abc import Sequence

from newel.policy.prove.answers import answer
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Answer, Problem


def answer_all(problems: Sequence[Problem]) -> Sequence[Answer | None]:
    """The answers to all problems, in their order."""
    precedents = Precedents()
    return [answer(problem, precedents=precedents) for problem in problems]
