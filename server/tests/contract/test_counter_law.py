"""The law of counters: over any interleaving of decisions, retries, releases and late reservations, a counter holds what
a list of all reservations says, and what was permitted below its threshold stays within it in every window.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from server.tests.contract.opening import ENGINES, NOW, Database, open_engine

from newel.domain.velocity import Count, Expectation, KeptReservation, Reading, name_of
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import counters

THRESHOLD = 100
PAYEES = ("maria", "jonas")
_WORLDS = count()


@dataclass
class Decided:
    """A decision that read a sum and how many payees; `below` where it was permitted without a higher demand."""

    key: str
    at: int
    amount: int
    payee: str
    total: int
    payees: int

    @property
    def below(self) -> bool:
        return self.total <= THRESHOLD


@dataclass
class World:
    """One counter of each kind in a store, beside a list of all that was reserved."""

    store: Store
    over: int
    name: str = field(default_factory=lambda: str(next(_WORLDS)))
    keys: set[str] = field(default_factory=set)
    kept: dict[str, Decided] = field(default_factory=dict)

    def total(self, at: int, amount: int) -> int:
        return sum(each.amount for each in self.kept.values() if each.at > at - self.over) + amount

    def payees(self, at: int, payee: str) -> int:
        return len({each.payee for each in self.kept.values() if each.at > at - self.over} | {payee})

    def readings(self, at: int, amount: int, payee: str) -> tuple[Reading, Reading]:
        summed, told_apart = name_of(self.name, "sum"), name_of(self.name, "distinct")
        return (
            Reading(tally=summed, at=at, over=self.over, amount=amount),
            Reading(tally=told_apart, at=at, over=self.over, amount=1, value=name_of(payee)),
        )

    async def decide(self, key: str, at: int, amount: int, payee: str) -> Decided:
        total, payees = [await self.store.one(counters.reading(each)) for each in self.readings(at, amount, payee)]
        assert (total, payees) == (self.total(at, amount), self.payees(at, payee))
        return Decided(key, at, amount, payee, total or 0, payees or 0)

    async def reserve(self, decided: Decided) -> None:
        """Reserve, late or again; what was decided on must stand, and the key must be new."""
        readings = self.readings(decided.at, decided.amount, decided.payee)
        kept = KeptReservation(
            id=name_of(self.name, decided.key),
            digest=b"",
            at=decided.at,
            counts=tuple(Count(tally=r.tally, over=r.over, amount=r.amount, value=r.value) for r in readings),
        )
        held = decided.total, decided.payees
        expected = tuple(Expectation(reading=r, least=h, most=h) for r, h in zip(readings, held, strict=True))
        outcome = await self.store.apply(Unit(counters.reserve(kept, expected)))
        now = self.total(decided.at, decided.amount), self.payees(decided.at, decided.payee)
        if decided.key in self.keys:
            assert outcome == Refused(0)
        elif now != held:
            assert isinstance(outcome, Refused)
        else:
            assert isinstance(outcome, Committed)
            self.keys.add(decided.key)
            self.kept[decided.key] = decided

    async def release(self, key: str, now: int) -> None:
        kept = await self.store.one(counters.reservation(name_of(self.name, key)))
        assert (kept is None) == (key not in self.keys)
        if kept is not None:
            outcome = await self.store.apply(Unit(counters.release(kept, now)))
            assert isinstance(outcome, Committed) == (key in self.kept)
            self.kept.pop(key, None)

    def within(self) -> None:
        """In every window that ends with a reservation, what was permitted below the threshold does not exceed it."""
        below = [each for each in self.kept.values() if each.below]
        for last in below:
            window = [each.amount for each in below if last.at - self.over < each.at <= last.at]
            assert sum(window) <= THRESHOLD


PASSES = (0, 0, 1, 7, 63, 64, 65, 3_000, 4_096, 86_400, 262_144, -1, -1, -64, -5_000)
PAID = st.tuples(st.just("pay"), st.sampled_from(PASSES), st.integers(0, 60), st.sampled_from(PAYEES))
NUMBERED = st.tuples(
    st.sampled_from(("decide", "late", "again", "release", "release")),
    st.sampled_from(PASSES),
    st.integers(0, 9),
    st.sampled_from(PAYEES),
)


async def walk(world: World, steps: list[tuple[str, int, int, str]]) -> None:
    """Take the steps: a decision may be reserved at any later time, or twice, or under a key that was used."""
    now, waiting = NOW, [await world.decide("first", NOW, 10, PAYEES[0])]
    for step, (kind, passes, number, payee) in enumerate(steps):
        now += passes
        which = waiting[number % len(waiting)]
        if kind in {"decide", "pay"}:
            waiting.append(await world.decide(str(step), now, number, payee))
        if kind == "pay":
            await world.reserve(waiting[-1])
        elif kind == "late":
            await world.reserve(which)
        elif kind == "again":
            await world.reserve(await world.decide(which.key, now, which.amount, payee))
        elif kind == "release":
            await world.release(which.key, now)
        world.within()
        await world.decide("nobody's", now, 0, "nobody")


@pytest.fixture(scope="module", params=ENGINES)
def laws(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[asyncio.Runner, Store]]:
    """A store for every example, in its own loop."""
    path = tmp_path_factory.mktemp("laws")
    with asyncio.Runner() as runner:
        store = runner.run(open_engine(Database(request.param, str(path / "newel.db"))))
        yield runner, store
        runner.run(store.close())


LATE_FIRST = [("pay", 0, 1, "maria"), ("pay", -1, 1, "maria"), ("release", 0, 1, "maria")]
"""The later of two occurrences is given back, and the earlier one came after it."""


@settings(deadline=None)  # a disk has none
@example(over=50, steps=LATE_FIRST)
@given(over=st.sampled_from((1, 50, 64, 3_600, 86_400, 300_000)), steps=st.lists(PAID | NUMBERED, max_size=20))
def test_counters_hold_what_was_reserved_and_nothing_below_the_threshold_exceeds_it(
    laws: tuple[asyncio.Runner, Store], over: int, steps: list[tuple[str, int, int, str]]
) -> None:
    runner, store = laws
    runner.run(walk(World(store, over), steps))
