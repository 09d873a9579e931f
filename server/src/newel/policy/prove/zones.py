"""What clocks show: the offsets of a zone, and how long it keeps one."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from newel.policy.facts import FIRST_TIME, LAST_TIME

DAY, QUARTER = 86_400, 900
STEP = 4 * DAY
"""No zone of the tz database goes back to an earlier offset, or on to another, in less."""
FIRST, LAST = -5_000_000_000, 4_200_000_000
"""Before and after there is only local mean time, and the rule that the last years repeat."""
FAR = 200 * DAY
BEGIN, END = FIRST_TIME + DAY, LAST_TIME - DAY
"""Local times exist for these."""
OFFSETS = 64


@lru_cache(4096)
def offset(time: int, zone: str) -> int:
    """Seconds east of Greenwich at `time` (Unix seconds)."""
    there = datetime.fromtimestamp(min(max(time, BEGIN), END), UTC).astimezone(ZoneInfo(zone))
    return int((there.utcoffset() or there - there).total_seconds())


@lru_cache(OFFSETS)
def offsets(zone: str, first: int, last: int) -> tuple[int, ...]:
    """Every offset that a zone has from `first` to `last`."""
    at = ZoneInfo(zone)
    span = range(max(first, FIRST), min(last, LAST) + STEP, STEP)
    found = {datetime.fromtimestamp(time, at).utcoffset() for time in span or (FIRST,)}
    return tuple(sorted(int(each.total_seconds()) for each in found if each is not None))


def kept(time: int, zone: str) -> tuple[int, int]:
    """The first and the last second, at most `FAR` away, around `time` in which the zone keeps its offset."""
    return _edge(time, zone, -1), _edge(time, zone, 1)


def _edge(time: int, zone: str, way: int) -> int:
    """The last second in a direction with the same offset: by steps, then by halves."""
    here, near = offset(time, zone), time
    while abs(near - time) < FAR and offset(near + way * STEP, zone) == here:
        near += way * STEP
    if abs(near - time) >= FAR:
        return near
    far = near + way * STEP
    while abs(far - near) > 1:
        middle = (near + far) // 2
        near, far = (middle, far) if offset(middle, zone) == here else (near, middle)
    return near
