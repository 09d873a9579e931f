"""The second pass: each session in time order, where a prompt proves evidence anew and silences what follows.

All sessions of a chunk are walked side by side: round k looks at the k-th request of each. The few
longest go on one by one.

1. A session begins with the evidence recorded at its first request.
2. Evidence recorded as newer than the request before it is the person's own doing and counts, unless that request was
   answered by a prompt: then it is the old policy's, and only what the replayed policy asks counts.
3. Evidence older than its class lasts, or idle for longer than the class may be, is gone.
4. A demand bound to an action needs a proof of its own each time. Whoever cannot prove what is demanded is not asked.
"""

from itertools import pairwise

import numpy as np

from newel.domain.value import dataclass
from newel.policy.replay.columns import Array
from newel.policy.replay.long_sessions import walk_on
from newel.policy.replay.outcomes import LOCKED, LONG_AGO, PROMPT, outcomes
from newel.policy.replay.reach import UNLIMITED, Reach
from newel.policy.replay.sessions import Sessions

SIDE_BY_SIDE = 24
"""Fewer sessions than this are walked one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """What came of each row (uint8), and the evidence that stood at those with a prompt or a lock-out.

    `rows` are their places; `ages` (len(rows), K) in seconds, 2^60 and more where a class was not reached.
    """

    outcome: Array
    rows: Array
    ages: Array


def walk(sessions: Sessions, cases: Array, reach: Reach) -> Walked:
    """What comes of each row when the policy's own prompts are answered. `cases` in the order of the log."""
    classes = np.flatnonzero((reach.limits < UNLIMITED).any(axis=0)).tolist()
    case = cases[sessions.rows]
    stand = np.full((len(classes), sessions.widest), LONG_AGO, np.int64)
    outcome = np.empty(len(case), np.uint8)
    ages = np.empty((len(classes), len(case)), np.int64)
    together = sum(width >= SIDE_BY_SIDE for width in np.diff(sessions.rounds).tolist())
    for begin, end in pairwise(sessions.rounds[: together + 1]):
        now = slice(begin, end)
        _round(sessions, now, classes, case[now], reach, stand[:, : end - begin], outcome[now], ages[:, now])
    rest = slice(sessions.rounds[together], None)
    outcome[rest], ages[:, rest] = walk_on(sessions, together, classes, case, reach, stand)
    return _in_log_order(sessions, classes, outcome, ages, reach.limits.shape[1])


def _round(
    sessions: Sessions,
    now: slice,
    classes: list[int],
    case: Array,
    reach: Reach,
    stand: Array,
    outcome: Array,
    ages: Array,
) -> None:
    """One request of each session: fills its outcomes and ages, and moves `stand` on."""
    _age(sessions, now, classes, reach, stand)
    times, holding = sessions.times[now], sessions.holding[now]
    unmet = reach.bound[case]
    for place, each in enumerate(classes):
        np.subtract(times, stand[place], out=ages[place])
        unmet |= ages[place] > reach.limits[case, each]
    outcome[:] = outcomes(reach, case, unmet, holding)
    asked = np.flatnonzero(outcome == PROMPT)
    renewed = reach.renews[case[asked], holding[asked]]
    for place, each in enumerate(classes):
        stand[place, asked] = np.where(renewed[:, each], times[asked], stand[place, asked])


def _age(sessions: Sessions, now: slice, classes: list[int], reach: Reach, stand: Array) -> None:
    """Bring the standing of each session to this request: own proofs come, what lay idle goes."""
    gap = sessions.times[now] - sessions.before[now]
    for place, each in enumerate(classes):
        np.maximum(stand[place], sessions.own[each, now], out=stand[place])
        idle = np.flatnonzero(gap > reach.idle[each])
        if len(idle):
            gone = idle[sessions.times[now][idle] - stand[place, idle] > reach.idle[each]]
            stand[place, gone] = LONG_AGO


def _in_log_order(sessions: Sessions, classes: list[int], outcome: Array, ages: Array, count: int) -> Walked:
    ordered = np.empty_like(outcome)
    ordered[sessions.rows] = outcome
    told = np.flatnonzero((outcome == PROMPT) | (outcome == LOCKED))
    every = np.full((len(told), count), -LONG_AGO, np.int64)
    every[:, classes] = ages[:, told].T
    return Walked(ordered, sessions.rows[told], every)
