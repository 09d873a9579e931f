"""Many truth values for each row → one small number for each distinct combination, in a few passes and without a sort."""

from collections.abc import Sequence

import numpy as np

from newel.policy.replay.columns import Array, Bools

MOST_CODES = 1 << 17
"""Codes that are told apart between two packings: they are counted, not sorted."""


def combinations(conditions: Sequence[Bools], count: int) -> tuple[Array, tuple[int, ...]]:
    """For each row the number of its combination, and the combinations as bit masks (the first condition is bit 0)."""
    numbers: Array = np.zeros(count, np.uint32)
    masks: list[int] = [0]
    done = 0
    while done < len(conditions):
        width = _width(len(masks), len(conditions) - done)
        for bit, condition in enumerate(conditions[done : done + width]):
            numbers += condition * np.uint32(len(masks) << bit)
        numbers, masks = _packed(numbers, masks, done, width)
        done += width
    return numbers, tuple(masks)


def _width(masks: int, left: int) -> int:
    """How many more conditions can be told apart at once."""
    width = 1
    while width < left and masks << (width + 1) <= MOST_CODES:
        width += 1
    return width


def _packed(numbers: Array, masks: list[int], done: int, width: int) -> tuple[Array, list[int]]:
    """Only the combinations that occur."""
    used = np.flatnonzero(np.bincount(numbers, minlength=len(masks) << width))
    table = np.zeros(len(masks) << width, np.uint32)
    table[used] = np.arange(len(used), dtype=np.uint32)
    told = [divmod(code, len(masks)) for code in used.tolist()]
    return table[numbers], [masks[old] | bits << done for bits, old in told]
