"""The resources that clients registered, with their properties as texts."""

from collections.abc import Mapping

from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

_properties = decoder(dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A resource of a type, as a client registered it."""

    client_id: str
    type: str
    id: str
    properties: Mapping[str, str]


def _decode(row: Row) -> Registration:
    client_id, kind, identifier, body = row
    return Registration(client_id=client_id, type=kind, id=identifier, properties=_properties(body))


def register(registration: Registration) -> Statement:
    """Guard: the client exists, and no resource of its has this type and id."""
    sql = """INSERT INTO registrations (client_id, type, id, body) SELECT :client_id, :type, :id, :body
        WHERE EXISTS (SELECT 1 FROM clients WHERE clients.id = :client_id) ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {
        "client_id": registration.client_id,
        "type": registration.type,
        "id": registration.id,
        "body": encode(registration.properties),
    }
    return Statement(sql, params, guard=True)


def unregister(client_id: str, kind: str, identifier: str) -> Statement:
    """Guard: there is such a resource."""
    sql = "DELETE FROM registrations WHERE client_id = :client_id AND type = :type AND id = :id RETURNING id"
    return Statement(sql, {"client_id": client_id, "type": kind, "id": identifier}, guard=True)


def unregister_all(client_id: str) -> Statement:
    """Every resource of a client, which goes with it."""
    return Statement("DELETE FROM registrations WHERE client_id = :client_id", {"client_id": client_id})


def registration(client_id: str, kind: str, identifier: str) -> Query[Registration]:
    """One resource."""
    sql = (
        "SELECT client_id, type, id, body FROM registrations WHERE client_id = :client_id AND type = :type AND id = :id"
    )
    return Query(sql, {"client_id": client_id, "type": kind, "id": identifier}, _decode)


def registrations(client_id: str, kind: str, after: str, limit: int) -> Query[Registration]:
    """At most `limit` resources of a client and a type, by id, behind the id `after`."""
    sql = """SELECT client_id, type, id, body FROM registrations
        WHERE client_id = :client_id AND type = :type AND id > :after ORDER BY id LIMIT :limit"""
    return Query(sql, {"client_id": client_id, "type": kind, "after": after, "limit": limit}, _decode)


def all_registrations(client_id: str) -> Query[Registration]:
    """Every resource of a client, by type and id."""
    sql = "SELECT client_id, type, id, body FROM registrations WHERE client_id = :client_id ORDER BY type, id"
    return Query(sql, {"client_id": client_id}, _decode)
