"""Authorization codes (RFC 6749 section 4.1.2): redeemed once, by the client they were made for."""

from newel.domain.grant import CodeGrant
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

_grant = decoder(CodeGrant)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as stored. One that comes again after `used_at` ends its family (S13)."""

    id: str
    secret_hash: bytes
    client_id: str
    family: str
    expires_at: int
    used_at: int | None
    grant: CodeGrant


def _decode(row: Row) -> CodeRow:
    return CodeRow(row[0], row[1], row[2], row[3], row[4], row[5], _grant(row[6]))


def add_code(code_id: str, secret_hash: bytes, grant: CodeGrant, expires_at: int) -> Statement:
    """Guard: the id is new."""
    sql = """INSERT INTO codes (id, secret_hash, client_id, family, session, expires_at, body)
        VALUES (:id, :secret_hash, :client_id, :family, :session, :expires_at, :body) ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {
        "id": code_id,
        "secret_hash": secret_hash,
        "client_id": grant.grant.client_id,
        "family": grant.grant.family,
        "session": grant.grant.session,
        "expires_at": expires_at,
        "body": encode(grant),
    }
    return Statement(sql, params, guard=True)


def consume_code(code_id: str, secret_hash: bytes, client_id: str, now: int) -> Statement:
    """Redeem a code. The value is its CodeGrant.

    Guard: unused, alive, its secret, its client, and neither its family nor its session revoked (S29).
    """
    sql = """UPDATE codes SET used_at = :now
        WHERE id = :id AND secret_hash = :secret_hash AND client_id = :client_id
        AND used_at IS NULL AND expires_at > :now
        AND NOT EXISTS (SELECT 1 FROM revocations WHERE revocations.id IN (codes.family, codes.session)) RETURNING body"""
    params: Params = {"id": code_id, "secret_hash": secret_hash, "client_id": client_id, "now": now}
    return Statement(sql, params, guard=True, decode=lambda row: _grant(row[0]))


def code(code_id: str) -> Query[CodeRow]:
    """One code, used and expired ones too while they are stored."""
    sql = "SELECT id, secret_hash, client_id, family, expires_at, used_at, body FROM codes WHERE id = :id"
    return Query(sql, {"id": code_id}, _decode)
