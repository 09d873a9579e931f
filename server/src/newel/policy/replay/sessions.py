"""Whole sessions of a log side by side, and the evidence in them that would have been there under any policy."""

import numpy as np

from newel.policy.replay.columns import Array
from newel.policy.replay.log import ASKED, Log
from newel.policy.replay.outcomes import LONG_AGO


class Sessions:
    """Some whole sessions of a log, request by request across them: first the first of each, longest session first.

    `rows` is that order of the chunk's rows, `rounds` where each round begins; `own` (K, rows in that order) is the
    time of evidence that no prompt of the old policy caused, LONG_AGO where there is none new.
    """

    def __init__(self, log: Log, rows: slice, starts: Array) -> None:
        lengths = np.diff(starts)
        count = int(starts[-1])
        rank = np.empty(len(lengths), np.int64)
        rank[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
        place = np.arange(count) - np.repeat(starts[:-1], lengths)
        self.rounds = np.concatenate([[0], np.cumsum(np.bincount(place))]).tolist()
        self.rows = np.empty(count, np.int64)
        self.rows[np.array(self.rounds[:-1], np.int64)[place] + np.repeat(rank, lengths)] = np.arange(count)
        times = log.time[rows]
        before = np.concatenate([times[:1], times[:-1]])
        asked = np.concatenate([[False], log.outcome[rows][:-1] == ASKED])
        before[starts[:-1]] = times[starts[:-1]]
        asked[starts[:-1]] = False
        barred = np.where(asked, -LONG_AGO, before)
        barred[starts[:-1]] = LONG_AGO
        self.times, self.before = times[self.rows], before[self.rows]
        self.holding = log.holding[rows][self.rows]
        self.own = np.empty((len(log.ages), count), np.int64)
        for each, ages in enumerate(log.ages.values()):
            age = ages[rows]
            at = times - age
            self.own[each] = np.where((age >= 0) & (at > barred), at, LONG_AGO)[self.rows]

    @property
    def widest(self) -> int:
        """How many sessions there are."""
        return int(self.rounds[1]) if len(self.rounds) > 1 else 0
