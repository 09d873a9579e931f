"""What showed a loss at one target is offered at the next, and judged there anew."""

from collections.abc import Sequence

import pytest
from server.tests.unit.policy.prove.small import COUNTER, FACTS, TARGET, document, number, rule, shop

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import require
from newel.domain.value import replace
from newel.policy.document import Counter, Document
from newel.policy.lang import core
from newel.policy.lang.core import Read
from newel.policy.message import Source
from newel.policy.prove.answers import answer
from newel.policy.prove.compare import compare
from newel.policy.prove.demand import Demands, Numbers, Scene
from newel.policy.prove.diff import diff
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Answer, Comparison, Problem
from newel.policy.prove.solve import Search
from newel.policy.read.document import read_document

RISK = ("risk.score >= 80", "risk.score >= 90")
STRONG = require({"phr": 60})
LARGE = core.Compare(">", Read("x.n"), number(9))
NONE_COUNTED = core.Compare("==", Read("velocity.v"), number(0))


class Asked:
    """Answers problems, and counts what the solver was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, remembering: bool) -> None:
        self.questions = 0
        self._precedents = Precedents() if remembering else None
        find = Search.find

        def counted(search: Search, *wanted: object) -> object:
            self.questions += 1
            return find(search, *wanted)

        monkeypatch.setattr(Search, "find", counted)

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


def comparison(condition: core.Compare, bounds: tuple[int, int], counters: tuple[Counter, ...] = ()) -> Comparison:
    """A rule whose condition no number meets any more."""
    numbers = Numbers()
    old = Demands(document(rule("r", condition, STRONG)), numbers)
    new = Demands(document(rule("r", replace(condition, sign=">", right=number(99)), STRONG)), numbers)
    low, high = bounds
    facts = {**FACTS, "x.n": replace(FACTS["x.n"], low=low, high=high)}
    scene = Scene(target=TARGET, facts=facts, counters=counters)
    return Comparison(scene=scene, before=old.at(TARGET), after=new.at(TARGET), classes=(SHIPPED, SHIPPED))


def test_what_is_impossible_where_a_fact_has_another_range_may_be_possible_here() -> None:
    precedents = Precedents()
    found = [
        compare(comparison(LARGE, bounds), 10_000, precedents).weaker for bounds in ((0, 2), (0, 50), (0, 2), (0, 50))
    ]
    assert [[loss.rule for loss in losses] for losses in found] == [[], ["r"], [], ["r"]]


def test_what_is_impossible_where_a_counter_counts_the_request_may_be_possible_where_it_does_not() -> None:
    precedents = Precedents()
    found = [
        compare(comparison(NONE_COUNTED, (0, 2), counters), 10_000, precedents).weaker
        for counters in ((replace(COUNTER, kind="count"),), ())
    ]
    assert [[loss.rule for loss in losses] for losses in found] == [[], ["r"]]


GONE = """
newel: 1
name: gone
schema: {facts: {flag: bool}, resources: {a.b: {actions: [c, d]}}}
rules:
  - id: taken
    on: a.b:*
    require: {evidence: {phr: session}}
    fallback: {when: cannot_meet, require: {evidence: {aal2: 10m}}}
  - id: other
    on: a.b:c
    require: {evidence: {aal3: session}}
    fallback: {when: cannot_meet, require: {evidence: {aal1: session}}}
"""


def test_what_who_falls_back_loses_at_one_target_is_judged_anew_at_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    fallback = "    fallback: {when: cannot_meet, require: {evidence: {aal2: 10m}}}\n"
    old, new = (read_document([Source.of("p.yaml", text)]) for text in (GONE, GONE.replace(fallback, "")))
    found = [each for each in diff(old, new, Asked(monkeypatch, remembering=True)) if each.direction == "weaker"]
    assert [(each.rule, each.targets) for each in found] == [("taken", ("a.b:c",))]
    assert "where that cannot be met, no longer demanded: aal2 within 10m" in found[0].what


def test_facts_that_are_no_request_at_the_next_target_are_not_offered_there() -> None:
    precedents = Precedents()
    first, second = (comparison(LARGE, bounds) for bounds in ((0, 50), (0, 20)))
    (loss,) = compare(first, 10_000, precedents).weaker
    (demand,) = second.before
    assert precedents.facts(demand, "face", first.scene, first.before) == loss.facts
    assert precedents.facts(demand, "face", second.scene, second.before) is None
    assert Precedents().facts(demand, "face", second.scene, second.before) is None
