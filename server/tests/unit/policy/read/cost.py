"""Processor time in readings of the example policy: on a slower machine and under coverage both take longer alike."""

import time
from functools import cache

from server.tests.unit.policy.read.base import EXAMPLE, read

MOST = 400
"""Readings of the example that a policy may cost: five times what the worst one does, far below what hurts."""


def affordable(seconds: float) -> bool:
    """Whether this much is in bounds; measured again where the first measure was taken in a quicker moment."""
    return seconds < MOST * _at_first() or seconds < MOST * _reading()


@cache
def _at_first() -> float:
    return _reading()


def _reading() -> float:
    """The processor time of one reading, in seconds."""
    return min(_once() for _ in range(3))


def _once() -> float:
    began = time.process_time()
    read(EXAMPLE)
    return time.process_time() - began
