"""What the functions of conditions take: durations and time zones."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DURATION = re.compile(r"(?:([0-9]{1,9})h)?(?:([0-9]{1,11})m)?(?:([0-9]{1,12})s)?")
WRITTEN = re.compile(r"(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?")
LONGEST_ZONE = 64


def duration_seconds(text: str) -> int | None:
    """The seconds of "1h30m", "90s"; None where it is none."""
    match = DURATION.fullmatch(text)
    if match is None or not text:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds


def like_duration(text: str) -> bool:
    """Whether a text is written as a duration is, however long."""
    return bool(text) and WRITTEN.fullmatch(text) is not None


@lru_cache(256)
def known_zone(name: str) -> bool:
    """Whether the time zone database has this name."""
    if not 0 < len(name) <= LONGEST_ZONE or not name.isascii():
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
