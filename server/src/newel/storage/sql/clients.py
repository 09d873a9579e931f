"""Clients as registered."""

from newel.domain.client import Client
from newel.storage.base import Query, Row, Statement
from newel.storage.codec import decoder, encode
from newel.storage.sql.epoch import bump

_client = decoder(Client)


def _decode(row: Row) -> Client:
    return _client(row[0])


def add_client(client: Client) -> tuple[Statement, ...]:
    """Guard: no client has this id."""
    sql = "INSERT INTO clients (id, body) VALUES (:id, :body) ON CONFLICT DO NOTHING RETURNING id"
    return Statement(sql, {"id": client.id, "body": encode(client)}, guard=True), bump("clients")


def replace_client(client: Client) -> tuple[Statement, ...]:
    """Guard: the client exists."""
    sql = "UPDATE clients SET body = :body WHERE id = :id RETURNING id"
    return Statement(sql, {"id": client.id, "body": encode(client)}, guard=True), bump("clients")


def remove_client(client_id: str) -> tuple[Statement, ...]:
    """Guard: the client exists."""
    sql = "DELETE FROM clients WHERE id = :id RETURNING id"
    return Statement(sql, {"id": client_id}, guard=True), bump("clients")


def client(client_id: str) -> Query[Client]:
    """One client."""
    return Query("SELECT body FROM clients WHERE id = :id", {"id": client_id}, _decode)


def clients() -> Query[Client]:
    """All clients, by id."""
    return Query("SELECT body FROM clients ORDER BY id", {}, _decode)
