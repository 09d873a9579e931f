"""Every verb: its parameters, its guards, its portability, and the index that finds its rows."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_type_hints

import apsw
import pytest
from server.tests.contract import samples

from newel.domain.authorization import AuthorizationRequest
from newel.domain.change import AdvanceCounter, Change, ReplaceMaterial, SpendRecoveryCode
from newel.domain.client import Client
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.grant import CodeGrant, Grant
from newel.domain.interaction import Interaction
from newel.domain.session import Session
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.domain.subject import Subject
from newel.domain.velocity import Count, Expectation, KeptReservation, Reading
from newel.flows.presented import LOOKED_AT
from newel.storage import audit, migrate, sweep
from newel.storage.base import Query, Row, Statement
from newel.storage.sql import (
    authenticators,
    clients,
    codes,
    counters,
    epoch,
    grants,
    interactions,
    keys,
    limits,
    pushed,
    registrations,
    revocations,
    sessions,
    snapshots,
    subjects,
)
from newel.storage.writer import changed

AGGREGATES = (
    authenticators,
    clients,
    codes,
    counters,
    epoch,
    grants,
    interactions,
    keys,
    limits,
    pushed,
    registrations,
    revocations,
    sessions,
    snapshots,
    subjects,
)
KEY = keys.SigningKey(kid="k", alg="ES256", sealed_private=b"", public_jwk="{}", created_at=1, active_at=1)
READING = Reading(tally="t", at=1, over=60, amount=1, value="v")
COUNTS = (Count(tally="t", over=60, amount=1), Count(tally="t", over=60, amount=1, value="v"))
SAMPLES: dict[Any, Any] = {
    str: "x",
    int: 1,
    bytes: b"x",
    bytes | None: b"x",
    tuple[bytes, ...]: (b"x",),
    tuple[Evidence, ...]: (samples.evidence(),),
    epoch.Name: "keys",
    Authenticator: samples.authenticator(),
    AuthorizationRequest: samples.request(),
    Client: samples.client(),
    CodeGrant: samples.code_grant(),
    Grant: samples.grant(),
    Interaction: samples.interaction(),
    Session: samples.session(),
    Subject: samples.subject(),
    keys.SigningKey: KEY,
    registrations.Registration: registrations.Registration(client_id="c", type="t", id="i", properties={}),
    Activation: samples.activation(),
    KeptReservation: samples.reservation("k", *COUNTS),
    KeptSnapshot: samples.snapshot(),
    Reading: READING,
    tuple[Expectation, ...]: (Expectation(reading=READING, least=0, most=1),),
}
CHANGES = (AdvanceCounter("a", 1), ReplaceMaterial("a", b"", b""), SpendRecoveryCode("a", b""))
WHOLE = {"clients.clients", "epoch.epoch", "keys.signing_keys", "snapshots.activated", "snapshots.activations"}
"""Small tables that are read as a whole."""
WITHOUT_TABLE = {"SCAN seen", "SCAN parts", "SCAN halves", "SCAN CONSTANT ROW"}
"""What is gone through whole in a plan, and is no table: rows that a part of the same statement found by their key."""


def called(verb: Callable[..., Any]) -> Iterator[Statement | Query[Any]]:
    """What a verb returns for sample arguments, one by one."""
    hints = get_type_hints(verb)
    result = hints.pop("return", None)
    names = list(inspect.signature(verb).parameters)
    changes = CHANGES if Change in hints.values() else (None,)
    for change in changes:
        arguments = [change if hints[name] == Change else SAMPLES[hints[name]] for name in names if name in hints]
        made = verb(*arguments) if result is not None else ()
        yield from made if isinstance(made, tuple) else (made,)


def verbs() -> Iterator[tuple[str, Statement | Query[Any]]]:
    """Every statement and query of every aggregate, of the audit and of the sweep, under the verb's name."""
    for module in AGGREGATES:
        for name, verb in public(module):
            for number, made in enumerate(called(verb)):
                yield f"{module.__name__.rpartition('.')[2]}.{name}:{number}", made
    yield "audit.add_writer:0", audit.add_writer(1, 1)
    yield "audit.append:0", audit.append(b"", audit.Head(1), samples_entry(), b"")[1]
    yield "audit.rows:0", audit.rows(1)
    yield "audit.last_row:0", audit.last_row(1)
    yield "audit.next_writer:0", audit.next_writer(1)
    for table in sweep.TABLES:
        yield f"sweep.{table.name}:0", sweep._seen(table, "", 1)
        yield f"sweep.{table.name}:1", sweep._delete(table, "", "x", 1)


def samples_entry() -> Any:
    return audit.start([], 1)


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """The verbs that a module defines; what reads a row is none."""
    functions = inspect.getmembers(module, inspect.isfunction)
    own = [(name, verb) for name, verb in functions if verb.__module__ == module.__name__ and name[0] != "_"]
    return [(name, verb) for name, verb in own if Row not in get_type_hints(verb).values()]


VERBS = dict(verbs())


@pytest.fixture(scope="module")
def connection() -> Iterator[apsw.Connection]:
    """An empty database with every table."""
    made = apsw.Connection(":memory:")
    for migration in migrate.known():
        made.execute(migrate.statements(migration, "sqlite"))
    yield made
    made.close()


def test_every_aggregate_has_verbs() -> None:
    assert {name.partition(".")[0] for name in VERBS} >= {module.__name__.rpartition(".")[2] for module in AGGREGATES}
    assert len(VERBS) > 80


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_gives_exactly_the_parameters_it_names(name: str) -> None:
    made = VERBS[name]
    assert set(re.findall(r":([a-z_]+)", made.sql)) == set(made.params)


@pytest.mark.parametrize("name", [name for name, made in VERBS.items() if isinstance(made, Statement)])
def test_a_guard_and_a_value_come_from_a_returned_row(name: str) -> None:
    made = VERBS[name]
    assert isinstance(made, Statement)
    if made.guard or made.decode is not None:
        assert re.search(r"RETURNING [a-z_, ]+$", made.sql)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_is_written_for_both_databases(name: str) -> None:
    sql = VERBS[name].sql
    assert not re.search(r"\bOR (REPLACE|IGNORE)\b|\bdatetime\(|\bunixepoch\b|\bGLOB\b|\bIFNULL\b|\browid\b|\?", sql)
    assert ";" not in sql


@pytest.mark.parametrize("name", [name for name, made in VERBS.items() if isinstance(made, Query)])
def test_a_query_changes_nothing(name: str, connection: apsw.Connection) -> None:
    steps = connection.execute("EXPLAIN " + VERBS[name].sql, dict(VERBS[name].params)).fetchall()
    assert [row[3] for row in steps if row[1] == "Transaction"] == [0]


@pytest.mark.parametrize("name", [name for name in VERBS if name.partition(":")[0] not in WHOLE])
def test_a_verb_finds_its_rows_by_a_key(name: str, connection: apsw.Connection) -> None:
    made = VERBS[name]
    plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + made.sql, dict(made.params))]
    assert not [step for step in plan if step.startswith("SCAN") and step not in WITHOUT_TABLE]
    assert not [step for step in plan if "TEMP B-TREE" in step and not name.startswith(("revocations", "sessions"))]


@pytest.mark.parametrize("name", [name for name, made in VERBS.items() if isinstance(made, Statement)])
def test_the_table_that_a_statement_changes_is_told_from_its_text(name: str, connection: apsw.Connection) -> None:
    written: set[str] = set()
    kinds = {apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE}

    def look(action: int, table: str | None, *_rest: str | None) -> int:
        written.update({table or ""} if action in kinds else ())
        return apsw.SQLITE_OK

    connection.authorizer = look
    try:
        connection.execute("EXPLAIN " + VERBS[name].sql, dict(VERBS[name].params)).fetchall()
    finally:
        connection.authorizer = None
    assert written == {changed(VERBS[name].sql)}


def test_what_begins_with_no_change_is_no_statement() -> None:
    with pytest.raises(ValueError, match="begins with"):
        changed("WITH x AS (SELECT 1) DELETE FROM subjects")


def test_whether_a_token_stands_is_looked_at_in_the_tables_that_the_query_reads(connection: apsw.Connection) -> None:
    read: set[str] = set()

    def look(action: int, table: str | None, *_rest: str | None) -> int:
        read.update({table or ""} if action == apsw.SQLITE_READ else ())
        return apsw.SQLITE_OK

    connection.authorizer = look
    try:
        connection.execute(
            "EXPLAIN " + authenticators.rows_unless_revoked("s", "t", "h", "f").sql,
            dict.fromkeys(("subject", "token", "session", "family"), "x"),
        ).fetchall()
    finally:
        connection.authorizer = None
    assert read == set(LOOKED_AT)
