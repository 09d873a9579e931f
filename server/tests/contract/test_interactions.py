"""Interactions and the attempts reserved in them."""

import asyncio

from server.tests.contract import samples
from server.tests.contract.samples import NOW

from newel.domain.interaction import State
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import interactions as verbs


async def test_an_interaction_comes_back_whole(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction()),)))
    assert await store.one(verbs.interaction("i1")) == samples.interaction()
    assert await store.one(verbs.interaction("i2")) is None
    assert await store.commit(Unit((verbs.add_interaction(samples.interaction()),))) == Refused(0)


async def test_two_posts_of_one_page_move_it_once(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction()),)))
    done = samples.interaction(state=State.DONE, revision=1, answer=b"sealed")
    outcomes = await asyncio.gather(*(store.commit(Unit((verbs.advance_interaction(done, 0),))) for _ in range(2)))
    assert outcomes == [Committed((None,)), Refused(0)]
    assert await store.one(verbs.interaction("i1")) == done


async def test_only_an_open_interaction_moves(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction(state=State.DECLINED)),)))
    moved = samples.interaction(state=State.OPEN, revision=1)
    assert await store.commit(Unit((verbs.advance_interaction(moved, 0),))) == Refused(0)
    assert await store.commit(Unit((verbs.reserve_attempt("i1", 5, NOW),))) == Refused(0)


async def test_s10_a_hundred_parallel_guesses_reserve_five_attempts(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction()),)))
    outcomes = await asyncio.gather(*(store.apply(Unit((verbs.reserve_attempt("i1", 5, NOW),))) for _ in range(100)))
    assert sorted(each.rows[0] for each in outcomes if isinstance(each, Committed)) == [1, 2, 3, 4, 5]
    assert outcomes.count(Refused(0)) == 95


async def test_reserved_attempts_outlive_a_change_of_the_interaction(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction()),)))
    await store.apply(Unit((verbs.reserve_attempt("i1", 5, NOW),)))
    await store.commit(Unit((verbs.advance_interaction(samples.interaction(revision=1), 0),)))
    assert await store.one(verbs.interaction("i1")) == samples.interaction(revision=1, attempts=1)


async def test_an_expired_interaction_reserves_nothing(store: Store) -> None:
    await store.commit(Unit((verbs.add_interaction(samples.interaction()),)))
    assert await store.commit(Unit((verbs.reserve_attempt("i1", 5, NOW + 600),))) == Refused(0)
