"""What every engine does with units and queries, whatever they say."""

import asyncio
from dataclasses import replace

import pytest
from server.tests.contract import samples
from server.tests.contract.opening import Database, open_engine

from newel.storage.base import Committed, Refused, Statement, StorageError, Store, Unit
from newel.storage.sql import clients, epoch, limits, subjects


async def test_a_committed_unit_is_read_back(store: Store) -> None:
    assert await store.commit(Unit((limits.spend("jti", "1", 5),))) == Committed((None,))
    assert await store.commit(Unit((limits.spend("jti", "1", 5),))) == Refused(0)


async def test_rows_hold_one_decoded_value_per_statement(store: Store) -> None:
    outcome = await store.commit(Unit((epoch.bump("keys"), limits.spend("jti", "1", 5), epoch.bump("keys"))))
    assert outcome == Committed((1, None, 2))


async def test_a_refused_guard_leaves_nothing_of_its_unit(store: Store) -> None:
    await store.commit(Unit((limits.spend("jti", "1", 5),)))
    unit = Unit((epoch.bump("keys"), limits.spend("jti", "2", 5), limits.spend("jti", "1", 5), epoch.bump("policy")))
    assert await store.commit(unit) == Refused(2)
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=0, clients=0, revocations=0)
    assert await store.commit(Unit((limits.spend("jti", "2", 5),))) == Committed((None,))


async def test_an_applied_unit_is_seen_by_the_next_read(store: Store) -> None:
    assert await store.apply(Unit((epoch.bump("policy"),))) == Committed((1,))
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=1, clients=0, revocations=0)


async def test_units_are_executed_in_the_order_they_were_given(store: Store) -> None:
    verbs = (store.commit, store.apply)
    outcomes = await asyncio.gather(*(verbs[n % 2](Unit((epoch.bump("keys"),))) for n in range(50)))
    assert outcomes == [Committed((n,)) for n in range(1, 51)]


async def test_one_broken_unit_breaks_no_other_of_its_group(store: Store) -> None:
    broken = Statement("INSERT INTO spent (id, expires_at) VALUES (:id, NULL)", {"id": "x"})
    unit = Unit((epoch.bump("keys"), broken))
    good = [Unit((limits.spend("jti", str(n), 5),)) for n in range(3)]
    outcomes = await asyncio.gather(*map(store.commit, [*good, unit, *good]), return_exceptions=True)
    assert outcomes[:3] == [Committed((None,))] * 3
    assert isinstance(outcomes[3], StorageError)
    assert outcomes[4:] == [Refused(0)] * 3
    assert store.fault() is None
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=0, clients=0, revocations=0)


async def test_an_unknown_statement_is_a_storage_error(store: Store) -> None:
    with pytest.raises(StorageError):
        await store.one(replace(epoch.epoch(), sql="SELECT nothing FROM nowhere"))
    with pytest.raises(StorageError):
        await store.all(replace(epoch.epoch(), sql="SELECT nothing FROM nowhere"))


async def test_a_query_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError):
        await store.all(replace(epoch.epoch(), sql="DELETE FROM epoch"))


async def test_an_empty_unit_is_a_barrier(store: Store) -> None:
    assert await store.commit(Unit()) == Committed(())


async def test_a_closed_store_takes_nothing_and_lost_nothing(database: Database) -> None:
    store = await open_engine(database)
    waiting = [asyncio.ensure_future(store.commit(Unit((limits.spend("jti", str(n), 5),)))) for n in range(5)]
    await asyncio.gather(*waiting[:1])
    queued = asyncio.ensure_future(store.apply(Unit((epoch.bump("keys"),))))
    await asyncio.gather(queued, store.close())
    with pytest.raises(StorageError):
        await store.commit(Unit())
    await store.close()
    again = await open_engine(database)
    assert await asyncio.gather(*waiting) == [Committed((None,))] * 5
    assert (await again.one(epoch.epoch())) == epoch.Epoch(keys=1, policy=0, clients=0, revocations=0)
    await again.close()


async def test_two_stores_on_one_database_see_each_other(database: Database) -> None:
    first, second = await asyncio.gather(open_engine(database), open_engine(database))
    for n in range(10):
        await (first, second)[n % 2].commit(Unit((epoch.bump("clients"),)))
        assert await (second, first)[n % 2].one(epoch.epoch()) == epoch.Epoch(0, 0, n + 1, 0)
    await asyncio.gather(first.close(), second.close())


async def test_a_cancelled_wait_still_happens(store: Store) -> None:
    waiting = asyncio.ensure_future(store.commit(Unit((epoch.bump("keys"),))))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await store.commit(Unit((epoch.bump("keys"),))) == Committed((2,))


async def test_what_stands_in_a_body_comes_back_whole(store: Store) -> None:
    await store.commit(Unit((*clients.add_client(samples.client()), subjects.add_subject(samples.subject(), "alice"))))
    assert await store.one(clients.client("bank-web")) == samples.client()
    assert await store.one(subjects.subject("alice")) == samples.subject()


async def test_a_mark_stands_until_its_tables_are_changed(store: Store) -> None:
    first = store.mark("epoch", "subjects")
    await store.commit(Unit((limits.spend("jti", "1", 5),)))
    assert store.mark("epoch", "subjects") == first
    await store.apply(Unit((epoch.bump("keys"),)))
    second = store.mark("epoch", "subjects")
    assert second != first
    assert store.mark("subjects") == store.mark("subjects")


async def test_a_mark_falls_when_another_process_commits(database: Database) -> None:
    one, other = await open_engine(database), await open_engine(database)
    try:
        first = one.mark("subjects")
        await other.commit(Unit((limits.spend("jti", "1", 5),)))
        await asyncio.sleep(0)  # the state that reads see is one turn's
        assert one.mark("subjects") != first
    finally:
        await one.close()
        await other.close()
