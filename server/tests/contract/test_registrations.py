"""The resources that clients registered."""

from server.tests.contract import samples

from newel.domain.value import replace
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import clients, registrations
from newel.storage.sql.registrations import Registration


def record(identifier: str, client: str = "bank-web", kind: str = "record") -> Registration:
    return Registration(client_id=client, type=kind, id=identifier, properties={"owner": "alice"})


async def with_clients(store: Store, *more: Registration) -> None:
    """Two clients, and what they registered."""
    both = (*clients.add_client(samples.client()), *clients.add_client(samples.client("another")))
    await store.commit(Unit((*both, *map(registrations.register, more))))


async def test_a_resource_comes_back_under_its_client_type_and_id(store: Store) -> None:
    await with_clients(store, record("101"))
    assert await store.one(registrations.registration("bank-web", "record", "101")) == record("101")
    for wrong in (("another", "record", "101"), ("bank-web", "shelf", "101"), ("bank-web", "record", "102")):
        assert await store.one(registrations.registration(*wrong)) is None


async def test_only_a_client_registers_and_each_resource_once(store: Store) -> None:
    await with_clients(store, record("101"))
    assert await store.commit(Unit((registrations.register(record("101", "nobody")),))) == Refused(0)
    changed = replace(record("101"), properties={})
    assert await store.commit(Unit((registrations.register(changed),))) == Refused(0)
    assert await store.one(registrations.registration("bank-web", "record", "101")) == record("101")
    assert isinstance(await store.commit(Unit((registrations.register(record("101", "another")),))), Committed)


async def test_resources_of_a_type_are_listed_in_pages_by_id(store: Store) -> None:
    numbers = ("103", "101", "105", "102", "104")
    await with_clients(store, *map(record, numbers), record("104x", kind="shelf"), record("1", "another"))
    seen: list[str] = []
    while page := await store.all(registrations.registrations("bank-web", "record", seen[-1] if seen else "", 2)):
        seen += [each.id for each in page]
    assert seen == sorted(numbers)
    everything = await store.all(registrations.all_registrations("bank-web"))
    assert [(each.type, each.id) for each in everything] == [*(("record", id_) for id_ in seen), ("shelf", "104x")]


async def test_a_resource_is_removed_once(store: Store) -> None:
    await with_clients(store, record("101"), record("102"))
    assert isinstance(await store.commit(Unit((registrations.unregister("bank-web", "record", "101"),))), Committed)
    assert await store.commit(Unit((registrations.unregister("bank-web", "record", "101"),))) == Refused(0)
    assert await store.all(registrations.all_registrations("bank-web")) == [record("102")]


async def test_all_of_a_client_are_removed_and_none_of_another(store: Store) -> None:
    await with_clients(store, record("101"), record("1", "another"))
    await store.commit(Unit((registrations.unregister_all("bank-web"),)))
    assert await store.all(registrations.all_registrations("bank-web")) == []
    assert await store.all(registrations.all_registrations("another")) == [record("1", "another")]
