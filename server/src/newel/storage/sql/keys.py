"""Signing keys: sealed under a key outside the database (S32), with the times of their rotation."""

from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.sql.epoch import bump


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A signing key as stored.

    `sealed_private` is opaque here; `public_jwk` is JSON text. It is published from `created_at`, signs from
    `active_at`, and is published until `retire_at` (None: until another is scheduled). Unix seconds.
    """

    kid: str
    alg: str
    sealed_private: bytes
    public_jwk: str
    created_at: int
    active_at: int
    retire_at: int | None = None


def _decode(row: Row) -> SigningKey:
    return SigningKey(
        kid=row[0],
        alg=row[1],
        sealed_private=row[2],
        public_jwk=row[3],
        created_at=row[4],
        active_at=row[5],
        retire_at=row[6],
    )


def add_signing_key(key: SigningKey) -> tuple[Statement, ...]:
    """Guard: the kid is new (S26)."""
    sql = """INSERT INTO signing_keys (kid, alg, sealed_private, public_jwk, created_at, active_at, retire_at)
        VALUES (:kid, :alg, :sealed_private, :public_jwk, :created_at, :active_at, :retire_at)
        ON CONFLICT DO NOTHING RETURNING kid"""
    params: Params = {
        "kid": key.kid,
        "alg": key.alg,
        "sealed_private": key.sealed_private,
        "public_jwk": key.public_jwk,
        "created_at": key.created_at,
        "active_at": key.active_at,
        "retire_at": key.retire_at,
    }
    return Statement(sql, params, guard=True), bump("keys")


def signing_keys() -> Query[SigningKey]:
    """All signing keys, oldest first."""
    sql = """SELECT kid, alg, sealed_private, public_jwk, created_at, active_at, retire_at FROM signing_keys
        ORDER BY created_at, kid"""
    return Query(sql, {}, _decode)


def retire_key(kid: str, retire_at: int) -> tuple[Statement, ...]:
    """Stop publishing a key at `retire_at`. Guard: it exists."""
    sql = "UPDATE signing_keys SET retire_at = :retire_at WHERE kid = :kid RETURNING kid"
    return Statement(sql, {"kid": kid, "retire_at": retire_at}, guard=True), bump("keys")


def reseal_key(kid: str, old: bytes, new: bytes) -> Statement:
    """Replace a sealed key by the same key sealed anew. Guard: it is still `old`."""
    sql = "UPDATE signing_keys SET sealed_private = :new WHERE kid = :kid AND sealed_private = :old RETURNING kid"
    return Statement(sql, {"kid": kid, "old": old, "new": new}, guard=True)


def remove_key(kid: str, now: int) -> tuple[Statement, ...]:
    """Forget a retired key. Guard: it has retired."""
    sql = "DELETE FROM signing_keys WHERE kid = :kid AND retire_at IS NOT NULL AND retire_at <= :now RETURNING kid"
    return Statement(sql, {"kid": kid, "now": now}, guard=True), bump("keys")
