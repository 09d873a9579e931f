"""Velocity: the counters of the policy in force, read and reserved in a store."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from newel.domain.audit import Entry
from newel.domain.errors import InvalidRequest
from newel.domain.value import dataclass, replace
from newel.domain.velocity import Count, Expectation, KeptReservation, Reading, name_of
from newel.flows.counters import Reservation
from newel.policy.base import Policy
from newel.policy.document import Counter
from newel.policy.facts import MOST, Fact
from newel.policy.lang.network import address_number
from newel.storage.base import Committed, Store, Unit
from newel.storage.sql import counters as sql

MOST_TARGETS = 1024
"""Targets whose counters are remembered; any name may be asked for at an open resource."""


@dataclass(frozen=True, slots=True)
class _Countable:
    """A counter that conditions at a target may read, with the facts it goes by; `adds` where the target is counted."""

    counter: Counter
    by: Fact
    counted: Fact | None
    adds: bool


class StoreCounters:
    """A `flows.counters.Counters` over a store. `policy` gives the policy in force."""

    def __init__(self, store: Store, policy: Callable[[], Policy]) -> None:
        self._store = store
        self._policy = policy
        self._of: Policy | None = None
        self._countable: dict[str, tuple[_Countable, ...]] = {}

    async def permitted(self, client: str, key: str) -> KeptReservation | None:
        """What was permitted under a key; None where nothing was.

        InvalidRequest for a key that was released: it can permit nothing that is counted, nor be counted again.
        """
        kept = await self._store.one(sql.reservation(_id(client, key)))
        if kept is not None and kept.released_at is not None:
            raise InvalidRequest("this reservation key was released; ask under another one")
        return kept

    async def read(
        self, target: str, facts: Mapping[str, Any], now: int, first: KeptReservation | None = None
    ) -> Mapping[str, Any]:
        """The counters at a target by name, the request with these facts included; as they were for its `first` answer.

        One whose key or whose counted fact is missing is left out, so that what reads it demands more. One that the first
        answer was not decided with, as the policy has it now, is read now.
        """
        found: dict[str, int] = {}
        for each, reading in self._reads(target, facts, now):
            value = None if first is None else first.counted.get(_decided(each.counter, reading))
            if value is None:
                value = await self._value(reading, first)
            found[each.counter.name] = min(value, each.counter.high)
        return found

    async def _value(self, reading: Reading, first: KeptReservation | None) -> int:
        counted = first is not None and first.within(reading)
        [value] = await self._store.all(sql.reading(replace(reading, amount=0) if counted else reading))
        return value

    async def reserve(self, reservation: Reservation) -> bool:
        """Keep a reservation, in one conditional unit: False where a counter moved or the key was used meanwhile."""
        reads = list(self._reads(reservation.target, reservation.facts, reservation.at))
        if {each.counter.name for each, _ in reads} != reservation.counted.keys():
            return False
        kept = KeptReservation(
            id=_id(reservation.client, reservation.key),
            digest=reservation.digest,
            bound=reservation.bound,
            at=reservation.at,
            counts=tuple(_count(reading) for each, reading in reads if each.adds),
            counted={
                _decided(each.counter, reading): reservation.counted[each.counter.name] for each, reading in reads
            },
        )
        expected = tuple(
            _expected(each.counter, reading, reservation.counted[each.counter.name]) for each, reading in reads
        )
        outcome = await self._store.commit(Unit(sql.reserve(kept, expected), audit=reservation.entry))
        return isinstance(outcome, Committed)

    async def release(self, client: str, key: str, entry: Entry) -> bool:
        """Give back what was reserved under a key, once, and record it. Whether there was such a reservation."""
        kept = await self._store.one(sql.reservation(_id(client, key)))
        if kept is None or kept.released_at is not None:
            return False
        outcome = await self._store.commit(Unit(sql.release(kept, entry.at), audit=entry))
        return isinstance(outcome, Committed)

    def _reads(self, target: str, facts: Mapping[str, Any], now: int) -> Iterator[tuple[_Countable, Reading]]:
        """Each counter that conditions at a request's target may read, and how it reads it."""
        for each in self._at(target):
            counter = each.counter
            key = _told_apart(each.by, facts.get(counter.by))
            if key is None:
                continue
            amount, value = _added(each, facts) if each.adds else (0, None)
            if amount is not None:
                tally = name_of(counter.name, counter.kind, counter.fact, counter.by, *key)
                yield each, Reading(tally, now, counter.over, amount, value)

    def _at(self, target: str) -> tuple[_Countable, ...]:
        """The counters of a target under the policy in force, found once for each."""
        policy = self._policy()
        if policy is not self._of:
            self._of, self._countable = policy, {}
        found = self._countable.get(target)
        if found is None:
            found = tuple(_countable(policy, target))
            if len(self._countable) < MOST_TARGETS:
                self._countable[target] = found
        return found


def _id(client: str, key: str) -> str:
    return name_of("reservation", client, key)


def _countable(policy: Policy, target: str) -> Iterator[_Countable]:
    if not policy.counters or not policy.declared(target):
        return
    declared = policy.facts_at(target)
    for counter in policy.counters.values():
        by = declared.get(counter.by)
        if counter.name in declared and by is not None:
            yield _Countable(counter, by, declared.get(counter.fact), target in counter.targets)


def _added(each: _Countable, facts: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """The amount that a request adds, None where it is not known; and the value, where different ones count."""
    if each.counter.kind == "count":
        return 1, None
    given = facts.get(each.counter.fact)
    if each.counter.kind == "sum":
        return (given if type(given) is int and 0 <= given <= MOST else None), None
    value = _told_apart(each.counted, given)
    return (None, None) if value is None else (1, name_of(*value))


def _told_apart(fact: Fact | None, value: Any) -> tuple[str, str | int] | None:
    """What a value is told apart by, an address however it is written; None for one that is missing or unfit."""
    if fact is None or type(value) not in {str, int}:
        return None
    if fact.kind != "ip":
        return type(value).__name__, value
    try:
        return fact.kind, address_number(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _count(reading: Reading) -> Count:
    return Count(tally=reading.tally, over=reading.over, amount=reading.amount, value=reading.value)


def _decided(counter: Counter, reading: Reading) -> str:
    """What a counter's value is kept under: another where the policy or a fact makes it another value."""
    return name_of(reading.tally, reading.over, reading.amount, reading.value or "", counter.high)


def _expected(counter: Counter, reading: Reading, decided: int) -> Expectation:
    """What was decided on; a saturated value stands for everything from there on."""
    return Expectation(reading=reading, least=decided, most=MOST if decided >= counter.high else decided)
