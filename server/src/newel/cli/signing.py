"""Making, sealing and turning signing keys: what `newel init` and `newel keys` share."""

import json
import os
from dataclasses import dataclass
from typing import get_args

from newel.crypto.keys import Alg, SigningKey, generate
from newel.crypto.vault import Vault
from newel.flows.known import SIGNING_KEY
from newel.storage.base import Statement
from newel.storage.sql.keys import SigningKey as StoredKey
from newel.storage.sql.keys import add_signing_key, remove_key, retire_key

ALGORITHMS: tuple[Alg, ...] = get_args(Alg)


def stored(key: SigningKey, vault: Vault) -> StoredKey:
    """A signing key as it is stored: its private part sealed under the current master key (S32)."""
    return StoredKey(
        kid=key.kid,
        alg=key.alg,
        sealed_private=seal(vault, key.kid, key.private),
        public_jwk=json.dumps(key.public_jwk, separators=(",", ":")),
        created_at=key.created_at,
        active_at=key.active_at,
        retire_at=key.retire_at,
    )


def seal(vault: Vault, kid: str, private: bytes) -> bytes:
    """A private key under the current master key."""
    return vault.seal(SIGNING_KEY, private, nonce=os.urandom(12), associated=(kid,))


def first_keys(vault: Vault, now: int) -> list[Statement]:
    """One key of each algorithm that signs at once: nobody has cached an older set."""
    made = (generate(alg, created_at=now, active_at=now) for alg in ALGORITHMS)
    return [statement for key in made for statement in add_signing_key(stored(key, vault))]


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key, and what storing it takes: the key, the end of its predecessors, and the removal of forgotten ones."""

    key: SigningKey
    statements: tuple[Statement, ...]


def rotation(
    keys: list[StoredKey], alg: Alg, vault: Vault, *, now: int, active_at: int, retire_at: int, forget: int
) -> Rotation:
    """Publish a new key of `alg` at once that signs from `active_at`; its predecessors stop signing at `retire_at`.

    Keys of `alg` that stopped signing at `forget` or before are removed. Times in Unix seconds.
    """
    new = generate(alg, created_at=now, active_at=active_at)
    same = [key for key in keys if key.alg == alg]
    gone = [key for key in same if key.retire_at is not None and key.retire_at <= forget]
    older = [key for key in same if key not in gone and (key.retire_at is None or key.retire_at > retire_at)]
    statements = [
        *add_signing_key(stored(new, vault)),
        *(statement for key in older for statement in retire_key(key.kid, retire_at)),
        *(statement for key in gone for statement in remove_key(key.kid, now)),
    ]
    return Rotation(new, tuple(statements))


def state(key: StoredKey, now: int, overlap: int) -> str:
    """What a key does now, in a word or two."""
    if key.active_at > now:
        return "published, signs later"
    if key.retire_at is None or now < key.retire_at:
        return "signs"
    return "published" if now < key.retire_at + overlap else "retired"
