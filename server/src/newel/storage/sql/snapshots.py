"""Policies: snapshots under their hash, and the activations that brought them into force."""

from newel.domain.snapshot import Activation, KeptSnapshot
from newel.storage.base import Params, Query, Row, Statement, first
from newel.storage.codec import decoder, encode
from newel.storage.sql.epoch import bump

_snapshot = decoder(KeptSnapshot)
_activation = decoder(Activation)


def _decode_snapshot(row: Row) -> KeptSnapshot:
    return _snapshot(row[0])


def _decode_activation(row: Row) -> Activation:
    return _activation(row[0])


def keep_snapshot(snapshot: KeptSnapshot) -> Statement:
    """Keep a snapshot; one that is kept already stays as it is."""
    sql = "INSERT INTO snapshots (version, body) VALUES (:version, :body) ON CONFLICT DO NOTHING RETURNING version"
    return Statement(sql, {"version": snapshot.version, "body": encode(snapshot)})


def activate(activation: Activation) -> tuple[Statement, ...]:
    """Bring a snapshot into force, and tell every worker. Guard: it is kept, and `number` follows the last activation.

    Of two that were prepared against the same one in force, one stands.
    """
    sql = """INSERT INTO activations (number, version, body)
        SELECT :number, :version, :body
        WHERE EXISTS (SELECT 1 FROM snapshots WHERE version = :version)
        AND :number = 1 + COALESCE((SELECT MAX(number) FROM activations), 0)
        RETURNING number"""
    params: Params = {"number": activation.number, "version": activation.version, "body": encode(activation)}
    return Statement(sql, params, guard=True), bump("policy")


def snapshot(version: str) -> Query[KeptSnapshot]:
    """One snapshot."""
    return Query("SELECT body FROM snapshots WHERE version = :version", {"version": version}, _decode_snapshot)


def snapshots_like(start: str, limit: int) -> Query[KeptSnapshot]:
    """Snapshots whose version begins with `start` (hex digits)."""
    sql = "SELECT body FROM snapshots WHERE version >= :start AND version < :behind ORDER BY version LIMIT :limit"
    return Query(sql, {"start": start, "behind": f"{start}g", "limit": limit}, _decode_snapshot)


def activations(limit: int) -> Query[Activation]:
    """The last activations, newest first; the first of them is in force."""
    return Query("SELECT body FROM activations ORDER BY number DESC LIMIT :limit", {"limit": limit}, _decode_activation)


def activated(limit: int) -> Query[str]:
    """The versions of the last activations, newest first; they stand in a column of their own, whatever became of the rest."""
    return Query("SELECT version FROM activations ORDER BY number DESC LIMIT :limit", {"limit": limit}, first)
