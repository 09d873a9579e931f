"""Refresh families (S29)."""

import asyncio

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import grants, revocations

FIRST, SECOND, THIRD, FOURTH = map(digest, ("first", "second", "third", "fourth"))
GRANTED = Committed((samples.grant(),))


async def begin(store: Store) -> None:
    await store.commit(Unit((grants.add_family(samples.grant(), FIRST, NOW + 1_000),)))


async def rotate(store: Store, presented: bytes, new: bytes, now: int, client: str = "bank-web") -> object:
    return await store.commit(Unit((grants.rotate_refresh("f1", client, presented, new, now),)))


async def test_a_family_comes_back_whole(store: Store) -> None:
    await begin(store)
    row = await store.one(grants.family("f1"))
    assert row == grants.FamilyRow(samples.grant(), NOW + 1_000, FIRST, None, 0, None)
    assert await store.commit(Unit((grants.add_family(samples.grant(), SECOND, NOW),))) == Refused(0)


async def test_a_refresh_token_is_exchanged_for_its_successor(store: Store) -> None:
    await begin(store)
    assert await rotate(store, FIRST, SECOND, NOW) == GRANTED
    assert await rotate(store, SECOND, THIRD, NOW + 500) == GRANTED


async def test_the_previous_one_gets_a_new_successor_while_its_own_is_unused(store: Store) -> None:
    await begin(store)
    await rotate(store, FIRST, SECOND, NOW)
    assert await rotate(store, FIRST, THIRD, NOW + 29) == GRANTED
    assert await rotate(store, SECOND, FOURTH, NOW + 29) == Refused(0)
    assert await rotate(store, THIRD, FOURTH, NOW + 29) == GRANTED


async def test_a_new_successor_does_not_move_the_thirty_seconds(store: Store) -> None:
    await begin(store)
    await rotate(store, FIRST, SECOND, NOW)
    await rotate(store, FIRST, THIRD, NOW + 29)
    assert await rotate(store, FIRST, FOURTH, NOW + 30) == Refused(0)


async def test_the_previous_one_is_reuse_once_its_successor_was_used(store: Store) -> None:
    await begin(store)
    await rotate(store, FIRST, SECOND, NOW)
    await rotate(store, SECOND, THIRD, NOW + 1)
    assert await rotate(store, FIRST, FOURTH, NOW + 2) == Refused(0)


async def test_parallel_refreshes_leave_one_successor(store: Store) -> None:
    await begin(store)
    successors = [digest(f"successor {n}") for n in range(20)]
    assert await asyncio.gather(*(rotate(store, FIRST, each, NOW) for each in successors)) == [GRANTED] * 20
    alive = [await store.one(grants.check_refresh("f1", "bank-web", each, NOW)) for each in successors]
    assert alive.count(None) == 19


async def test_another_client_a_guess_and_an_old_family_get_nothing(store: Store) -> None:
    await begin(store)
    assert await rotate(store, FIRST, SECOND, NOW, client="another") == Refused(0)
    assert await rotate(store, THIRD, SECOND, NOW) == Refused(0)
    assert await rotate(store, FIRST, SECOND, NOW + 1_000) == Refused(0)


async def test_a_family_without_a_refresh_token_never_refreshes(store: Store) -> None:
    await store.commit(Unit((grants.add_family(samples.grant(), None, NOW + 1_000),)))
    assert await rotate(store, FIRST, SECOND, NOW) == Refused(0)
    assert await store.one(grants.check_refresh("f1", "bank-web", FIRST, NOW)) is None


async def test_a_token_that_does_not_rotate_is_checked(store: Store) -> None:
    await begin(store)
    assert await store.one(grants.check_refresh("f1", "bank-web", FIRST, NOW)) == samples.grant()
    assert await store.one(grants.check_refresh("f1", "another", FIRST, NOW)) is None
    assert await store.one(grants.check_refresh("f1", "bank-web", SECOND, NOW)) is None
    assert await store.one(grants.check_refresh("f1", "bank-web", FIRST, NOW + 1_000)) is None


async def test_s29_revoking_a_family_or_its_session_ends_it(store: Store) -> None:
    for number, revoke in enumerate((revocations.revoke_family("f0", NOW), revocations.revoke_session("s1", NOW))):
        grant = samples.grant(f"f{number}", session=f"s{number}")
        await store.commit(Unit((grants.add_family(grant, FIRST, NOW + 1_000), *revoke)))
        rotated = await store.commit(Unit((grants.rotate_refresh(grant.family, "bank-web", FIRST, SECOND, NOW),)))
        assert rotated == Refused(0)
        assert await store.one(grants.check_refresh(grant.family, "bank-web", FIRST, NOW)) is None
        row = await store.one(grants.family(grant.family))
        assert row is not None
        assert row.revoked_at == NOW
