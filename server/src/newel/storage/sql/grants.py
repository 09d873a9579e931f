"""Refresh families (S29): one row for everything issued from one grant."""

from newel.domain.grant import Grant
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

PREVIOUS_LIVES = 30
"""Seconds for which the refresh token before the current one gets a new successor (S29)."""

_grant = decoder(Grant)
_STANDS = "NOT EXISTS (SELECT 1 FROM revocations WHERE revocations.id IN (families.id, families.session))"
_SELECT = """SELECT body, expires_at, refresh_hash, previous_hash, rotated_at,
    (SELECT MIN(at) FROM revocations WHERE revocations.id IN (families.id, families.session))
    FROM families WHERE id = :id"""
_ROTATE = """UPDATE families SET
    previous_hash = CASE WHEN refresh_hash = :presented THEN refresh_hash ELSE previous_hash END,
    rotated_at = CASE WHEN refresh_hash = :presented THEN :now ELSE rotated_at END,
    refresh_hash = :new
    WHERE id = :id AND client_id = :client_id AND expires_at > :now
    AND (refresh_hash = :presented OR (previous_hash = :presented AND rotated_at > :earliest)) AND """
_CHECK = """SELECT body FROM families WHERE id = :id AND client_id = :client_id AND refresh_hash = :presented
    AND expires_at > :now AND """


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family as stored; `revoked_at` is when it or its session was revoked."""

    grant: Grant
    expires_at: int
    refresh_hash: bytes | None
    previous_hash: bytes | None
    rotated_at: int
    revoked_at: int | None


def _decode(row: Row) -> FamilyRow:
    return FamilyRow(_grant(row[0]), *row[1:])


def add_family(grant: Grant, refresh_hash: bytes | None, expires_at: int) -> Statement:
    """Guard: the family is new. `refresh_hash` is SHA-256 of the first refresh token's secret; None without one."""
    sql = """INSERT INTO families (id, client_id, session, expires_at, refresh_hash, body)
        VALUES (:id, :client_id, :session, :expires_at, :refresh_hash, :body) ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {
        "id": grant.family,
        "client_id": grant.client_id,
        "session": grant.session,
        "expires_at": expires_at,
        "refresh_hash": refresh_hash,
        "body": encode(grant),
    }
    return Statement(sql, params, guard=True)


def family(family_id: str) -> Query[FamilyRow]:
    """One family, revoked and expired ones too."""
    return Query(_SELECT, {"id": family_id}, _decode)


def rotate_refresh(family_id: str, client_id: str, presented_hash: bytes, new_hash: bytes, now: int) -> Statement:
    """Exchange a refresh token for its successor. The value is the Grant.

    Guard: the current one, or within PREVIOUS_LIVES seconds the one before it; using a successor makes its predecessor
    neither of the two. Any other token that belongs to the family is reuse, and the caller revokes the family.
    """
    sql = _ROTATE + _STANDS + " RETURNING body"
    params: Params = {
        "id": family_id,
        "client_id": client_id,
        "presented": presented_hash,
        "new": new_hash,
        "now": now,
        "earliest": now - PREVIOUS_LIVES,
    }
    return Statement(sql, params, guard=True, decode=lambda row: _grant(row[0]))


def check_refresh(family_id: str, client_id: str, presented_hash: bytes, now: int) -> Query[Grant]:
    """The grant behind a refresh token that does not rotate (a sender-constrained or confidential client's)."""
    params: Params = {"id": family_id, "client_id": client_id, "presented": presented_hash, "now": now}
    return Query(_CHECK + _STANDS, params, lambda row: _grant(row[0]))
