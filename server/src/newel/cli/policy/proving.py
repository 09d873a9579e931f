"""What the commands that prove share: the time they may take, progress, and the solver in its own process."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Generator
from contextlib import contextmanager

from newel.cli.policy.files import BAD_INPUT
from newel.cli.prove_child import SECONDS, NoSolver, asker
from newel.cli.refusal import Refusal
from newel.policy.prove.problem import Ask

OFTEN = 15.0
"""Seconds between two lines about progress in a log."""


def add_seconds(parser: ArgumentParser, what: str = "all proofs") -> None:
    """Declare how long proving may take."""
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"time for {what} (default: %(default)s)")


def now() -> int:
    """The Unix time in seconds: witnesses lie near it."""
    return int(time.time())


@contextmanager
def solver(options: Namespace) -> Generator[Ask]:
    """What solves problems. Refusal where the solver is not installed, or the time is no time."""
    if not 0 < options.seconds < 86_400:  # ruff: ignore[magic-value-comparison] - a day
        raise Refusal("--seconds is a number of seconds above 0", code=BAD_INPUT)
    try:
        yield asker(options.seconds, _progress())
    except NoSolver as error:
        raise Refusal(str(error), code=BAD_INPUT) from error


def _progress() -> Callable[[int, int], None]:
    """Shows how many questions are answered; where nobody sits at a terminal, from time to time."""
    return _at_a_terminal if sys.stderr.isatty() else _FromTimeToTime()


def _at_a_terminal(done: int, of: int) -> None:
    sys.stderr.write("\r\x1b[K" if done == of else f"\r\x1b[K{done} of {of} questions answered")
    sys.stderr.flush()


class _FromTimeToTime:
    """A line each `OFTEN` seconds at most, none before: most proofs are there sooner."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """Say how many questions are answered."""
        moment = time.monotonic()
        if moment - self._last >= OFTEN and done < of:
            self._last = moment
            print(f"{done} of {of} questions answered after {moment - self._began:.0f} s", file=sys.stderr, flush=True)
