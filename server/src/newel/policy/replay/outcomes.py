"""What comes of a request, by its case and the evidence that stands."""

import numpy as np

from newel.policy.replay.columns import Array
from newel.policy.replay.log import Log
from newel.policy.replay.reach import UNLIMITED, Reach

LONG_AGO = -(1 << 60)
MET, PROMPT, LOCKED, DENIED = range(4)
"""Met in silence, met by a prompt, cannot be met by its person, denied."""
WITHOUT_LIMIT = np.uint32(2**32 - 1)


def recorded(log: Log, rows: slice, cases: Array, reach: Reach) -> Array:
    """What comes of each row (uint8) by the evidence recorded in it alone, without a walk."""
    unmet = reach.bound[cases]
    for place, ages in enumerate(log.ages.values()):
        limits = reach.limits[:, place]
        if (limits < UNLIMITED).any():
            allowed = np.where(limits < UNLIMITED, limits, WITHOUT_LIMIT).astype(np.uint32)
            unmet |= ages[rows].view(np.uint32) > allowed[cases]
    return outcomes(reach, cases, unmet, log.holding[rows])


def outcomes(reach: Reach, cases: Array, unmet: Array, holding: Array) -> Array:
    """What comes of rows (uint8), where `unmet` says whose evidence does not do."""
    found = np.zeros(len(cases), np.uint8)
    odd = np.flatnonzero(unmet | reach.denied[cases])
    case = cases[odd]
    told = np.where(reach.can[case, holding[odd]], PROMPT, LOCKED)
    found[odd] = np.where(reach.denied[case], DENIED, told)
    return found
