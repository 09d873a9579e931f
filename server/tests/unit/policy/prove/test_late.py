"""What there is no time for: it is said, and what was found by then is told all the same."""

from collections.abc import Callable
from itertools import count

import pytest
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import shop

from newel.cli import prove_child
from newel.cli.prove_child import Child, Time
from newel.domain.requirement import NOTHING, require
from newel.domain.value import replace
from newel.policy.prove.answers import answer
from newel.policy.prove.audit import audit
from newel.policy.prove.demand import Demands
from newel.policy.prove.problem import (
    NO_TIME,
    Ask,
    Enumerated,
    Enumeration,
    Inspected,
    Late,
    Reached,
    better,
)
from newel.policy.prove.table import enumeration

TARGET = "shop.order:pay"
USELESS = ("  - id: large\n", "  - id: again\n    on: shop.order:pay\n    require: signed\n  - id: large\n")


def after(questions: int) -> Late:
    """A clock that is late once it was asked so often."""
    looked = count()
    return lambda: next(looked) >= questions


def question() -> Enumeration:
    """What can be demanded at the shop's richest target?"""
    return enumeration(shop(), Demands(shop()), TARGET)


def asking(late: Callable[[], Late]) -> Ask:
    """All answers in this process, each with a clock of its own."""
    return lambda problems: [answer(problem, late=late()) for problem in problems]


def test_outcomes_that_were_found_in_time_are_told_and_that_some_lack() -> None:
    whole = answer(question())
    some = answer(question(), late=after(2))
    assert isinstance(whole, Enumerated)
    assert isinstance(some, Enumerated)
    assert (len(some.outcomes), some.incomplete) == (2, NO_TIME)
    assert {each.requirement for each in some.outcomes} < {each.requirement for each in whole.outcomes}


def test_an_audit_tells_what_it_found_in_time_and_says_what_it_did_not_look_at() -> None:
    document = shop(USELESS)
    whole = audit(document, answer_all)
    some = audit(document, asking(lambda: after(4)))
    unknown = [each for each in some if each.kind == "unknown"]
    assert {each.id for each in some} - {each.id for each in unknown} < {each.id for each in whole}
    assert all(NO_TIME in each.what for each in unknown)
    assert any("rules change anything" in each.what for each in unknown)
    nothing = audit(document, asking(lambda: lambda: True))
    assert not [each for each in nothing if each.kind in {"dead", "shadowed", "redundant"}]


def test_of_two_answers_the_one_that_tells_more_is_kept() -> None:
    reached = Reached(requirement=NOTHING, rules=(), facts={})
    less, more = Enumerated(outcomes=(), incomplete=NO_TIME), Enumerated(outcomes=(reached,), incomplete=NO_TIME)
    whole = Enumerated(outcomes=())
    assert better(more, None) is better(more, less) is better(less, more) is better(None, more) is more
    assert better(more, whole) is whole
    few = Inspected(dead=(), covered={}, below=None, absent=(), rising=(), unknown=("x",))
    many = Inspected(dead=("r",), covered={}, below=None, absent=(), rising=(), unknown=("x",))
    assert better(many, few) is better(few, many) is many


def test_a_child_answers_before_its_time_is_up() -> None:
    given = Time(limit=1000, patience=5.0, end=200.0)
    assert not given.late(100.0, 103.6)
    assert given.late(100.0, 103.8)
    assert not given.late(197.0, 198.6)
    assert given.late(198.0, 198.8)
    assert Time(limit=10_000, patience=0.5).late(0.0, 0.3)
    assert not Time(1000).late(0.0, 1e9)


def test_while_a_question_takes_long_it_is_told_again_how_many_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_child, "TICK", 0.01)
    waited: list[None] = []
    with Child([question()], Time(1000), lambda: waited.append(None)) as child:
        assert child.ready(60.0)
        assert isinstance(child.answer(60.0), Enumerated)
    assert waited


def test_outcomes_that_are_known_are_asked_for_one_by_one() -> None:
    whole = answer(question())
    assert isinstance(whole, Enumerated)
    wanted = tuple(each.requirement for each in whole.outcomes[1::2])
    found = answer(replace(question(), only=wanted))
    assert isinstance(found, Enumerated)
    assert (tuple(each.requirement for each in found.outcomes), found.incomplete) == (wanted, "")
    large = answer(replace(question(), small=False))
    assert isinstance(large, Enumerated)
    assert {each.requirement for each in large.outcomes} == {each.requirement for each in whole.outcomes}
    gone = answer(replace(question(), only=(require({"aal3": 1}),)))
    assert isinstance(gone, Enumerated)
    assert (gone.outcomes, gone.incomplete) == ((), "the request found was not confirmed")
