"""Clients."""

from server.tests.contract import samples

from newel.domain.value import replace
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import clients, epoch


async def test_an_unknown_client_is_none(store: Store) -> None:
    assert await store.one(clients.client("nobody")) is None


async def test_a_client_id_is_taken_once(store: Store) -> None:
    assert isinstance(await store.commit(Unit(clients.add_client(samples.client()))), Committed)
    assert await store.commit(Unit(clients.add_client(samples.client()))) == Refused(0)


async def test_a_client_is_replaced_listed_and_removed(store: Store) -> None:
    other = samples.client("another")
    await store.commit(Unit((*clients.add_client(samples.client()), *clients.add_client(other))))
    assert await store.all(clients.clients()) == [other, samples.client()]
    changed = replace(other, disabled=True)
    await store.commit(Unit(clients.replace_client(changed)))
    assert await store.one(clients.client("another")) == changed
    await store.commit(Unit(clients.remove_client("another")))
    assert await store.all(clients.clients()) == [samples.client()]
    assert await store.commit(Unit(clients.remove_client("another"))) == Refused(0)
    assert await store.commit(Unit(clients.replace_client(changed))) == Refused(0)


async def test_every_change_moves_the_epoch_and_a_refused_one_does_not(store: Store) -> None:
    await store.commit(Unit(clients.add_client(samples.client())))
    await store.commit(Unit(clients.add_client(samples.client())))
    await store.commit(Unit(clients.replace_client(samples.client())))
    await store.commit(Unit(clients.remove_client("bank-web")))
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=0, clients=3, revocations=0)
