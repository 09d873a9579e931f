"""Counters of a policy in a store: over any interleaving of requests, retries, crashes and late reports, what is executed
without the higher demand is within the threshold.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.flows.counting import (
    NOW,
    OVER,
    PEEK,
    POLICY,
    READ,
    SEND,
    TEXT,
    THRESHOLD,
    asked,
    entry,
    facts,
    named,
    policy,
    reserve,
)

from newel.domain.audit import Entry
from newel.domain.errors import InvalidRequest
from newel.flows import velocity
from newel.flows.counters import Counters
from newel.flows.velocity import StoreCounters
from newel.policy.base import DecisionRequest
from newel.storage import audit
from newel.storage.base import Store
from newel.storage.sqlite import open_store

_NAMES = count()


async def test_each_counter_includes_the_request_that_is_decided(counters: Counters) -> None:
    first = {"velocity.total": 1000, "velocity.often": 1, "velocity.payees": 1, "velocity.from_one_address": 1}
    assert await counters.read(SEND, facts(), NOW) == first
    assert await reserve(counters, "k")
    assert await counters.read(SEND, facts(500), NOW) == {
        "velocity.total": 1500,
        "velocity.often": 2,
        "velocity.payees": 1,
        "velocity.from_one_address": 2,
    }
    assert (await counters.read(SEND, facts(**named("ctx.payee", "Jonas")), NOW))["velocity.payees"] == 2
    assert await counters.read(SEND, facts(), NOW + OVER) == first


async def test_a_target_that_is_not_counted_reads_without_itself(counters: Counters) -> None:
    await reserve(counters, "k")
    await reserve(counters, "l", "bank.transfer:repeat")
    assert await counters.read(PEEK, facts(), NOW) == {
        "velocity.total": 2000,
        "velocity.often": 1,
        "velocity.payees": 1,
        "velocity.from_one_address": 1,
    }
    assert await reserve(counters, "p", PEEK)
    assert (await counters.read(PEEK, facts(), NOW))["velocity.total"] == 2000
    kept = await counters.permitted("bank-api", "p")
    assert kept is not None
    assert (kept.digest, kept.counts) == (b"p", ())


async def test_a_target_at_which_no_counter_can_be_read_has_none(counters: Counters) -> None:
    for target in (READ, "bank.transfer:nothing", "nowhere:nothing"):
        assert await counters.read(target, facts(), NOW) == {}
    assert await reserve(counters, "k", READ)


async def test_a_counter_saturates_at_its_range(counters: Counters) -> None:
    await reserve(counters, "k", amount=4999)
    assert (await counters.read(SEND, facts(1), NOW))["velocity.total"] == 5000
    assert (await counters.read(SEND, facts(2), NOW))["velocity.total"] == 5000
    assert await reserve(counters, "l", amount=900_000)
    read = await counters.read(SEND, facts(1), NOW)
    assert await reserve(counters, "m", amount=7)
    assert not await counters.reserve(asked("n", read, facts(1)))  # the others moved
    assert (await counters.read(PEEK, facts(), NOW))["velocity.often"] == 3


@pytest.mark.parametrize(
    ("missing", "left"),
    [
        ({"subject": None}, {"velocity.from_one_address"}),
        ({"amount": None}, {"velocity.often", "velocity.payees", "velocity.from_one_address"}),
        ({"amount": True}, {"velocity.often", "velocity.payees", "velocity.from_one_address"}),
        ({"amount": -1}, {"velocity.often", "velocity.payees", "velocity.from_one_address"}),
        ({"ctx.payee": None}, {"velocity.total", "velocity.often", "velocity.from_one_address"}),
        ({"client.ip": None}, {"velocity.total", "velocity.often", "velocity.payees"}),
        ({"client.ip": "nowhere"}, {"velocity.total", "velocity.often", "velocity.payees"}),
    ],
)
async def test_a_counter_is_missing_where_what_it_counts_by_is(
    counters: Counters, missing: dict[str, Any], left: set[str]
) -> None:
    known = facts(**missing)
    read = await counters.read(SEND, known, NOW)
    assert read.keys() == left
    assert await counters.reserve(asked("k", read, known))


async def test_an_address_is_one_key_however_it_is_written(counters: Counters) -> None:
    for key, address in enumerate(("2001:db8::1", "2001:DB8:0:0::1", "2001:0db8:0000:0000:0000:0000:0000:0001")):
        await reserve(counters, str(key), **named("client.ip", address))
    read = await counters.read(PEEK, facts(**named("client.ip", "2001:db8::1")), NOW)
    assert read["velocity.from_one_address"] == 3


async def test_people_are_counted_apart(counters: Counters) -> None:
    await reserve(counters, "k")
    assert (await counters.read(SEND, facts(subject="bob"), NOW))["velocity.total"] == 1000


async def test_a_moved_counter_refuses_and_what_is_decided_anew_stands(counters: Counters) -> None:
    known = facts()
    early = await counters.read(SEND, known, NOW)
    assert await reserve(counters, "k")
    assert not await counters.reserve(asked("l", early, known))
    assert await counters.permitted("bank-api", "l") is None
    assert await reserve(counters, "l")


async def test_counters_of_another_policy_than_now_are_read_again(store: Store) -> None:
    inside = [POLICY]
    counters = StoreCounters(store, lambda: inside[0])
    read = await counters.read(SEND, facts(), NOW)
    begin, end = TEXT.index("  often:"), TEXT.index("  payees:")
    inside[0] = policy(text=TEXT[:begin] + TEXT[end:])
    assert not await counters.reserve(asked("k", read, facts()))
    assert await reserve(counters, "k")


async def test_a_longer_window_keeps_what_was_counted_and_another_fact_begins_anew(store: Store) -> None:
    inside = [POLICY]
    counters = StoreCounters(store, lambda: inside[0])
    await reserve(counters, "k")
    inside[0] = policy("30d")
    assert (await counters.read(PEEK, facts(), NOW))["velocity.total"] == 1000
    inside[0] = policy(
        text=TEXT.replace("total: {sum: ctx.amount, by: subject.id", "total: {sum: ctx.amount, by: ctx.country")
    )
    assert (await counters.read(PEEK, facts(**named("ctx.country", "DE")), NOW))["velocity.total"] == 0


async def test_a_retry_does_not_count_twice(counters: Counters) -> None:
    assert await reserve(counters, "k")
    kept = await counters.permitted("bank-api", "k")
    assert kept is not None
    assert kept.digest == b"k"
    assert not await reserve(counters, "k")
    assert (await counters.read(PEEK, facts(), NOW))["velocity.total"] == 1000


async def test_only_whoever_reserved_releases_and_once(store: Store, counters: Counters) -> None:
    await reserve(counters, "k")
    assert not await counters.release("another-api", "k", entry("pdp.released"))
    assert not await counters.release("bank-api", "never", entry("pdp.released"))
    both = (counters.release("bank-api", "k", entry("pdp.released")) for _ in range(2))
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert not await counters.release("bank-api", "k", entry("pdp.released"))
    assert (await counters.read(PEEK, facts(), NOW))["velocity.total"] == 0
    (head,) = await store.all(audit.recent_heads())
    kinds = [row.kind for row in await store.all(audit.rows(head.writer))]
    assert (kinds.count("pdp.evaluated"), kinds.count("pdp.released")) == (1, 1)


async def test_a_released_key_permits_nothing_again(counters: Counters) -> None:
    await reserve(counters, "k")
    await counters.release("bank-api", "k", entry("pdp.released"))
    with pytest.raises(InvalidRequest, match="was released"):
        await counters.permitted("bank-api", "k")
    assert not await reserve(counters, "k")


@dataclass
class House:
    """A resource server that executes what it is permitted without the higher demand, and reports or not."""

    counters: Counters
    who: str
    executed: dict[str, int] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    async def pay(self, key: str, amount: int, tries: list[str]) -> None:
        """One payment, asked for again by a client that does not know what became of it; what happens each time."""
        for what in tries:
            if await self._permitted(key, amount):
                await self._act(key, amount, what)

    async def _permitted(self, key: str, amount: int) -> bool:
        known = facts(amount, self.who)
        while True:
            try:
                first = await self.counters.permitted("bank-api", key)
            except InvalidRequest:
                return False
            counted = await self.counters.read(SEND, known, NOW, first)
            decision = POLICY.decide(DecisionRequest(target=SEND, facts={**known, **counted}))
            if first is not None:
                assert first.digest == key.encode()
                assert not decision.requirement.evidence
                return True
            if decision.requirement.evidence:
                return False
            if await self.counters.reserve(asked(key, counted, known)):
                return True

    async def _act(self, key: str, amount: int, what: str) -> None:
        if key in self.executed or key in self.unused:
            return
        if what == "execute":
            self.executed[key] = amount
        elif what == "give back":
            await self.counters.release("bank-api", key, entry("pdp.released"))
        elif what == "give back later":
            self.unused.append(key)

    async def report(self) -> None:
        """The reports that are late, some of them twice."""
        for key in [*self.unused, *self.unused[:3]]:
            await self.counters.release("bank-api", key, entry("pdp.released"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Store]]:
    """A store for every example of a law, in a loop of its own."""
    path = tmp_path_factory.mktemp("velocity") / "newel.db"
    with asyncio.Runner() as runner:
        store = runner.run(open_store(path, audit_key=bytes(32), now_ms=NOW * 1000, sync=lambda _: None))
        yield runner, store
        runner.run(store.close())


WHAT = st.sampled_from(("execute", "execute", "crash", "give back", "give back later"))
PAYMENT = st.tuples(st.sampled_from((100, 250, 400, 900, 2900)), st.lists(WHAT, min_size=1, max_size=3))


@settings(max_examples=4, deadline=None)
@given(st.lists(PAYMENT, min_size=50, max_size=50))
def test_fifty_parallel_payments_stay_within_the_threshold(
    running: tuple[asyncio.Runner, Store], payments: list[tuple[int, list[str]]]
) -> None:
    runner, store = running

    async def paid() -> None:
        house = House(StoreCounters(store, lambda: POLICY), f"fifty {next(_NAMES)}")
        for _ in range(2):
            await asyncio.gather(*(house.pay(f"{house.who} {n}", *each) for n, each in enumerate(payments)))
            await house.report()
        read = await house.counters.read(PEEK, facts(subject=house.who), NOW)
        assert sum(house.executed.values()) <= read["velocity.total"] <= THRESHOLD

    runner.run(paid())


@dataclass
class Model:
    """Every reservation in a list."""

    over: int
    kept: dict[str, tuple[int, int, str, str]] = field(default_factory=dict)

    def read(self, amount: int, payee: str, address: str, now: int) -> dict[str, int]:
        window = [each for each in self.kept.values() if each[0] > now - self.over]
        return {
            "velocity.total": min(5000, amount + sum(each[1] for each in window)),
            "velocity.often": 1 + len(window),
            "velocity.payees": len({payee, *(each[2] for each in window)}),
            "velocity.from_one_address": 1 + sum(each[3] == address for each in window),
        }


STEP = st.tuples(
    st.sampled_from(("reserve", "reserve", "release")),
    st.sampled_from((0, 1, 30, 64, 4_096, 40_000, -3)),
    st.sampled_from(("a", "b", "c", "d", "e")),
    st.integers(0, 2500),
    st.sampled_from(("Maria", "Jonas", "Lena")),
    st.sampled_from(("192.0.2.1", "192.0.2.2")),
)
WINDOWS = {"60s": 60, "1h": 3_600, "24h": OVER}
POLICIES = {over: policy(over) for over in WINDOWS}


@settings(deadline=None)
@given(over=st.sampled_from(sorted(WINDOWS)), steps=st.lists(STEP, max_size=20))
def test_counters_hold_what_a_list_of_all_reservations_says(
    running: tuple[asyncio.Runner, Store], over: str, steps: list[tuple[str, int, str, int, str, str]]
) -> None:
    runner, store = running
    runner.run(walk(StoreCounters(store, lambda: POLICIES[over]), Model(WINDOWS[over]), steps))


async def walk(counters: Counters, model: Model, steps: list[tuple[str, int, str, int, str, str]]) -> None:
    """Each step by both, in a world of its own."""
    now, world, spent = NOW, f"{next(_NAMES)}", set[str]()
    for kind, passes, key, amount, payee, address in steps:
        now += passes
        if kind == "release":
            released = await counters.release("bank-api", world + key, Entry(kind="pdp.released", at=now))
            assert released == (key in model.kept)
            model.kept.pop(key, None)
            continue
        known = facts(amount, world, **{"ctx.payee": payee, "client.ip": f"::{world}:{address}"})
        read = await counters.read(SEND, known, now)
        assert read == model.read(amount, payee, address, now)
        assert await counters.reserve(asked(world + key, read, known, at=now)) == (key not in spent)
        if key not in spent:
            spent.add(key)
            model.kept[key] = (now, amount, payee, address)


async def test_counters_of_more_targets_than_are_remembered_are_read_too(
    counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(velocity, "MOST_TARGETS", 1)
    assert await counters.read(PEEK, facts(), NOW)
    for _ in range(2):
        assert (await counters.read(SEND, facts(), NOW))["velocity.often"] == 1
    assert isinstance(counters, StoreCounters)
    assert counters._countable.keys() == {PEEK}
