"""What a prover holds for usual of several counters is so of real ones; and where it is not, nothing leans on it."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.flows.counting import NOW, PEEK, SEND, TEXT, asked, facts, named, policy, reserve

from newel.domain.audit import Entry
from newel.flows.velocity import StoreCounters
from newel.policy.document import Document
from newel.policy.facts import MOST
from newel.policy.message import Source
from newel.policy.prove.demand import Demands
from newel.policy.prove.together import usually
from newel.policy.read.document import read_document
from newel.storage.base import Store
from newel.storage.sqlite import open_store

COUNTERS = """\
velocity:
  total: {sum: ctx.amount, by: subject.id, over: 1h, of: ["bank.transfer:send", "bank.transfer:repeat"], range: [0, MOST]}
  sent: {sum: ctx.amount, by: subject.id, over: 60s, of: "bank.transfer:send", range: [0, MOST]}
  often: {count: requests, by: subject.id, over: 1h, of: "bank.transfer:send", range: [0, 4]}
  seldom: {count: requests, by: subject.id, over: 60s, of: "bank.transfer:send"}
  payees: {distinct: ctx.payee, by: subject.id, over: 60s, of: "bank.transfer:send"}
  sizes: {distinct: ctx.amount, by: subject.id, over: 1h, of: "bank.transfer:send", range: [0, 2]}
rules:
"""
BEGIN, END = TEXT.index("velocity:\n"), TEXT.index("  - id: small")
_NAMES = count()


def text(low: int, high: int, most: int) -> str:
    """The policy with more counters, an amount of `low` to `high`, and sums that end at `most`."""
    several = TEXT[:BEGIN] + COUNTERS.replace("MOST", str(most)) + TEXT[END:]
    several = several.replace("> 3000", "> 0")
    return several.replace("range: [0, 1000000]", f"range: [{low}, {high}]")


def document(written: str) -> Document:
    return read_document([Source.of("policy.yaml", written)])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Store]]:
    path = tmp_path_factory.mktemp("together") / "newel.db"
    with asyncio.Runner() as runner:
        store = runner.run(open_store(path, audit_key=bytes(32), now_ms=NOW * 1000, sync=lambda _: None))
        yield runner, store
        runner.run(store.close())


RANGES = ((0, 50, 120), (1, 50, 120), (1, 1, MOST), (7, 9, 30), (1, MOST, MOST), (MOST // 2, MOST, MOST))
POLICIES = {each: text(*each) for each in RANGES}
DOCUMENTS = {each: document(written) for each, written in POLICIES.items()}
SNAPSHOTS = {each: policy(text=written) for each, written in POLICIES.items()}
STEP = st.tuples(
    st.sampled_from((SEND, SEND, "bank.transfer:repeat", "release")),
    st.sampled_from((0, 1, 30, 64, 4_096)),
    st.integers(0, 4),
    st.sampled_from((0, 0, 1, 2, MOST)),
    st.sampled_from(("Maria", "Jonas", "Lena")),
)


@settings(deadline=None)
@given(ranges=st.sampled_from(RANGES), steps=st.lists(STEP, max_size=12))
def test_counters_of_requests_that_say_everything_are_as_usual_at_every_target(
    running: tuple[asyncio.Runner, Store], ranges: tuple[int, int, int], steps: list[tuple[str, int, int, int, str]]
) -> None:
    runner, store = running
    demands = Demands(DOCUMENTS[ranges])
    usual = {each: usually(demands.scene(each), DOCUMENTS[ranges].counters) for each in (SEND, PEEK)}
    low, high, _ = ranges

    async def walk() -> None:
        counters, world, now = StoreCounters(store, lambda: SNAPSHOTS[ranges]), f"together {next(_NAMES)} ", NOW
        for kind, passes, key, above, payee in steps:
            now += passes
            known = facts(min(high, low + above), world, **{"ctx.payee": payee})
            if kind == "release":
                await counters.release("bank-api", f"{world}{key}", Entry(kind="pdp.released", at=now))
            else:
                read = await counters.read(kind, known, now)
                await counters.reserve(asked(f"{world}{key}", read, known, target=kind, at=now))
            for target, fits in usual.items():
                counted = await counters.read(target, known, now)
                assert counted.keys() == DOCUMENTS[ranges].counters.keys()
                assert fits({**known, **counted}), (target, counted)

    runner.run(walk())


async def test_a_counter_that_was_declared_later_knows_less_than_one_beside_it(store: Store) -> None:
    old = text(1, 50, 120).replace("  often:", "  other:").replace("  seldom:", "  another:")
    inside = [policy(text=old)]
    counters = StoreCounters(store, lambda: inside[0])
    for payee in ("Maria", "Jonas"):
        assert await reserve(counters, payee, amount=50, **named("ctx.payee", payee))
    inside[0] = policy(text=text(1, 50, 120))
    known = facts(1, **{"ctx.payee": "Lena"})
    read = await counters.read(SEND, known, NOW)
    assert (read["velocity.seldom"], read["velocity.payees"]) == (1, 3)
    demands = Demands(document(text(1, 50, 120)))
    assert not usually(demands.scene(SEND), read)({**known, **read})


async def test_a_request_without_an_amount_is_counted_and_not_summed(store: Store) -> None:
    counters = StoreCounters(store, lambda: policy(text=text(7, 9, 30)))
    for key in ("k", "l"):
        assert await reserve(counters, key, amount=None)
    read = await counters.read(PEEK, facts(7), NOW)
    assert (read["velocity.seldom"], read["velocity.sent"]) == (2, 0)
