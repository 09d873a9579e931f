"""Facts: what conditions may look at. Each names its type, its range and who may state it."""

from typing import Literal

from newel.domain.value import dataclass

Kind = Literal["string", "enum", "int", "bool", "timestamp", "duration", "ip", "set"]
Origin = Literal["server", "token", "directory", "risk", "request"]
LEAST, MOST = -(2**63), 2**63 - 1
END_OF_TIME = 32_503_680_000
"""The year 3000 in Unix seconds: no stated timestamp lies beyond, so that durations can be added to it."""
FIRST_TIME, LAST_TIME = -62_135_596_800, 253_402_300_799
"""The years 1 and 9999: CEL's range of timestamps."""
LONGEST = 315_576_000_000
"""The longest duration in seconds: ten thousand years, as in protocol buffers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One declared fact.

    `low` and `high` bound an int, a timestamp or a duration (seconds); `values` are an enum's. A fact may be missing
    where it is `optional`, or reads as `absent` then (for an ip or a set: never). `field` is the path inside an
    action's fields that it is read from.
    """

    name: str
    kind: Kind
    origin: Origin = "server"
    values: tuple[str, ...] = ()
    low: int = LEAST
    high: int = MOST
    optional: bool = False
    absent: str | int | bool | None = None
    field: tuple[str, ...] = ()
