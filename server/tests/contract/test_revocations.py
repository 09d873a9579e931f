"""Revocations and what `/epoch` lists."""

from newel.storage.base import Committed, Store, Unit
from newel.storage.sql import epoch
from newel.storage.sql.revocations import (
    Revocation,
    revoke_family,
    revoke_session,
    revoke_token,
    revoked,
    revoked_since,
)


async def test_each_kind_is_found_under_its_id(store: Store) -> None:
    await store.commit(Unit((*revoke_session("s1", 10), *revoke_family("f1", 20), *revoke_token("j1", 30, 330))))
    assert await store.all(revoked("s1", "f2", "j2")) == [Revocation("session", "s1", 10)]
    assert await store.all(revoked("s2", "f1", "j1")) == [Revocation("family", "f1", 20), Revocation("token", "j1", 30)]
    assert await store.one(revoked("s2", "f2")) is None


async def test_what_was_revoked_stays_revoked_at_its_first_time(store: Store) -> None:
    assert await store.commit(Unit(revoke_session("s1", 10))) == Committed(("s1", 1))
    assert await store.commit(Unit(revoke_session("s1", 20))) == Committed((None, 2))
    assert await store.all(revoked("s1")) == [Revocation("session", "s1", 10)]


async def test_the_epoch_moves_and_lists_what_is_recent(store: Store) -> None:
    await store.commit(Unit((*revoke_family("f1", 30), *revoke_session("s1", 10), *revoke_token("j1", 20, 320))))
    assert await store.all(revoked_since(20)) == [Revocation("token", "j1", 20), Revocation("family", "f1", 30)]
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=0, policy=0, clients=0, revocations=3)
