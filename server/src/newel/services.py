"""The concrete parts a running server is made of, passed explicitly to every flow."""

from collections.abc import Callable, Mapping
from dataclasses import field
from logging import Logger

from newel.config.tree import Config
from newel.crypto.hashing import PasswordPool, secret_hash
from newel.crypto.jwk import KeySet
from newel.crypto.keys import KeyRing
from newel.crypto.vault import Vault
from newel.domain.assurance import Classes
from newel.domain.client import Client
from newel.domain.value import dataclass
from newel.i18n.wording import Wording
from newel.policy.base import Policy
from newel.storage.base import Store
from newel.storage.ids import new_id
from newel.storage.sql.epoch import Epoch

ID_ENTROPY = 16
SECRET_BYTES = 32
NONCE_BYTES = 12
MAX_TOKEN = 200


@dataclass(slots=True)
class Memory:
    """What one worker remembers of tables that change rarely, each under the epoch it was read at (performance, rule 11)."""

    ring: KeyRing | None = None
    ring_epoch: int = -1
    epoch: Epoch | None = None
    looked_at: int = 0
    clients: dict[str, Client] = field(default_factory=dict)
    client_keys: dict[str, KeySet] = field(default_factory=dict)
    clients_epoch: int = -1


@dataclass(slots=True)
class ActivePolicy:
    """The policy in force in one worker; another one comes into force by one assignment.

    `unreadable` are the versions that were activated after it and cannot be read.
    """

    policy: Policy
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a flow may use. `clock` gives Unix milliseconds, `random` that many random bytes."""

    config: Config
    store: Store
    vault: Vault
    active: ActivePolicy
    pool: PasswordPool
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    log: Logger
    wordings: Mapping[str, Wording]
    memory: Memory = field(default_factory=Memory)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.active.policy

    @property
    def classes(self) -> Classes:
        """The classes of evidence of the policy in force."""
        return self.active.policy.classes

    def now(self) -> int:
        """The time in whole Unix seconds."""
        return self.clock() // 1000

    def new_id(self) -> str:
        """A fresh time-ordered identifier."""
        return new_id(self.clock(), self.random(ID_ENTROPY))

    def secret(self) -> str:
        """256 fresh random bits as URL-safe text."""
        return self.random(SECRET_BYTES).hex()

    def seal(self, purpose: str, plaintext: bytes, *associated: str) -> bytes:
        """`plaintext` under the current master key, openable only for the same purpose and associated data (S32)."""
        return self.vault.seal(purpose, plaintext, nonce=self.random(NONCE_BYTES), associated=associated)


def audit_key(vault: Vault) -> bytes:
    """The key of the audit chains (32 bytes): made from the oldest master key, so that a rotation breaks no chain."""
    return vault.mac("audit", b"", key_id=list(vault.keys)[-1])


def split_token(token: str) -> tuple[str, bytes] | None:
    """The public id and the hash of the secret of an `id.secret` token; None where it has another form."""
    public, dot, secret = token.partition(".")
    if not (dot and public and secret) or len(token) > MAX_TOKEN:
        return None
    return public, secret_hash(secret)
