"""What a worker knows of keys, clients and people. Keys and clients are remembered until the epoch says otherwise."""

from collections.abc import Sequence

import msgspec

from newel.crypto.jwk import KeySet
from newel.crypto.keys import KeyRing, SigningKey
from newel.domain.client import Client
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.flows.decide import Person
from newel.services import Memory, Services
from newel.storage.sql.authenticators import subject_with_authenticators
from newel.storage.sql.clients import client as client_query
from newel.storage.sql.epoch import Epoch
from newel.storage.sql.epoch import epoch as epoch_query
from newel.storage.sql.keys import SigningKey as StoredKey
from newel.storage.sql.keys import signing_keys

SIGNING_KEY = "signing-key"
LOOKS = 50
NO_EPOCH = Epoch(0, 0, 0, 0)


async def signing_ring(services: Services) -> KeyRing:
    """The signing keys in force now."""
    memory, at = services.memory, services.clock()
    epoch = (_looked_at(memory, at) or await _look(services, at)).keys
    ring, now = memory.ring, at // 1000
    if ring is None or memory.ring_epoch != epoch or (ring.changes_at is not None and now >= ring.changes_at):
        stored = await services.store.all(signing_keys())
        ring = KeyRing([_opened(services, key) for key in stored], now, keep=services.config.keys.overlap)
        memory.ring, memory.ring_epoch = ring, epoch
    return ring


async def known_client(services: Services, client_id: str | None) -> Client | None:
    """The registered client of this id, None for an unknown or disabled one."""
    if client_id is None:
        return None
    memory, at = services.memory, services.clock()
    epoch = (_looked_at(memory, at) or await _look(services, at)).clients
    if memory.clients_epoch != epoch:
        memory.clients.clear()
        memory.client_keys.clear()
        memory.clients_epoch = epoch
    if client_id not in memory.clients:
        found = await services.store.one(client_query(client_id))
        if found is None:
            return None
        memory.clients[client_id] = found
    client = memory.clients[client_id]
    return None if client.disabled else client


def client_keys(services: Services, client: Client) -> KeySet:
    """The public keys a client registered. KeyRefused where one of them is not acceptable (S26)."""
    keys = services.memory.client_keys
    if client.id not in keys:
        keys[client.id] = KeySet.from_jwks(client.jwks or {"keys": []})
    return keys[client.id]


async def known_person(services: Services, subject_id: str | None) -> Person | None:
    """A subject with its authenticators; None for an unknown or disabled one."""
    return person_of(await services.store.all(subject_with_authenticators(subject_id))) if subject_id else None


def person_of(found: Sequence[tuple[Subject, Authenticator | None]]) -> Person | None:
    """Who is found beside each authenticator; None for nobody, or somebody who is disabled."""
    if not found or found[0][0].disabled:
        return None
    return Person(found[0][0], {each.id: each for _, each in found if each is not None})


def _looked_at(memory: Memory, now: int) -> Epoch | None:
    """The epoch, if it was looked at less than LOOKS milliseconds ago: so late may a worker learn of a changed client or key."""
    return memory.epoch if 0 <= now - memory.looked_at < LOOKS else None


async def _look(services: Services, now: int) -> Epoch:
    memory = services.memory
    memory.epoch, memory.looked_at = await services.store.one(epoch_query()) or NO_EPOCH, now
    return memory.epoch


def _opened(services: Services, stored: StoredKey) -> SigningKey:
    return SigningKey(
        kid=stored.kid,
        alg="RS256" if stored.alg == "RS256" else "ES256",
        private=services.vault.open(SIGNING_KEY, stored.sealed_private, associated=(stored.kid,)),
        public_jwk=msgspec.json.decode(stored.public_jwk),
        created_at=stored.created_at,
        active_at=stored.active_at,
        retire_at=stored.retire_at,
    )
