"""Counters for a question that is asked again under its key: as they were for the first answer, and none counts it twice."""

import pytest
from server.tests.unit.flows.counting import NOW, OVER, POLICY, SEND, TEXT, facts, named, policy, reserve

from newel.flows.counters import Counters
from newel.flows.velocity import StoreCounters
from newel.storage.base import Store


async def test_a_retry_reads_the_counters_as_they_were_for_the_first(counters: Counters) -> None:
    assert await reserve(counters, "k")
    first = await counters.permitted("bank-api", "k")
    for key in "lm":
        assert await reserve(counters, key, amount=1500, **named("ctx.payee", key))
    as_then = {"velocity.total": 1000, "velocity.often": 1, "velocity.payees": 1, "velocity.from_one_address": 1}
    for later in (0, OVER - 1, OVER + 1):
        assert await counters.read(SEND, facts(), NOW + later, first) == as_then
    assert (await counters.read(SEND, facts(), NOW))["velocity.total"] == 5000
    another_amount = await counters.read(SEND, facts(2), NOW, first)
    assert another_amount == {**as_then, "velocity.total": 4002}


@pytest.mark.parametrize(
    ("old", "new", "total"),
    [
        ("over: OVER, of: [", "over: 48h, of: [", 1700),
        ("range: [0, 5000]", "range: [0, 6000]", 1700),
        ("sum: ctx.amount, by: subject.id", "sum: ctx.amount, by: client.ip", 1000),
    ],
)
async def test_a_retry_reads_now_what_the_policy_counts_otherwise_than_for_the_first_and_counts_itself_once(
    store: Store, old: str, new: str, total: int
) -> None:
    inside = [POLICY]
    counters = StoreCounters(store, lambda: inside[0])
    await reserve(counters, "k")
    await reserve(counters, "l", amount=700)
    first = await counters.permitted("bank-api", "k")
    assert (await counters.read(SEND, facts(), NOW, first))["velocity.total"] == 1000
    inside[0] = policy(text=TEXT.replace(old, new, 1))
    assert (await counters.read(SEND, facts(), NOW, first))["velocity.total"] == total
    assert (await counters.read(SEND, facts(), NOW, first))["velocity.often"] == 1
