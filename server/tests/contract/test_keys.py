"""Signing keys and the epoch."""

from dataclasses import replace

from newel.storage.base import Refused, Store, Unit
from newel.storage.sql import epoch, keys

KEY = keys.SigningKey(
    kid="k1", alg="ES256", sealed_private=b"sealed", public_jwk='{"kty":"EC"}', created_at=10, active_at=20
)


async def test_keys_come_back_oldest_first(store: Store) -> None:
    newer = replace(KEY, kid="k0", created_at=11, retire_at=99)
    await store.commit(Unit((*keys.add_signing_key(newer), *keys.add_signing_key(KEY))))
    assert await store.all(keys.signing_keys()) == [KEY, newer]


async def test_s26_a_kid_is_never_used_twice(store: Store) -> None:
    await store.commit(Unit(keys.add_signing_key(KEY)))
    assert await store.commit(Unit(keys.add_signing_key(replace(KEY, alg="RS256")))) == Refused(0)


async def test_a_key_retires_and_is_forgotten_only_then(store: Store) -> None:
    await store.commit(Unit(keys.add_signing_key(KEY)))
    assert await store.commit(Unit(keys.remove_key("k1", 1_000))) == Refused(0)
    await store.commit(Unit(keys.retire_key("k1", 50)))
    assert await store.all(keys.signing_keys()) == [replace(KEY, retire_at=50)]
    assert await store.commit(Unit(keys.remove_key("k1", 49))) == Refused(0)
    await store.commit(Unit(keys.remove_key("k1", 50)))
    assert await store.all(keys.signing_keys()) == []
    assert await store.one(epoch.epoch()) == epoch.Epoch(keys=3, policy=0, clients=0, revocations=0)


async def test_a_key_is_resealed_only_while_it_is_what_was_read(store: Store) -> None:
    await store.commit(Unit(keys.add_signing_key(KEY)))
    await store.commit(Unit((keys.reseal_key("k1", b"sealed", b"anew"),)))
    assert await store.commit(Unit((keys.reseal_key("k1", b"sealed", b"other"),))) == Refused(0)
    assert await store.all(keys.signing_keys()) == [replace(KEY, sealed_private=b"anew")]
