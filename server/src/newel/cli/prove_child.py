"""Solves problems about a policy in a process of its own, with a limit of time and of memory.

1. The child is a fresh process (`spawn`): nothing of the parent's is in it but the problems. It answers in order.
2. At first each problem gets `PATIENCE` seconds. A child that has not answered by then is killed, and another goes on
   with the next: the solver does not always heed its own limit.
3. Whatever was not settled shares the time that is left. What is not there when time is up has no answer.
4. A child knows its time too, and answers in part before it is killed, where a part is of use.
"""

import math
import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from newel.cli.refusal import installing
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Answer, Ask, Late, Problem, better, settled

SECONDS = 60.0
PATIENCE = 5.0
QUICK, QUERY = 1000, 10_000
"""Milliseconds for one question to the solver: at first, and where that was not enough."""
MEMORY = 2048
"""Megabytes that the solver may take."""
TICK = 5.0
"""Seconds after which it is told again how many questions are answered, though there is no news."""
ANSWERS = "newel.policy.prove.answers"
Told = Callable[[int, int], None]


class NoSolver(RuntimeError):
    """The extra `newel[prove]` is not installed."""


def asker(seconds: float = SECONDS, told: Told | None = None, *, patience: float = PATIENCE) -> Ask:
    """What solves problems within `seconds` in all; `told` hears how many of how many are answered. NoSolver."""

    def ask(problems: Sequence[Problem]) -> Sequence[Answer | None]:
        return solve(problems, seconds, told, patience=patience)

    return ask


def solve(
    problems: Sequence[Problem], seconds: float = SECONDS, told: Told | None = None, *, patience: float = PATIENCE
) -> Sequence[Answer | None]:
    """The answers, None where there was none within `seconds`. NoSolver where the solver is not installed."""
    if not problems:
        return ()
    if find_spec("z3") is None:
        raise NoSolver(f"proofs need the solver: {installing('prove')}")
    run = _Run(problems, time.monotonic() + seconds, told)
    open_ones = run.through(range(len(problems)), patience, QUICK)
    if open_ones and run.left > 0:
        run.through(open_ones, run.left / len(open_ones), QUERY)
    return [run.answers.get(number) for number in range(len(problems))]


@dataclass(slots=True, eq=False)
class _Run:
    """One set of problems, to be solved by `end`."""

    problems: Sequence[Problem]
    end: float
    told: Told | None
    answers: dict[int, Answer | None] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return self.end - time.monotonic()

    def through(self, numbers: Sequence[int], patience: float, limit: int) -> list[int]:
        """Go through some problems; gives back those that are not settled."""
        waiting, open_ones = list(numbers), []
        while waiting and self.left > 0:
            time_given = Time(limit, patience, self.end)
            with Child([self.problems[number] for number in waiting], time_given, self._tell) as child:
                if not child.ready(self.left):
                    break
                while waiting:
                    number = waiting.pop(0)
                    answer = child.answer(min(patience, self.left))
                    if not settled(answer):
                        open_ones.append(number)
                    if answer is None and not child.alive:
                        break
                    self._keep(number, answer)
        return open_ones + waiting

    def _keep(self, number: int, answer: Answer | None) -> None:
        self.answers[number] = better(self.answers.get(number), answer)
        self._tell()

    def _tell(self) -> None:
        if self.told is not None:
            self.told(len(self.answers), len(self.problems))


@dataclass(frozen=True, slots=True)
class Time:
    """What a child may take: milliseconds for one question to the solver, seconds for one problem, and until when at all
    (on the monotonic clock, which all processes share).
    """

    limit: int
    patience: float = math.inf
    end: float = math.inf

    def late(self, began: float, now: float) -> bool:
        """Whether a problem that `began` should be answered `now`: one more question might not come to its end."""
        spare = min(1.3 * self.limit / 1000, self.patience / 2)
        return now > min(began + self.patience, self.end) - spare


def _nothing() -> None:
    """Tell nobody."""


class Child:
    """A process that answers problems in order."""

    def __init__(self, problems: Sequence[Problem], time_given: Time, waiting: Callable[[], None] = _nothing) -> None:
        context = multiprocessing.get_context("spawn")
        self._waiting = waiting
        self._answers, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=run, args=(theirs, tuple(problems), time_given), daemon=True)
        self._process.start()
        theirs.close()
        self.alive = True

    def ready(self, seconds: float) -> bool:
        """Whether it has started: what it needs takes a while to load, and no problem pays for that."""
        self.answer(seconds)
        return self.alive

    def answer(self, seconds: float) -> Answer | None:
        """The next answer; None where the solver has none. Without any in time, or in this life, `alive` ends."""
        try:
            if self._arrives(time.monotonic() + seconds):
                received: Answer | None = self._answers.recv()
                return received
        except EOFError:
            pass
        self.alive = False
        return None

    def _arrives(self, end: float) -> bool:
        """Whether there is an answer, or the child's end, before `end`; from time to time it is told that it takes long."""
        while not self._answers.poll(max(0.0, min(TICK, end - time.monotonic()))):
            if time.monotonic() >= end:
                return False
            self._waiting()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._answers.close()


def run(answers: Connection, problems: tuple[Problem, ...], time_given: Time) -> None:
    """The child: an interrupt is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work(answers, problems, time_given)


def work(answers: Connection, problems: tuple[Problem, ...], time_given: Time) -> None:
    """Say that all is loaded, then answer problems in order."""
    import_module("z3").set_param("memory_max_size", MEMORY)
    answer = import_module(ANSWERS).answer
    answers.send(None)
    precedents = Precedents()
    for problem in problems:
        answers.send(answer(problem, time_given.limit, precedents, _clock(time_given, time.monotonic())))


def _clock(time_given: Time, began: float) -> Late:
    return lambda: time_given.late(began, time.monotonic())
