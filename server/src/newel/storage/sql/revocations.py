"""Revocations: the one fact that ends a session, a family or a token, and all below it (S29).

A row is written once and read wherever something below is used: a session's by its families, a family's by its code
and tokens. So nothing needs to be found and changed one by one, and `/epoch` lists one table.
"""

from typing import Literal

from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement, first
from newel.storage.sql.epoch import bump

Kind = Literal["session", "family", "token"]
LIVES = 366 * 86_400
"""Seconds a revocation of a session or family is kept: longer than anything below it can live."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """What was revoked (`id` is a lineage, a family or a jti) and when, in Unix seconds."""

    kind: Kind
    id: str
    at: int


def _decode(row: Row) -> Revocation:
    return Revocation(*row)


def _revoke(kind: Kind, revoked: str, now: int, until: int) -> tuple[Statement, ...]:
    sql = """INSERT INTO revocations (id, kind, at, expires_at) VALUES (:id, :kind, :now, :until)
        ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {"id": revoked, "kind": kind, "now": now, "until": until}
    return Statement(sql, params, decode=first), bump("revocations")


def revoke_session(lineage: str, now: int) -> tuple[Statement, ...]:
    """End a session, its families and their tokens. The first value is None if it was revoked already."""
    return _revoke("session", lineage, now, now + LIVES)


def revoke_family(family: str, now: int) -> tuple[Statement, ...]:
    """End a refresh family, its code and its tokens. The first value is None if it was revoked already."""
    return _revoke("family", family, now, now + LIVES)


def revoke_token(jti: str, now: int, exp: int) -> tuple[Statement, ...]:
    """End one access token, which would have lived until `exp`."""
    return _revoke("token", jti, now, exp)


def revoked(*ids: str) -> Query[Revocation]:
    """What of these lineages, families and jtis is revoked: none of a token's three may be. At most three."""
    first, second, third = (*ids, "", "")[:3]
    sql = "SELECT kind, id, at FROM revocations WHERE id IN (:first, :second, :third) ORDER BY at"
    return Query(sql, {"first": first, "second": second, "third": third}, _decode)


def revoked_since(since: int) -> Query[Revocation]:
    """Everything revoked at `since` or later, oldest first: what `/epoch` lists."""
    sql = "SELECT kind, id, at FROM revocations WHERE at >= :since ORDER BY at, id"
    return Query(sql, {"since": since}, _decode)
