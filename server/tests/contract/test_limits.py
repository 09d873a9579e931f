"""What is spent once, what is counted in buckets."""

import asyncio

from newel.storage.base import Committed, Refused, Store, Unit
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


async def test_s10_parallel_takes_never_exceed_the_limit(store: Store) -> None:
    taken = await asyncio.gather(*(store.apply(Unit((limits.take("b", 10, 60, 100),))) for _ in range(50)))
    counts = [each.rows[0].count for each in taken if isinstance(each, Committed)]
    assert len(counts) == 50
    assert sum(count <= 10 for count in counts) == 10
