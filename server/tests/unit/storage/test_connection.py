"""Which SQLite is opened, and how."""

from pathlib import Path

import apsw
import pytest

from newel.storage.base import StartRefused
from newel.storage.connection import check_version, connect


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.9.99", "2.8.17"])
def test_an_sqlite_with_the_wal_reset_bug_is_refused(version: str) -> None:
    with pytest.raises(StartRefused, match=r"3\.51\.3 or newer"):
        check_version(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.100.0", "4.0", apsw.sqlite_lib_version()])
def test_a_fixed_one_is_taken(version: str) -> None:
    check_version(version)


def test_the_log_is_written_ahead_and_folded_by_nobody_else(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "x.db"))
    pragmas = ("journal_mode", "synchronous", "wal_autocheckpoint", "trusted_schema")
    assert [connection.pragma(name) for name in pragmas] == ["wal", 1, 0, 0]
    connection.close()


def opened() -> set[str]:
    """The files this process has open."""
    links = list(Path("/proc/self/fd").iterdir())
    return {str(link.readlink()) for link in links if link.is_symlink()}


def test_what_a_savepoint_may_undo_is_written_to_no_file(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "x.db"))
    connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))")
    before = opened()
    connection.execute("BEGIN; SAVEPOINT s; UPDATE t SET a = randomblob(100000)")
    assert opened() == before
    connection.execute("ROLLBACK TO s; COMMIT")
    assert connection.execute("SELECT a = zeroblob(100000) FROM t").get == 1
    connection.close()
