"""Reproducible choices: one seed, one sequence, on every machine and with every version of Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
BLOCK = 4096


class Dice:
    """A stream of choices from a seed (SHAKE128 over the seed and a counter)."""

    def __init__(self, seed: str) -> None:
        self._seed, self._block, self._at = seed, 0, BLOCK
        self._bytes = b""

    def below(self, end: int) -> int:
        """A number from 0 to `end` - 1; `end` is at most 2**31, which leaves no bias to speak of."""
        if self._at == BLOCK:
            self._bytes = hashlib.shake_128(f"{self._seed}:{self._block}".encode()).digest(BLOCK)
            self._block, self._at = self._block + 1, 0
        drawn = int.from_bytes(self._bytes[self._at : self._at + 8], "big")
        self._at += 8
        return drawn % end

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def in_hundred(self, share: int) -> bool:
        """True in `share` of a hundred cases."""
        return self.below(100) < share
