"""Interactions: what waits for a person, and the attempts reserved in it."""

from newel.domain.interaction import Interaction, State
from newel.domain.value import replace
from newel.storage.base import Params, Query, Row, Statement, Value, first
from newel.storage.codec import decoder, encode

_interaction = decoder(Interaction)


def _decode(row: Row) -> Interaction:
    stored = _interaction(row[0])
    return stored if stored.attempts == row[1] else replace(stored, attempts=row[1])


def add_interaction(interaction: Interaction) -> Statement:
    """Guard: the id is new."""
    sql = """INSERT INTO interactions (id, state, revision, attempts, expires_at, body)
        VALUES (:id, :state, :revision, :attempts, :expires_at, :body) ON CONFLICT DO NOTHING RETURNING id"""
    return Statement(sql, _params(interaction) | {"attempts": interaction.attempts}, guard=True)


def interaction(interaction_id: str) -> Query[Interaction]:
    """One interaction, with the attempts reserved so far."""
    return Query("SELECT body, attempts FROM interactions WHERE id = :id", {"id": interaction_id}, _decode)


def advance_interaction(interaction: Interaction, expected: int) -> Statement:
    """Store its next state; reserved attempts stay counted. Guard: it is open and still at revision `expected`."""
    sql = """UPDATE interactions SET state = :state, revision = :revision, expires_at = :expires_at, body = :body
        WHERE id = :id AND state = :open AND revision = :expected RETURNING id"""
    params = _params(interaction) | {"expected": expected, "open": State.OPEN.value}
    return Statement(sql, params, guard=True)


def reserve_attempt(interaction_id: str, limit: int, now: int) -> Statement:
    """Count an attempt before it is checked (S10). Guard: open, alive, below `limit`. The value is its number from 1."""
    sql = """UPDATE interactions SET attempts = attempts + 1
        WHERE id = :id AND state = :open AND attempts < :limit AND expires_at > :now RETURNING attempts"""
    params: Params = {"id": interaction_id, "limit": limit, "now": now, "open": State.OPEN.value}
    return Statement(sql, params, guard=True, decode=first)


def _params(interaction: Interaction) -> dict[str, Value]:
    return {
        "id": interaction.id,
        "state": interaction.state.value,
        "revision": interaction.revision,
        "expires_at": interaction.expires_at,
        "body": encode(interaction),
    }
