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


def add_seconds(parser: ArgumentParser) -> None:
    """Declare how long proving may take."""
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for all proofs (default: %(default)s)")


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


def _progress() -> Callable[[int, int], None] | None:
    """Shows how many questions are answered, where somebody sits at a terminal."""
    if not sys.stderr.isatty():
        return None

    def told(done: int, of: int) -> None:
        sys.stderr.write("\r\x1b[K" if done == of else f"\r\x1b[K{done} of {of} questions answered")
        sys.stderr.flush()

    return told
