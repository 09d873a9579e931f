"""What commands open, and what they say when they cannot."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newel.cli.opening import refusals
from newel.cli.refusal import Refusal
from newel.storage.base import StorageFailed

Newel = Callable[..., Any]


def test_a_missing_database_is_not_made_by_accident(newel: Newel, folder: Path) -> None:
    (folder / "newel.db").unlink()
    done = newel("user", "list")
    assert done.code == 3
    assert "newel init" in done.err
    assert not (folder / "newel.db").exists()


def test_a_missing_master_key_is_to_be_restored(newel: Newel, folder: Path) -> None:
    (folder / "newel.key").unlink()
    done = newel("user", "list")
    assert done.code == 3
    assert "restore it from your backup" in done.err


def test_s34_a_master_key_that_others_can_read_stops_the_command(newel: Newel, folder: Path) -> None:
    (folder / "newel.key").chmod(0o644)
    done = newel("user", "list")
    assert done.code == 3
    assert "0600" in done.err


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_a_file_that_is_no_database_is_refused(newel: Newel, folder: Path, content: bytes) -> None:
    (folder / "newel.db").write_bytes(content)
    done = newel("user", "list")
    assert done.code == 3
    assert "is not a database" in done.err


def test_a_failing_disk_says_that_nothing_was_changed() -> None:
    with pytest.raises(Refusal, match="nothing was changed: disk full"), refusals():
        raise StorageFailed("disk full")


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refusal, match="/x: Permission denied"), refusals():
        raise PermissionError(13, "Permission denied", "/x")


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.startswith("newel.db")}


def _database(folder: Path, *statements: str) -> dict[str, bytes]:
    """A server's database that somebody else made, or changed; what lies there then."""
    connection = sqlite3.connect(folder / "newel.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return _bytes(folder)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
@pytest.mark.parametrize("table", ["x (a)", "migrations (id)", "x (migrations)"])
def test_a_foreign_database_is_refused_and_left_as_it_is(newel: Newel, folder: Path, table: str, mode: str) -> None:
    (folder / "newel.db").unlink()
    before = _database(folder, f"PRAGMA journal_mode = {mode}", f"CREATE TABLE {table}")
    for command in (("policy", "list"), ("user", "list"), ("keys", "list"), ("audit", "verify")):
        done = newel(*command)
        assert (done.code, done.out) == (3, "")
        assert done.err == f"newel: {folder / 'newel.db'} is not Newel's database; look at storage.database\n"
    assert _bytes(folder) == before


def test_a_database_without_any_table_is_refused_and_left_as_it_is(newel: Newel, folder: Path) -> None:
    (folder / "newel.db").unlink()
    before = _database(folder, "PRAGMA user_version = 1")
    done = newel("policy", "list")
    assert done.code == 3
    assert "is not Newel's database" in done.err
    assert _bytes(folder) == before


def test_an_older_database_is_left_as_it_is_until_the_server_starts(newel: Newel, folder: Path) -> None:
    before = _database(folder, "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)")
    done = newel("policy", "list")
    assert done.code == 3
    assert "is older than this version of newel" in done.err
    assert "newel serve" in done.err
    assert _bytes(folder) == before


def test_a_database_whose_rows_are_still_in_its_log_is_known(newel: Newel, folder: Path) -> None:
    other = sqlite3.connect(folder / "newel.db")
    other.execute("INSERT INTO migrations VALUES (99, 'later', '', 0)")
    other.commit()
    assert (folder / "newel.db-wal").stat().st_size
    done = newel("policy", "list")
    other.close()
    assert done.code == 3
    assert "newer version" in done.err
