"""What counters over sliding windows count: reservations, and the buckets that their totals are kept in.

A total is kept in buckets of several spans, so that any window is the sum of a few hundred of them at most, whatever
was counted in it. The smallest span is the second that times have, so nothing is rounded.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from json.encoder import encode_basestring_ascii

from newel.domain.value import dataclass

SPANS = (1, 64, 64**2, 64**3)
"""Seconds of a bucket at each level."""
MOST = 2**63 - 1
"""What no total exceeds."""
LEAST_KEPT = 86_400
"""Seconds for which a reservation's key answers its question, whatever it counted."""
_FIRST = 10**11
_LAST = 10**12 - 1
"""Times are written from _FIRST on, all with as many digits, so that their order is that of their texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a reservation adds to one tally for `over` seconds: an `amount`, or a `value` where different ones count."""

    tally: str
    over: int
    amount: int
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReservation:
    """A reservation as it is kept: `digest` is of the question it answers, `bound` are the fields that the answer bound,
    `counted` is what each counter came to that it was decided with, `released_at` is when it was given back.
    """

    id: str
    digest: bytes
    at: int
    counts: tuple[Count, ...]
    released_at: int | None = None
    bound: tuple[str, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)

    @property
    def expires_at(self) -> int:
        """When nothing of it counts any longer, and its key is forgotten."""
        return self.at + max([LEAST_KEPT, *(count.over for count in self.counts)])

    def within(self, reading: "Reading") -> bool:
        """Whether what a reading comes to holds already what the request itself adds, because this counted it."""
        return reading.since <= self.at and any(
            (count.tally, count.amount, count.value) == (reading.tally, reading.amount, reading.value)
            and self.at + count.over > reading.at
            for count in self.counts
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A tally as a request at `at` reads it: its last `over` seconds, and the `amount` that the request itself adds.

    `value` is the one it adds where different ones count; nothing is added where the window holds it already.
    """

    tally: str
    at: int
    over: int
    amount: int
    value: str | None = None

    @property
    def since(self) -> int:
        """The first second of the window."""
        return max(0, self.at - self.over + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a reading, the request included, must still come to: `least` to `most`."""

    reading: Reading
    least: int
    most: int


@lru_cache(4096, typed=True)
def name_of(*parts: str | int) -> str:
    """64 hex digits that stand for these parts in this order: SHA-256 of their JSON, so that no person's data is kept."""
    texts = [encode_basestring_ascii(part) if isinstance(part, str) else str(part) for part in parts]
    return hashlib.sha256(f"[{', '.join(texts)}]".encode()).hexdigest()


def moment(at: int) -> str:
    """A time in Unix seconds as text whose order is that of time."""
    return str(_FIRST + at)


def bucket(tally: str, level: int, at: int) -> str:
    """The bucket of a tally that a time falls into at a level."""
    return f"{tally}{level}{moment(at - at % SPANS[level])}"


@lru_cache(64)
def ranges(since: int) -> tuple[tuple[str, str], ...]:
    """For each level the buckets, from the first and before the last, that together hold all from `since` on.

    They stand behind the name of a tally.
    """
    edges = [-(-since // span) * span for span in SPANS]
    begins = [f"{level}{moment(edge)}" for level, edge in enumerate(edges)]
    ends = [f"{level}{moment(edge)}" for level, edge in enumerate(edges[1:])]
    return tuple(zip(begins, [*ends, f"{len(SPANS) - 1}{_LAST}"], strict=True))
