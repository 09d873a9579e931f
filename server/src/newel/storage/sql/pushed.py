"""Pushed authorization requests (RFC 9126)."""

from newel.domain.authorization import AuthorizationRequest
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

_request = decoder(AuthorizationRequest)


@dataclass(frozen=True, slots=True)
class PushedRow:
    """A pushed request as stored."""

    id: str
    client_id: str
    request: AuthorizationRequest
    expires_at: int
    used_at: int | None


def _decode(row: Row) -> PushedRow:
    return PushedRow(row[0], row[1], _request(row[2]), row[3], row[4])


def add_pushed(pushed_id: str, client_id: str, request: AuthorizationRequest, expires_at: int) -> Statement:
    """Guard: the id is new."""
    sql = """INSERT INTO pushed (id, client_id, body, expires_at) VALUES (:id, :client_id, :body, :expires_at)
        ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {
        "id": pushed_id,
        "client_id": client_id,
        "body": encode(request),
        "expires_at": expires_at,
    }
    return Statement(sql, params, guard=True)


def pushed(pushed_id: str) -> Query[PushedRow]:
    """One pushed request, used and expired ones too while they are stored."""
    sql = "SELECT id, client_id, body, expires_at, used_at FROM pushed WHERE id = :id"
    return Query(sql, {"id": pushed_id}, _decode)


_USE = "UPDATE pushed SET used_at = :now WHERE id = :id AND used_at IS NULL RETURNING id"


def use_pushed(pushed_id: str, now: int) -> Statement:
    """Use a request up by a code. Guard: unused. Whether it is alive was checked when it was read."""
    return Statement(_USE, {"id": pushed_id, "now": now}, guard=True)


def answered(pushed_id: str, now: int) -> Statement:
    """Use a request up by an answer that is no code, which may come beside another answer."""
    return Statement(_USE, {"id": pushed_id, "now": now})
