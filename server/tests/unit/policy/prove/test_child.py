"""Solving in a process of its own: the same answers, in bounded time."""

import multiprocessing
import time

import pytest
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import shop

from newel.cli import prove_child
from newel.cli.prove_child import Child, NoSolver, Time, asker, solve, work
from newel.domain.assurance import SHIPPED
from newel.domain.requirement import DENY
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import Constant, Core, Read
from newel.policy.prove.demand import Scene
from newel.policy.prove.invariants import prove
from newel.policy.prove.problem import Claim, Judged

SECONDS = 60.0


def remainder(place: int, most: int) -> Core:
    """One of many remainders of one sum."""
    whole: Core = Read("x.0")
    for number in range(most):
        part = core.Arithmetic("%", Read(f"x.{number}"), Constant(9973 + 2 * number, "int"))
        whole = core.Arithmetic("+", whole, core.Arithmetic("*", part, Constant(7919 * place + 13 * number, "int")))
    return core.Compare("==", core.Arithmetic("%", whole, Constant(10007 + place, "int")), Constant(17 * place, "int"))


def hard(most: int) -> Claim:
    """A question about remainders of sums of remainders."""
    facts = {f"x.{number}": Fact(name=f"x.{number}", kind="int", low=0, high=10**15) for number in range(most)}
    return Claim(
        scene=Scene(target="a:b", facts=facts, counters=()),
        demands=(),
        condition=core.Every(tuple(remainder(place, most) for place in range(most))),
        at_least=DENY,
        at_most=None,
        classes=SHIPPED,
    )


def test_a_child_answers_as_this_process_does() -> None:
    heard: list[tuple[int, int]] = []
    ask = asker(SECONDS, lambda done, most: heard.append((done, most)))
    assert prove(shop(), ask) == prove(shop(), answer_all)
    assert heard == [(1, 2), (2, 2)]


def test_what_is_too_hard_is_unknown_in_time_and_stops_nothing_else() -> None:
    facts = {"x.0": Fact(name="x.0", kind="bool")}
    easy = Claim(
        scene=Scene(target="a:b", facts=facts, counters=()),
        demands=(),
        condition=core.Every((Read("x.0"), core.Negation(Read("x.0")))),
        at_least=DENY,
        at_most=None,
        classes=SHIPPED,
    )

    def settled_in_time(seconds: float) -> bool:
        began = time.monotonic()
        answers = solve([hard(24), easy], seconds, patience=seconds / 8)
        in_time = time.monotonic() - began < 2.5 * seconds
        return in_time and answers == [None, Judged(state="proved", vacuous=True)]

    # A slow machine needs more of it to start two processes.
    assert any(map(settled_in_time, (4.0, 12.0, 36.0)))


def test_nothing_to_ask_starts_nothing() -> None:
    assert solve([]) == ()


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_child, "find_spec", lambda _name: None)
    with pytest.raises(NoSolver, match=r"newel\[prove\]"):
        solve([hard(2)])


def test_a_child_that_has_ended_says_no_more() -> None:
    with Child([hard(1)], Time(1000)) as child:
        assert child.ready(SECONDS)
        assert isinstance(child.answer(SECONDS), Judged)
        assert child.alive
        assert child.answer(SECONDS) is None
        assert not child.alive


def test_the_child_answers_in_order() -> None:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    work(theirs, (hard(1), hard(1)), Time(1000))
    assert [ours.recv() for _ in range(3)] == [None, *answer_all([hard(1), hard(1)])]
    ours.close()
    theirs.close()


def test_a_child_that_does_not_start_has_no_answer() -> None:
    assert solve([hard(1), hard(1)], 0.001) == [None, None]
