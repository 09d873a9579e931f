"""Verdict: what was judged stands for one decision and for a time."""

from newel.domain.audit import DecisionRecord
from newel.domain.requirement import NOTHING
from newel.flows.shortfall import Shortfall
from newel.flows.verdict import Judgement, Met
from newel.policy.base import Decision

DECISION, ANOTHER = (Decision(requirement=NOTHING, policy="p") for _ in range(2))
RECORD = DecisionRecord(targets=(), policy="p", facts={}, requirement="nothing", outcome="met")
JUDGED = Judgement(demanded=NOTHING, permitted=True, short=Shortfall(), fallen=False, record=RECORD)


def test_what_was_judged_stands_from_its_second_until_the_one_that_could_change_it() -> None:
    met = Met()
    assert met.judged(DECISION, 0) is None
    met.keep(DECISION, JUDGED, 100, 160)
    assert [met.judged(DECISION, now) for now in (99, 100, 159, 160)] == [None, JUDGED, JUDGED, None]


def test_what_was_judged_of_one_decision_says_nothing_of_another_however_alike() -> None:
    met = Met()
    met.keep(DECISION, JUDGED, 100, 160)
    assert DECISION == ANOTHER
    assert met.judged(ANOTHER, 100) is None
