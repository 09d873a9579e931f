"""Policies: snapshots under their hash, and the activations that brought them into force."""

import msgspec

from newel.domain.snapshot import Activation, KeptSnapshot
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement, first
from newel.storage.codec import decoder, encode
from newel.storage.sql.epoch import bump

_snapshot = decoder(KeptSnapshot)
_activation = decoder(Activation)


class DamagedSnapshot(ValueError):
    """A row of a snapshot whose body cannot be read, or is another snapshot's; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedActivation(Activation):
    """An activation whose body cannot be read: its number and version stand in columns of their own, the rest is lost."""


def _decode_snapshot(row: Row) -> KeptSnapshot:
    version, body = row
    try:
        found = _snapshot(body)
    except msgspec.MsgspecError as odd:
        raise DamagedSnapshot(f"the row of snapshot {version} is damaged: {odd}") from odd
    if found.version != version:
        raise DamagedSnapshot(f"the row of snapshot {version} is damaged: it holds {found.version}")
    return found


def _decode_activation(row: Row) -> Activation:
    number, version, body = row
    try:
        found = _activation(body)
    except msgspec.MsgspecError:
        found = None
    if found is None or (found.number, found.version) != (number, version):
        return DamagedActivation(number=number, version=version, author="", reason="", at=0)
    return found


def keep_snapshot(snapshot: KeptSnapshot) -> Statement:
    """Keep a snapshot; one that is kept already stays as it is."""
    sql = "INSERT INTO snapshots (version, body) VALUES (:version, :body) ON CONFLICT DO NOTHING RETURNING version"
    return Statement(sql, {"version": snapshot.version, "body": encode(snapshot)})


def mend_snapshot(snapshot: KeptSnapshot, damaged: bytes) -> tuple[Statement, ...]:
    """Write a snapshot's row anew, and tell every worker. Guard: its body is still the `damaged` one."""
    sql = "UPDATE snapshots SET body = :body WHERE version = :version AND body = :damaged RETURNING version"
    params: Params = {"version": snapshot.version, "body": encode(snapshot), "damaged": damaged}
    return Statement(sql, params, guard=True), bump("policy")


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
    """One snapshot. It raises DamagedSnapshot."""
    return Query("SELECT version, body FROM snapshots WHERE version = :version", {"version": version}, _decode_snapshot)


def snapshot_body(version: str) -> Query[bytes]:
    """The body of one snapshot as it lies there, whatever became of it."""
    return Query("SELECT body FROM snapshots WHERE version = :version", {"version": version}, first)


def versions_like(start: str, limit: int) -> Query[str]:
    """Versions of snapshots that begin with `start` (hex digits)."""
    sql = "SELECT version FROM snapshots WHERE version >= :start AND version < :behind ORDER BY version LIMIT :limit"
    return Query(sql, {"start": start, "behind": f"{start}g", "limit": limit}, first)


def activations(limit: int) -> Query[Activation]:
    """The last activations, newest first; the first of them is in force. Of a damaged row a DamagedActivation."""
    sql = "SELECT number, version, body FROM activations ORDER BY number DESC LIMIT :limit"
    return Query(sql, {"limit": limit}, _decode_activation)


def activated(limit: int) -> Query[str]:
    """The versions of the last activations, newest first; they stand in a column of their own, whatever became of the rest."""
    return Query("SELECT version FROM activations ORDER BY number DESC LIMIT :limit", {"limit": limit}, first)
