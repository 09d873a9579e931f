"""What is spent once, what is counted in buckets."""

import asyncio

from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.limiter import Buckets
from newel.storage.sql import limits


async def test_a_name_is_spent_once_in_its_kind(store: Store) -> None:
    assert await store.commit(Unit((limits.spend("jti", "1", 9),))) == Committed((None,))
    assert await store.commit(Unit((limits.spend("jti", "1", 9),))) == Refused(0)
    assert await store.commit(Unit((limits.spend("sealed", "1", 9),))) == Committed((None,))


async def test_a_bucket_counts_to_one_beyond_its_limit_and_starts_again_after_its_window(store: Store) -> None:
    async def take(now: int) -> object:
        outcome = await store.apply(Unit((limits.take("b", 2, 60, now),)))
        return outcome.rows[0] if isinstance(outcome, Committed) else outcome

    taken = [await take(now) for now in (100, 110, 120, 130, 159, 160)]
    assert taken == [
        limits.Bucket(1, 160),
        limits.Bucket(2, 160),
        limits.Bucket(3, 160),
        limits.Bucket(3, 160),
        limits.Bucket(3, 160),
        limits.Bucket(1, 220),
    ]


async def test_the_limiter_says_how_long_to_wait(store: Store) -> None:
    buckets = Buckets(store)
    waits = [await buckets.take("b", limit=2, window=60, now=now) for now in (100, 110, 120, 159, 160)]
    assert waits == [None, None, 40, 1, None]


async def test_s10_parallel_takes_never_exceed_the_limit(store: Store) -> None:
    buckets = Buckets(store)
    waits = await asyncio.gather(*(buckets.take("b", limit=10, window=60, now=100) for _ in range(50)))
    assert waits.count(None) == 10
