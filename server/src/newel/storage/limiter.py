"""Buckets for the rate limits, counted in the store before what they allow is tried (S10, S13)."""

from newel.storage.base import Committed, Store, Unit
from newel.storage.sql import limits


class Buckets:
    """Counts in a store. A full bucket is refused by a read alone, so that a flood writes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, bucket: str, *, limit: int, window: int, now: int) -> int | None:
        """Take one of `limit` in `window` seconds; None when there was one, else the seconds to wait."""
        seen = await self._store.one(limits.bucket(bucket))
        if seen is None or seen.count <= limit or seen.resets_at <= now:
            outcome = await self._store.apply(Unit((limits.take(bucket, limit, window, now),)))
            seen = outcome.rows[0] if isinstance(outcome, Committed) else seen
        if seen is not None and seen.count > limit:
            return max(1, seen.resets_at - now)
        return None
