"""Counters over sliding windows, as a decision for a resource server reads and reserves them."""

from collections.abc import Mapping
from typing import Any, Protocol

from newel.domain.audit import Entry
from newel.domain.value import dataclass
from newel.domain.velocity import KeptReservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a permitted answer counts, under a client's idempotency key.

    `digest` (32 bytes) is of the question, so that a key answers one question only; `facts` are those of the decision,
    `counted` among them the counters it was made with; `bound` are the fields that it bound. `entry` is recorded with it.
    """

    client: str
    key: str
    digest: bytes
    target: str
    facts: Mapping[str, Any]
    counted: Mapping[str, Any]
    bound: tuple[str, ...]
    at: int
    entry: Entry


class Counters(Protocol):
    """The counters of the policy in force."""

    async def permitted(self, client: str, key: str) -> KeptReservation | None:
        """What was permitted under a key; None where nothing was."""

    async def read(
        self, target: str, facts: Mapping[str, Any], now: int, first: KeptReservation | None = None
    ) -> Mapping[str, Any]:
        """The counters at a target by name, the request with these facts included; as they were for its `first` answer."""

    async def reserve(self, reservation: Reservation) -> bool:
        """Keep a reservation, in one conditional statement: False where a counter moved or the key was used meanwhile."""

    async def release(self, client: str, key: str, entry: Entry) -> bool:
        """Give back what was reserved under a key, once, and record it. Whether there was such a reservation."""
