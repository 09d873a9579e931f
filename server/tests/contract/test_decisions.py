"""Decision records in the order of time, a chunk at a time, over the chains of several writers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from server.tests.contract.opening import NOW, Database, open_engine
from server.tests.contract.test_audit import DECISION

from newel.domain.audit import Entry
from newel.storage import audit
from newel.storage.base import Query, Store, Unit
from newel.storage.decisions import SET_BACK, decisions, newest_from

T = TypeVar("T")


def decided(number: int, at: int) -> Entry:
    return Entry(kind="decided", at=at, body={"n": number}, personal={"subject": f"s{number}"}, decision=DECISION)


async def record(store: Store, *entries: Entry) -> None:
    for entry in entries:
        await store.apply(Unit(audit=entry))


async def read(store: Store, since: int, **bounds: int) -> list[list[object]]:
    return [[entry.body["n"] for entry in chunk] async for chunk in decisions(store, since, **bounds)]


class Counting:
    """Counts the reads of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked = 0

    async def one(self, query: Query[T]) -> T | None:
        self.asked += 1
        return await self._store.one(query)

    async def all(self, query: Query[T]) -> list[T]:
        self.asked += 1
        return await self._store.all(query)


@asynccontextmanager
async def three_chains(database: Database) -> AsyncGenerator[list[Store]]:
    """Three writers of one database, among whom 300 decisions are dealt out, one a second."""
    async with AsyncExitStack() as opened:
        stores = []
        for number in range(3):
            stores.append(await open_engine(database, now_ms=NOW * 1000 + number))
            opened.push_async_callback(stores[-1].close)
        for n in range(300):
            await record(stores[n % 3], decided(n, NOW + n))
        yield stores


async def test_without_records_nothing_is_read(store: Store) -> None:
    assert await read(store, 0) == []


async def test_a_decision_comes_back_whole_and_what_is_none_does_not(store: Store) -> None:
    await record(store, Entry(kind="event", at=NOW, body={"n": 0}), decided(1, NOW))
    assert [chunk async for chunk in decisions(store, NOW)] == [[decided(1, NOW)]]


async def test_decisions_are_read_from_a_time_to_another_in_chunks(store: Store) -> None:
    await record(store, *(decided(n, NOW + 60 * n) for n in range(200)))
    assert await read(store, NOW + 60 * 190, at_once=4) == [[190, 191, 192, 193], [194, 195, 196, 197], [198, 199]]
    assert await read(store, NOW + 60 * 100 + 1, until=NOW + 60 * 103) == [[101, 102]]
    assert await read(store, NOW + 60 * 200) == []
    assert sum(map(len, await read(store, 0))) == 200


async def test_chains_of_several_writers_are_read_as_one(database: Database) -> None:
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(three_chains(database))
        later = await open_engine(database, now_ms=(NOW + 9_000) * 1000)
        opened.push_async_callback(later.close)
        await record(later, decided(300, NOW + 9_000))
        assert await read(later, NOW, at_once=500) == [list(range(301))]
        assert await read(later, NOW + 298) == [[298, 299, 300]]


async def test_a_clock_that_was_set_back_loses_nothing(store: Store) -> None:
    await record(store, decided(0, NOW), decided(1, NOW + SET_BACK), decided(2, NOW + 1), decided(3, NOW + 2))
    assert await read(store, NOW + 1) == [[1, 2, 3]]
    assert await read(store, NOW, until=NOW + 2) == [[0, 2]]


async def test_only_rows_near_the_beginning_are_looked_at(store: Store) -> None:
    await asyncio.gather(*(store.apply(Unit(audit=decided(n, NOW + 10 * n))) for n in range(4_000)))
    counting: Any = Counting(store)
    assert await read(counting, NOW + 39_980) == [[3_998, 3_999]]
    assert counting.asked < 20


async def test_what_was_forgotten_is_not_there(store: Store) -> None:
    await record(store, decided(1, NOW))
    head = (await store.all(audit.recent_heads()))[0]
    row = await store.one(audit.last_row(head.writer))
    assert row is not None
    await store.commit(Unit((audit.forget(row),)))
    assert [entry.personal async for chunk in decisions(store, NOW) for entry in chunk] == [{}]


async def test_where_the_newest_records_begin_is_found_over_all_chains(database: Database) -> None:
    async with three_chains(database) as stores:
        assert await newest_from(stores[0], NOW, 310) == NOW
        assert await newest_from(stores[0], NOW + 200, 150) == NOW + 200
        assert await newest_from(stores[0], NOW, 100) == NOW + 200
        assert await newest_from(stores[0], NOW, 0) == NOW + 299
        counting: Any = Counting(stores[0])
        assert await newest_from(counting, NOW - 100_000_000, 10) == NOW + 290
        assert counting.asked < 1_500


async def test_without_records_there_is_nothing_to_leave_out(store: Store) -> None:
    assert await newest_from(store, NOW, 0) == NOW
