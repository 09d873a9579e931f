"""What moved below each level: for each demand that a rule makes, the requests of which at least that is asked."""

from collections.abc import Iterable

import numpy as np

from newel.domain.requirement import NOTHING, Requirement
from newel.policy.document import Document
from newel.policy.replay.cases import demanded
from newel.policy.replay.columns import Array
from newel.policy.replay.report import Change, LevelLine
from newel.policy.replay.words import demand

MOST_COUNTED = 1 << 22
ALIKE = 0.05
"""The share of moved requests by which two levels may differ and still be one."""


class Moves:
    """How often each pair of cases, before and after, came of one request."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[int, int], int] = {}

    def add(self, before: Array, after: Array) -> None:
        """The cases of a chunk."""
        if not len(before):
            return
        width = int(after.max()) + 1
        cells = before.astype(np.int64) * width + after
        if (int(before.max()) + 1) * width <= MOST_COUNTED:
            counts = np.bincount(cells)
            seen = np.flatnonzero(counts)
            counts = counts[seen]
        else:
            seen, counts = np.unique(cells, return_counts=True)
        for cell, count in zip(seen.tolist(), counts.tolist(), strict=True):
            pair = divmod(cell, width)
            self._pairs[pair] = self._pairs.get(pair, 0) + count

    def by_demand(self, before: Array, after: Array) -> dict[tuple[int, int], int]:
        """The same by the numbers of demands, given those of cases."""
        found: dict[tuple[int, int], int] = {}
        of_before, of_after = before.tolist(), after.tolist()
        for (first, second), count in self._pairs.items():
            pair = (of_before[first], of_after[second])
            found[pair] = found.get(pair, 0) + count
        return found


def levels(
    documents: Iterable[Document],
    demands: tuple[tuple[Requirement, ...], tuple[Requirement, ...]],
    moves: dict[tuple[int, int], int],
) -> tuple[LevelLine, ...]:
    """A line for each demand of a rule, those with the most movement first; of levels that moved alike the highest.

    `moves` counts pairs of `demands`.
    """
    rules = (rule for document in documents for rule in document.rules)
    asked = dict.fromkeys(each for each in map(demanded, rules) if each != NOTHING)
    lines = sorted((_line(each, demands, moves) for each in asked), key=lambda line: line.requests.after)
    kept: list[LevelLine] = []
    for line in lines:
        if not any(_alike(line, other) for other in kept):
            kept.append(line)
    return tuple(sorted(kept, key=lambda line: (-(line.fell + line.rose), -line.requests.after, line.demand)))


def _alike(line: LevelLine, other: LevelLine) -> bool:
    """Whether two levels moved by nearly the same requests: the one that is asked less often stands for both."""
    moved = line.fell + line.rose
    return moved > 0 and abs(line.fell - other.fell) + abs(line.rose - other.rose) <= ALIKE * moved


def _line(
    level: Requirement,
    demands: tuple[tuple[Requirement, ...], tuple[Requirement, ...]],
    moves: dict[tuple[int, int], int],
) -> LevelLine:
    above = [[level <= each for each in side] for side in demands]
    before = after = fell = rose = 0
    for (first, second), count in moves.items():
        was, now = above[0][first], above[1][second]
        before, after = before + was * count, after + now * count
        fell, rose = fell + (was and not now) * count, rose + (now and not was) * count
    return LevelLine(demand=demand(level), requests=Change(before, after), fell=fell, rose=rose)
