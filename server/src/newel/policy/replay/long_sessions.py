"""The end of the second pass: what is left of the few longest sessions, row by row, to the same rules as `walk`."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from newel.policy.replay.columns import Array
from newel.policy.replay.outcomes import DENIED, LOCKED, LONG_AGO, MET, PROMPT
from newel.policy.replay.reach import Reach
from newel.policy.replay.sessions import Sessions


def walk_on(
    sessions: Sessions, first: int, classes: list[int], case: Array, reach: Reach, stand: Array
) -> tuple[Array, Array]:
    """Outcomes and ages (K, rows) from round `first` on, in the order of `sessions`; `stand` (K, sessions)."""
    rest = _Rest(sessions, first, classes, case, reach)
    for session in range(rest.rounds[1] if len(rest.rounds) > 1 else 0):
        rest.walk(session, stand[:, session].tolist())
    return np.array(rest.outcome, np.uint8), np.array(rest.ages, np.int64).reshape(len(classes), len(rest.outcome))


class _Rest:
    """The remaining rows as plain lists, which are faster than arrays one by one."""

    def __init__(self, sessions: Sessions, first: int, classes: list[int], case: Array, reach: Reach) -> None:
        begin = sessions.rounds[first]
        rest = slice(begin, None)
        self._classes, self._reach = classes, reach
        self._cases, self._holding = case[rest], sessions.holding[rest]
        self.rounds = [each - begin for each in sessions.rounds[first:]]
        self._times, self._before = sessions.times[rest].tolist(), sessions.before[rest].tolist()
        self._own = [sessions.own[each, rest].tolist() for each in classes]
        self._limits = [reach.limits[self._cases, each].tolist() for each in classes]
        self._idle = [int(reach.idle[each]) for each in classes]
        self._bound = reach.bound[self._cases].tolist()
        self._hopeless = np.where(
            reach.denied[self._cases], DENIED, np.where(reach.can[self._cases, self._holding], MET, LOCKED)
        ).tolist()
        self.outcome = [MET] * len(self._times)
        self.ages = [[0] * len(self._times) for _ in classes]

    def walk(self, session: int, held: list[int]) -> None:
        """All rows of a session, whose evidence was proven at the times `held`."""
        for row in self._rows(session):
            unmet = self._bound[row]
            for place, age in enumerate(self._brought_up(row, held)):
                self.ages[place][row] = age
                unmet = unmet or age > self._limits[place][row]
            hopeless = self._hopeless[row]
            if hopeless == DENIED or (unmet and hopeless):
                self.outcome[row] = hopeless
            elif unmet:
                self.outcome[row] = PROMPT
                renewed = self._reach.renews[self._cases[row], self._holding[row]]
                held[:] = [
                    self._times[row] if renewed[each] else at for each, at in zip(self._classes, held, strict=True)
                ]

    def _rows(self, session: int) -> Iterator[int]:
        for start, end in pairwise(self.rounds):
            if start + session >= end:
                return
            yield start + session

    def _brought_up(self, row: int, held: list[int]) -> Iterator[int]:
        """The age of each class at a row."""
        now, before = self._times[row], self._before[row]
        for place, since in enumerate(held):
            at = max(since, self._own[place][row])
            held[place] = at = LONG_AGO if now - max(at, before) > self._idle[place] else at
            yield now - at
