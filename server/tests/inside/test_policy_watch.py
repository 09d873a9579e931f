"""The watch of a worker: it takes over what was activated, once, and keeps what decides where that cannot be read."""

import asyncio
from typing import Any

import pytest
from server.tests.inside.inside import Inside
from server.tests.inside.switched import BANK, snapshot

from newel.domain.snapshot import Activation
from newel.domain.value import replace
from newel.flows.policies import PolicyWatch, bring, kept, last_activation
from newel.policy.message import Source
from newel.policy.shipped import closed, shipped
from newel.services import ActivePolicy
from newel.storage.base import Statement, Unit
from newel.storage.codec import encode
from newel.storage.sql.snapshots import activate


@pytest.fixture
def active() -> ActivePolicy:
    return ActivePolicy(shipped())


@pytest.fixture
def watch(server: Inside, active: ActivePolicy) -> PolicyWatch:
    return PolicyWatch(replace(server.services, active=active))


def looked(server: Inside, watch: PolicyWatch) -> None:
    """In the application's loop, where its store is at home."""
    asyncio.run_coroutine_threadsafe(watch.look(), server.loop).result(30)


def activated(server: Inside, name: str, *, damaged: bool = False) -> str:
    """Activate a policy of this name; its version."""
    text = BANK.replace("name: test-bank", f"name: {name}")
    made, sources = snapshot(text), [Source.of("policy.yaml", text)]

    async def work(everything: Any) -> None:
        if not damaged:
            await bring(everything.store, made, sources, author="test", reason="a test", now=everything.now)
            return
        last = await last_activation(everything.store)
        body = encode(kept(made, sources, author="test", now=everything.now, checks={}))[:100]
        keep = Statement("INSERT INTO snapshots (version, body) VALUES (:v, :b)", {"v": made.version, "b": body})
        number, version = last.number + 1 if last else 1, made.version
        one = Activation(number=number, version=version, author="test", reason="a test", at=everything.now)
        await everything.store.commit(Unit((keep, *activate(one))))

    server.open(work)
    return made.version


def test_the_last_that_can_be_read_decides(server: Inside, watch: PolicyWatch, active: ActivePolicy) -> None:
    first = activated(server, "watched")
    looked(server, watch)
    taken = active.policy
    assert taken.version == first
    looked(server, watch)
    assert active.policy is taken
    lost = activated(server, "watched-and-lost", damaged=True)
    looked(server, watch)
    assert (active.policy is taken, active.unreadable) == (True, (lost,))
    other = activated(server, "watched-too")
    looked(server, watch)
    assert (active.policy.version, active.unreadable) == (other, ())


def test_a_start_that_can_read_none_denies_everything_and_a_worker_goes_on(
    server: Inside, watch: PolicyWatch, active: ActivePolicy
) -> None:
    activated(server, "readable")
    looked(server, watch)
    taken = active.policy

    async def damage(everything: Any) -> None:
        await everything.store.commit(Unit((Statement("UPDATE snapshots SET body = x'00'", {}),)))

    server.open(damage)
    activated(server, "unreadable", damaged=True)
    looked(server, watch)
    assert active.policy is taken
    assert active.unreadable
    starting = ActivePolicy(shipped())
    looked(server, PolicyWatch(replace(server.services, active=starting)))
    assert starting.policy is closed()
