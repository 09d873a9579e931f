"""Processor time in units of other work of this process: a slower machine, or coverage, takes longer for both alike."""

import time
from functools import cache

from newel.crypto.cbor import decode_whole

NUMBERS = b"\x99\x07\xd0" + b"\x19\x01\x00" * 2000
"""Two thousand numbers in CBOR; reading them is Python, line by line, as reading a policy is."""
MOST = 2600
"""So many readings of them are five times what anything here costs, and far below what hurts."""


def affordable(seconds: float) -> bool:
    """Whether this much is in bounds; measured again where the first measure was taken in a quicker moment."""
    return seconds < MOST * _at_first() or seconds < MOST * _reading()


@cache
def _at_first() -> float:
    return _reading()


def _reading() -> float:
    """The processor time of one reading, in seconds."""
    return min(_once() for _ in range(5))


def _once() -> float:
    began = time.process_time()
    decode_whole(NUMBERS)
    return time.process_time() - began
