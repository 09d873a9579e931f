"""What showed a loss at one target is offered at the next, and judged there anew."""

from collections.abc import Sequence

import pytest
from server.tests.unit.policy.prove.small import shop

from newel.policy.document import Document
from newel.policy.prove import compare
from newel.policy.prove.answers import answer
from newel.policy.prove.diff import diff
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Answer, Problem
from newel.policy.prove.solve import Search

RISK = ("risk.score >= 80", "risk.score >= 90")


class Asked:
    """Answers problems, and counts what the solver was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, remembering: bool) -> None:
        self.questions = 0
        self._precedents = Precedents() if remembering else None
        find = Search.find

        def counted(search: Search, *wanted: object) -> object:
            self.questions += 1
            return find(search, *wanted)

        monkeypatch.setattr(compare.Search, "find", counted)

    def __call__(self, problems: Sequence[Problem]) -> Sequence[Answer | None]:
        return [answer(problem, precedents=self._precedents) for problem in problems]


def both(monkeypatch: pytest.MonkeyPatch, new: Document) -> tuple[Asked, Asked]:
    """What it costs with memory and without it; the findings are the same but for the requests that show them."""
    asked = []
    for remembering in (True, False):
        with monkeypatch.context() as patch:
            each = Asked(patch, remembering=remembering)
            asked.append((each, diff(shop(), new, each)))
    (one, found), (other, expected) = asked
    assert [(each.id, each.targets, each.certain) for each in found] == [
        (each.id, each.targets, each.certain) for each in expected
    ]
    return one, other


def test_a_rule_for_many_targets_is_shown_by_one_question_and_found_at_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remembering, forgetting = both(monkeypatch, shop(RISK))
    assert remembering.questions < forgetting.questions / 2


def test_where_another_rule_demands_as_much_nothing_is_lost_whatever_was_shown_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both(monkeypatch, shop(RISK, ("when: ctx.amount > 1000\n", "when: ctx.amount > 0\n")))
