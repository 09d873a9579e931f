"""Hours and days of the week of many times at once, in a zone: as `lang.evaluate` has them, second for second."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from newel.policy.lang.core import Part
from newel.policy.lang.evaluate import DAY, HOUR, QUARTER, THURSDAY
from newel.policy.replay.columns import Array

WIDEST = 200_000
"""Quarters of an hour between the first and the last time for which a table is made (almost six years)."""


def clock(part: Part, times: Array, zone: str) -> Array:
    """The hour (0 to 23) or the day of the week (0 is Sunday) of `times` (Unix seconds)."""
    local = times + offsets(times, zone)
    if part == "getHours":
        hours: Array = local // HOUR % 24
        return hours
    days: Array = (local // DAY + THURSDAY) % 7
    return days


def offsets(times: Array, zone: str) -> Array:
    """Seconds east of Greenwich at `times`; every clock changes at a quarter of an hour."""
    quarters = times.astype(np.int64) // QUARTER
    if not quarters.size:
        return quarters
    first, last = int(quarters.min()), int(quarters.max())
    if last - first > WIDEST:
        seen, places = np.unique(quarters, return_inverse=True)
        table = np.array([_offset(quarter, zone) for quarter in seen.tolist()], dtype=np.int64)
        return table[places]
    places = quarters - first
    table = np.zeros(last - first + 1, np.int64)
    for quarter in np.flatnonzero(np.bincount(places.ravel(), minlength=len(table))).tolist():
        table[quarter] = _offset(first + quarter, zone)
    return table[places]


@lru_cache(65_536)
def _offset(quarter: int, zone: str) -> int:
    there = datetime.fromtimestamp(quarter * QUARTER, UTC).astimezone(ZoneInfo(zone))
    return int((there.utcoffset() or there - there).total_seconds())
