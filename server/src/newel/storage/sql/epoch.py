"""The epoch: counters that move when what every worker caches has changed."""

from typing import Literal

from newel.domain.value import dataclass
from newel.storage.base import Query, Row, Statement, first

Name = Literal["keys", "policy", "clients", "revocations"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """How often each has changed."""

    keys: int
    policy: int
    clients: int
    revocations: int


def _decode(row: Row) -> Epoch:
    return Epoch(*row)


def bump(name: Name) -> Statement:
    """Say that `name` has changed; the value is its new count."""
    sql = "UPDATE epoch SET value = value + 1 WHERE name = :name RETURNING value"
    return Statement(sql, {"name": name}, decode=first)


def epoch() -> Query[Epoch]:
    """All four counters."""
    sql = """SELECT MAX(CASE WHEN name = 'keys' THEN value END), MAX(CASE WHEN name = 'policy' THEN value END),
        MAX(CASE WHEN name = 'clients' THEN value END), MAX(CASE WHEN name = 'revocations' THEN value END) FROM epoch"""
    return Query(sql, {}, _decode)
