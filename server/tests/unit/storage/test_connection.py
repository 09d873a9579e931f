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
