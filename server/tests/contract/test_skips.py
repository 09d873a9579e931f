"""What a person put off: counted for each person and rule, never beyond what its rule allows."""

import asyncio

from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import skips

NOW = 1_800_000_000


async def counted(store: Store, subject: str) -> dict[str, int]:
    return dict(await store.all(skips.skips_of(subject)))


async def test_a_skip_is_counted_for_its_person_and_its_rule(store: Store) -> None:
    for subject, rule in (("alex", "soon"), ("alex", "soon"), ("alex", "other"), ("sam", "soon")):
        await store.commit(Unit((skips.skip(subject, rule, 5, NOW),)))
    assert await counted(store, "alex") == {"other": 1, "soon": 2}
    assert await counted(store, "sam") == {"soon": 1}
    assert await counted(store, "nobody") == {}


async def test_each_skip_says_its_number_and_the_one_beyond_the_last_is_refused(store: Store) -> None:
    outcomes = [await store.commit(Unit((skips.skip("alex", "soon", 2, NOW + n),))) for n in range(3)]
    assert outcomes == [Committed((1,)), Committed((2,)), Refused(0)]
    assert await counted(store, "alex") == {"soon": 2}


async def test_a_refused_skip_takes_back_the_others_of_its_unit(store: Store) -> None:
    await store.commit(Unit((skips.skip("alex", "soon", 1, NOW),)))
    both = Unit((skips.skip("alex", "other", 5, NOW), skips.skip("alex", "soon", 1, NOW)))
    assert await store.commit(both) == Refused(1)
    assert await counted(store, "alex") == {"soon": 1}


async def test_what_was_counted_stands_when_a_rule_allows_more_or_less(store: Store) -> None:
    for _ in range(2):
        await store.commit(Unit((skips.skip("alex", "soon", 2, NOW),)))
    assert await store.commit(Unit((skips.skip("alex", "soon", 3, NOW),))) == Committed((3,))
    assert await store.commit(Unit((skips.skip("alex", "soon", 1, NOW),))) == Refused(0)


async def test_s10_skips_at_once_never_exceed_what_is_allowed(store: Store) -> None:
    outcomes = await asyncio.gather(*(store.commit(Unit((skips.skip("alex", "soon", 3, NOW),))) for _ in range(20)))
    assert sum(isinstance(each, Committed) for each in outcomes) == 3
    assert await counted(store, "alex") == {"soon": 3}
