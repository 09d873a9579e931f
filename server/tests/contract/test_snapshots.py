"""Snapshots of policies and their activations."""

import asyncio
from itertools import starmap

import pytest
from server.tests.contract import samples
from server.tests.contract.samples import NOW

from newel.domain.value import replace
from newel.storage.base import Committed, Refused, Statement, Store, Unit
from newel.storage.sql import epoch, snapshots


async def kept(store: Store, *versions: str) -> None:
    await store.commit(Unit(tuple(snapshots.keep_snapshot(samples.snapshot(version)) for version in versions)))


async def test_an_empty_database_has_no_policy(store: Store) -> None:
    assert await store.one(snapshots.snapshot("a1")) is None
    assert await store.all(snapshots.activations(5)) == []


async def test_a_snapshot_comes_back_and_is_never_changed(store: Store) -> None:
    await kept(store, "a1")
    later = replace(samples.snapshot("a1"), author="mallory", canonical="newel: 1\n")
    assert await store.commit(Unit((snapshots.keep_snapshot(later),))) == Committed((None,))
    assert await store.one(snapshots.snapshot("a1")) == samples.snapshot("a1")


async def test_snapshots_are_found_by_how_their_version_begins(store: Store) -> None:
    await kept(store, "a1f0", "a1f", "a2", "b1", "a1")
    assert await store.all(snapshots.versions_like("a1", 5)) == ["a1", "a1f", "a1f0"]
    assert len(await store.all(snapshots.versions_like("", 2))) == 2
    assert await store.all(snapshots.versions_like("c", 2)) == []


async def test_an_unknown_version_is_refused(store: Store) -> None:
    assert await store.commit(Unit(snapshots.activate(samples.activation(1, "a1")))) == Refused(0)
    assert await store.all(snapshots.activations(5)) == []


async def test_activations_follow_one_another_and_the_newest_comes_first(store: Store) -> None:
    await kept(store, "a1", "b1")
    made = list(starmap(samples.activation, ((1, "a1"), (2, "b1"), (3, "a1"))))
    for each in made:
        assert isinstance(await store.commit(Unit(snapshots.activate(each))), Committed)
    assert await store.all(snapshots.activations(2)) == [made[2], made[1]]
    for number in (0, 2, 3, 5):
        assert await store.commit(Unit(snapshots.activate(samples.activation(number, "b1")))) == Refused(0)


async def test_of_many_activations_at_once_one_stands(store: Store) -> None:
    await kept(store, "a1", "b1")
    both = [samples.activation(1, "a1"), samples.activation(1, "b1", at=NOW + 1)] * 5
    outcomes = await asyncio.gather(*(store.commit(Unit(snapshots.activate(each))) for each in both))
    assert sum(isinstance(outcome, Committed) for outcome in outcomes) == 1
    assert len(await store.all(snapshots.activations(5))) == 1


async def test_a_snapshot_kept_in_the_unit_that_activates_it_is_enough(store: Store) -> None:
    unit = Unit((snapshots.keep_snapshot(samples.snapshot("a1")), *snapshots.activate(samples.activation(1, "a1"))))
    assert isinstance(await store.commit(unit), Committed)
    late = (snapshots.keep_snapshot(samples.snapshot("b1")), *snapshots.activate(samples.activation(1, "b1")))
    assert await store.commit(Unit(late)) == Refused(1)
    assert await store.one(snapshots.snapshot("b1")) is None


async def test_an_activation_moves_the_epoch_and_a_refused_one_does_not(store: Store) -> None:
    await kept(store, "a1")
    for number in (1, 1, 2):
        await store.commit(Unit(snapshots.activate(samples.activation(number, "a1"))))
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=2, clients=0, revocations=0)


async def test_versions_that_came_into_force_stand_in_a_column_of_their_own(store: Store) -> None:
    """Newest first; a damaged body takes no version with it."""
    for version in ("a1", "b1"):
        await store.commit(Unit((snapshots.keep_snapshot(samples.snapshot(version)),)))
    for number, version in ((1, "a1"), (2, "b1"), (3, "a1")):
        await store.commit(Unit(snapshots.activate(samples.activation(number, version))))
    await store.commit(Unit((Statement("UPDATE activations SET body = :body", {"body": b"\0"}),)))
    assert await store.all(snapshots.activated(2)) == ["a1", "b1"]


async def test_of_a_damaged_activation_number_and_version_are_left(store: Store) -> None:
    """A body that is another activation's is no better than one that cannot be read."""
    await kept(store, "a1", "b1")
    for number, version in ((1, "a1"), (2, "b1"), (3, "a1")):
        await store.commit(Unit(snapshots.activate(samples.activation(number, version))))
    await store.commit(Unit((Statement("UPDATE activations SET body = x'c1' WHERE number = 2", {}),)))
    moved = "UPDATE activations SET body = (SELECT body FROM activations WHERE number = 1) WHERE number = 3"
    await store.commit(Unit((Statement(moved, {}),)))
    third, second, first = await store.all(snapshots.activations(5))
    assert first == samples.activation(1, "a1")
    assert [(type(each), each.number, each.version) for each in (second, third)] == [
        (snapshots.DamagedActivation, 2, "b1"),
        (snapshots.DamagedActivation, 3, "a1"),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE snapshots SET body = x'00' WHERE version = 'a1'",
        "UPDATE snapshots SET body = x'' WHERE version = 'a1'",
        "UPDATE snapshots SET body = (SELECT body FROM snapshots WHERE version = 'b1') WHERE version = 'a1'",
    ],
)
async def test_a_damaged_snapshot_is_never_read_as_one_and_can_be_written_anew(store: Store, sql: str) -> None:
    await kept(store, "a1", "b1")
    await store.commit(Unit((Statement(sql, {}),)))
    with pytest.raises(snapshots.DamagedSnapshot, match="a1 is damaged"):
        await store.one(snapshots.snapshot("a1"))
    damaged = await store.one(snapshots.snapshot_body("a1"))
    assert damaged is not None
    whole = samples.snapshot("a1")
    assert isinstance(await store.commit(Unit(snapshots.mend_snapshot(whole, damaged))), Committed)
    assert await store.one(snapshots.snapshot("a1")) == whole
    assert await store.commit(Unit(snapshots.mend_snapshot(whole, damaged))) == Refused(0), "it is whole by now"
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=1, clients=0, revocations=0)
    assert await store.one(snapshots.snapshot_body("c1")) is None
