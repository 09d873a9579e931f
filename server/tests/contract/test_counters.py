"""Counters over sliding windows: what is reserved counts until its window passes or it is released, and once."""

import asyncio

import pytest
from server.tests.contract import samples
from server.tests.contract.samples import NOW

from newel.domain.audit import Entry
from newel.domain.value import replace
from newel.domain.velocity import LEAST_KEPT, SPANS, Count, Expectation, KeptReservation, Reading, name_of
from newel.storage import audit
from newel.storage.base import Committed, Query, Refused, Statement, Store, Unit, first
from newel.storage.sql import counters
from newel.storage.sweep import sweep

DAY, ANY = 86_400, 2**62
TALLY = name_of("velocity.transfer_24h", "alice")
NOTHING = Reading(tally=TALLY, at=NOW, over=DAY, amount=0)


def expect(reading: Reading, value: int) -> Expectation:
    return Expectation(reading=reading, least=value, most=value)


def values(*, at: int, over: int = DAY, value: str | None = None) -> Reading:
    return replace(NOTHING, at=at, over=over, amount=0 if value is None else 1, value=value and name_of(value))


async def reserved(store: Store, key: str, *counts: Count, at: int = NOW) -> KeptReservation:
    """A reservation that stands."""
    kept = samples.reservation(key, *counts, at=at)
    assert isinstance(await store.commit(Unit(counters.reserve(kept, ()))), Committed)
    return kept


async def paid(store: Store, key: str, amount: int, *, at: int = NOW, over: int = DAY) -> KeptReservation:
    return await reserved(store, key, Count(tally=TALLY, over=over, amount=amount), at=at)


async def seen(store: Store, key: str, value: str, *, at: int = NOW) -> KeptReservation:
    return await reserved(store, key, Count(tally=TALLY, over=DAY, amount=1, value=name_of(value)), at=at)


async def rows(store: Store, table: str) -> int | None:
    return await store.one(Query(f"SELECT COUNT(*) FROM {table}", {}, first))  # ruff: ignore[hardcoded-sql-expression] - a table of this test


async def test_an_empty_tally_holds_what_the_request_adds(store: Store) -> None:
    assert await store.one(counters.reading(NOTHING)) == 0
    assert await store.one(counters.reading(replace(NOTHING, amount=7))) == 7
    assert await store.one(counters.reading(values(at=NOW, value="a"))) == 1


async def test_an_entry_counts_while_it_is_newer_than_the_window(store: Store) -> None:
    await paid(store, "k", 500)
    assert await store.one(counters.reading(replace(NOTHING, at=NOW + DAY - 1))) == 500
    assert await store.one(counters.reading(replace(NOTHING, at=NOW + DAY))) == 0


@pytest.mark.parametrize("over", [1, 59, 60, 64, 65, 3_600, DAY, 30 * DAY, 400 * DAY])
async def test_a_window_of_any_length_holds_exactly_its_seconds(store: Store, over: int) -> None:
    edges = {over - 1, over, over + 1, 0, 1, *(n for span in SPANS for n in (span - 1, span, span + 1))}
    ages = sorted(edges)
    for age in ages:
        await paid(store, f"k{age}", 1 + age, at=NOW - age, over=over)
    for later in (0, 1, 63, 64, 4_095, 4_096):
        wanted = sum(1 + age for age in ages if age + later < over)
        assert await store.one(counters.reading(replace(NOTHING, at=NOW + later, over=over))) == wanted


async def test_what_a_clock_ahead_reserved_counts_already(store: Store) -> None:
    await paid(store, "k", 5, at=NOW + 30)
    assert await store.one(counters.reading(NOTHING)) == 5


@pytest.mark.parametrize("at", [NOW, NOW - NOW % 64**3 - 1])
async def test_a_window_that_becomes_longer_finds_what_still_counts_in_the_shorter_one(store: Store, at: int) -> None:
    await paid(store, "k", 5, at=at, over=60)
    await seen(store, "l", "a", at=at)
    await sweep(store, at + 59, {})
    for over in (60, 3_600, DAY, 30 * DAY):
        assert await store.one(counters.reading(replace(NOTHING, at=at + 59, over=over))) == 6


async def test_tallies_do_not_meet(store: Store) -> None:
    other = name_of("velocity.transfer_24h", "bob")
    await reserved(store, "k", Count(tally=TALLY, over=DAY, amount=1), Count(tally=other, over=DAY, amount=2))
    assert await store.one(counters.reading(NOTHING)) == 1
    assert await store.one(counters.reading(replace(NOTHING, tally=other))) == 2


async def test_a_reservation_stands_only_on_what_was_decided_on(store: Store) -> None:
    mine = replace(NOTHING, amount=10)
    late = samples.reservation("late", Count(tally=TALLY, over=DAY, amount=10))
    await paid(store, "k", 5)
    refused = await store.commit(Unit(counters.reserve(late, (expect(mine, 10),))))
    assert refused == Refused(1)
    assert await store.one(counters.reading(NOTHING)) == 5
    assert await store.one(counters.reservation(late.id)) is None
    assert isinstance(await store.commit(Unit(counters.reserve(late, (expect(mine, 15),)))), Committed)
    assert await store.one(counters.reading(NOTHING)) == 15


async def test_a_counter_that_was_only_read_must_stand_too(store: Store) -> None:
    await paid(store, "k", 5)
    looking = samples.reservation("looking")
    assert await store.commit(Unit(counters.reserve(looking, (expect(NOTHING, 4),)))) == Refused(1)
    assert isinstance(await store.commit(Unit(counters.reserve(looking, (expect(NOTHING, 5),)))), Committed)


async def test_a_saturated_counter_stands_at_any_value_from_there_on(store: Store) -> None:
    await paid(store, "k", 5)
    beyond = Expectation(reading=NOTHING, least=3, most=ANY)
    assert isinstance(await store.commit(Unit(counters.reserve(samples.reservation("b"), (beyond,)))), Committed)


@pytest.mark.parametrize("later", [0, 1, 64, 5_000])
async def test_a_total_saturates_at_63_bits(store: Store, later: int) -> None:
    most, now = 2**63 - 1, NOW + later
    await paid(store, "k", most - 1)
    reading = replace(NOTHING, at=now)
    assert await store.one(counters.reading(reading)) == most - 1
    for amount in (1, 2, most):
        assert await store.one(counters.reading(replace(reading, amount=amount))) == most
    more = samples.reservation("more", Count(tally=TALLY, over=DAY, amount=most), at=now)
    beyond = Expectation(reading=replace(reading, amount=most), least=most, most=most)
    assert isinstance(await store.commit(Unit(counters.reserve(more, (beyond,)))), Committed)
    await paid(store, "one more", 7, at=now)
    assert await store.one(counters.reading(reading)) == most
    assert await store.one(counters.reading(replace(reading, at=NOW + DAY + later))) == 0


async def test_what_is_given_back_makes_no_saturated_total_less_than_what_still_counts(store: Store) -> None:
    most = 2**63 - 1
    first_ = await paid(store, "k", most - 5)
    second = await paid(store, "l", 9)
    await store.commit(Unit(counters.release(first_, NOW)))
    assert await store.one(counters.reading(NOTHING)) == most
    await store.commit(Unit(counters.release(second, NOW)))
    assert await store.one(counters.reading(NOTHING)) == most
    assert await store.one(counters.reading(replace(NOTHING, at=NOW + DAY))) == 0


@pytest.mark.parametrize("amounts", [(2**62, 2**62 - 1), (2**32 - 1, 2**32 - 1, 2), (2**61,) * 3, (2**53, 1, 1)])
async def test_large_totals_are_exact_up_to_63_bits(store: Store, amounts: tuple[int, ...]) -> None:
    for number, amount in enumerate(amounts):
        await paid(store, str(number), amount, at=NOW - number)
    assert await store.one(counters.reading(NOTHING)) == sum(amounts)


async def test_a_key_reserves_once(store: Store) -> None:
    kept = await paid(store, "k", 5)
    assert await store.one(counters.reservation(kept.id)) == kept
    again = samples.reservation("k", Count(tally=TALLY, over=DAY, amount=7))
    assert await store.commit(Unit(counters.reserve(again, ()))) == Refused(0)
    assert await store.one(counters.reading(NOTHING)) == 5


async def test_what_is_released_counts_no_longer_and_is_released_once(store: Store) -> None:
    kept = await paid(store, "k", 5)
    await paid(store, "l", 7)
    assert isinstance(await store.commit(Unit(counters.release(kept, NOW + 1))), Committed)
    assert await store.one(counters.reading(NOTHING)) == 7
    assert await store.commit(Unit(counters.release(kept, NOW + 2))) == Refused(0)
    assert await store.one(counters.reading(NOTHING)) == 7
    assert await store.one(counters.reservation(kept.id)) == replace(kept, released_at=NOW + 1)
    assert await store.commit(Unit(counters.reserve(kept, ()))) == Refused(0)


async def test_a_value_counts_once_however_often_it_occurs(store: Store) -> None:
    for key, value in enumerate("aabacca"):
        await seen(store, str(key), value, at=NOW + key // 2)
    now = NOW + 10
    assert await store.one(counters.reading(values(at=now))) == 3
    assert await store.one(counters.reading(values(at=now, value="a"))) == 3
    assert await store.one(counters.reading(values(at=now, value="d"))) == 4


async def test_a_value_counts_as_long_as_its_last_occurrence_is_in_the_window(store: Store) -> None:
    await seen(store, "1", "a", at=NOW)
    await seen(store, "2", "a", at=NOW + 100)
    await seen(store, "3", "b", at=NOW + 50)
    await seen(store, "4", "a", at=NOW + 70)  # a clock that is behind
    assert await store.one(counters.reading(values(at=NOW + 100))) == 2
    assert await store.one(counters.reading(values(at=NOW + DAY + 60))) == 1
    assert await store.one(counters.reading(values(at=NOW + DAY + 60, value="b"))) == 2
    assert await store.one(counters.reading(values(at=NOW + DAY + 100))) == 0


async def test_a_released_occurrence_leaves_those_before_and_after_it(store: Store) -> None:
    first_, second, third, same = [
        await seen(store, key, "a", at=NOW + at) for key, at in (("1", 0), ("2", 5_000), ("3", 9_000), ("4", 9_000))
    ]
    short = values(at=NOW + 9_000, over=1)
    for kept, last in ((second, 1), (third, 1), (same, 0)):
        await store.commit(Unit(counters.release(kept, NOW + 9_000)))
        assert await store.one(counters.reading(short)) == last
        assert await store.one(counters.reading(values(at=NOW + 9_000))) == 1
    assert await store.one(counters.reading(values(at=NOW + DAY - 1))) == 1
    assert await store.one(counters.reading(values(at=NOW + DAY))) == 0
    await store.commit(Unit(counters.release(first_, NOW + 9_000)))
    assert await store.one(counters.reading(values(at=NOW + 9_000))) == 0
    assert await rows(store, "counted_values") == 0


async def test_whether_a_value_is_new_is_decided_on_too(store: Store) -> None:
    mine = samples.reservation("mine", Count(tally=TALLY, over=DAY, amount=1, value=name_of("a")))
    expected = expect(values(at=NOW, value="a"), 1)
    await seen(store, "1", "b")
    assert await store.commit(Unit(counters.reserve(mine, (expected,)))) == Refused(1)
    await store.commit(Unit(counters.release(samples.reservation("1"), NOW)))
    another = await seen(store, "2", "a")
    two = expect(values(at=NOW, value="a"), 2)
    assert isinstance(await store.commit(Unit(counters.reserve(mine, (two,)))), Committed)
    assert another.counts == mine.counts


async def test_fifty_at_once_never_count_on_the_same_total(store: Store) -> None:
    mine = replace(NOTHING, amount=10)
    count = Count(tally=TALLY, over=DAY, amount=10)

    async def pay(n: int) -> bool:
        """Within 100, or not at all; decided anew as often as the total moves."""
        while (total := await store.one(counters.reading(mine))) is not None and total <= 100:
            kept = samples.reservation(f"k{n}", count)
            if isinstance(await store.commit(Unit(counters.reserve(kept, (expect(mine, total),)))), Committed):
                return True
        return False

    assert sum(await asyncio.gather(*map(pay, range(50)))) == 10
    assert await store.one(counters.reading(NOTHING)) == 100


async def test_a_tally_with_a_hundred_thousand_entries_is_read_from_a_few_hundred_rows(store: Store) -> None:
    def add(n: int) -> tuple[Statement, ...]:
        made = samples.reservation(str(n), Count(tally=TALLY, over=DAY, amount=1), at=NOW - n)
        return counters.reserve(made, ())[1:]

    many = range(0, DAY, 20)
    await store.apply(Unit(tuple(statement for n in many for statement in add(n))))
    assert await store.one(counters.reading(NOTHING)) == len(many)
    params = counters.reading(NOTHING).params
    count = "SELECT COUNT(*) FROM totals WHERE id >= :begin AND id < :end"
    touched = 0
    for level in ("seconds", "minutes", "hours", "days"):
        edges = {"begin": params[f"{level}_from"], "end": params[f"{level}_to"]}
        touched += await store.one(Query(count, edges, first)) or 0
    assert touched < 4 * 64


async def test_s33_a_release_and_its_record_stand_together(store: Store) -> None:
    kept = await paid(store, "k", 5)
    entry = Entry(kind="pdp.released", at=NOW)
    for _ in range(2):
        await store.commit(Unit(counters.release(kept, NOW), audit=entry))
    (head,) = await store.all(audit.recent_heads())
    records = [row.kind for row in await store.all(audit.rows(head.writer))]
    assert records.count("pdp.released") == 1


def test_a_key_is_remembered_as_long_as_anything_counts_and_a_day_at_least() -> None:
    short = samples.reservation("k", Count(tally=TALLY, over=60, amount=1))
    assert short.expires_at == NOW + LEAST_KEPT == NOW + DAY
    long = samples.reservation("k", *short.counts, Count(tally=TALLY, over=30 * DAY, amount=1))
    assert long.expires_at == NOW + 30 * DAY
    assert samples.reservation("k").expires_at == NOW + DAY
