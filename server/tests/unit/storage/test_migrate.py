"""Migrations: once each, in order, never edited."""

import re
from dataclasses import replace

import pytest

from newel.storage.base import StartRefused
from newel.storage.migrate import Applied, Migration, known, pending, statements

ONE, TWO, THREE = (Migration(n, f"step{n}", f"CREATE TABLE t{n} (id TEXT) STRICT;") for n in (1, 2, 3))
ALL = (ONE, TWO, THREE)


def done(*migrations: Migration) -> list[Applied]:
    return [Applied(each.number, each.name, each.checksum) for each in migrations]


def test_what_is_missing_is_applied_in_order() -> None:
    assert pending([], ALL) == ALL
    assert pending(done(ONE), ALL) == (TWO, THREE)
    assert pending(done(*ALL), ALL) == ()


def test_an_edited_migration_stops_the_start() -> None:
    with pytest.raises(StartRefused, match=r"migration 1 \(step1\) was edited"):
        pending(done(replace(ONE, sql=ONE.sql + " "), TWO), ALL)


def test_a_missing_migration_stops_the_start() -> None:
    with pytest.raises(StartRefused, match=r"migration 2 \(step2\) was applied and is missing"):
        pending(done(ONE, TWO), (ONE, THREE))


def test_a_database_of_a_newer_version_stops_the_start() -> None:
    with pytest.raises(StartRefused, match=r"newer version \(migration 3\)"):
        pending(done(*ALL), (ONE, TWO))


def test_the_files_are_numbered_without_gaps() -> None:
    assert [each.number for each in known()] == list(range(1, len(known()) + 1))
    assert all(re.fullmatch(r"[a-z][a-z_]*", each.name) for each in known())


def test_postgresql_gets_its_own_words() -> None:
    text = "\n".join(statements(each, "postgres") for each in known())
    assert not re.search(r"WITHOUT ROWID|STRICT|\bBLOB\b|\bINTEGER\b", text)
    assert 'id TEXT COLLATE "C" NOT NULL PRIMARY KEY' in text
    assert "body BYTEA NOT NULL\n);" in text
    assert statements(ONE, "sqlite") == ONE.sql
