"""Folding the write-ahead log."""

from pathlib import Path

import apsw

from newel.storage.connection import connect
from newel.storage.fold import Folder


def lengthen(connection: apsw.Connection, rows: int) -> None:
    """Commit `rows` times; a page each at least."""
    for _ in range(rows):
        connection.execute("INSERT INTO x VALUES (randomblob(3000))")


def log_of(connection: apsw.Connection) -> tuple[int, int]:
    """Pages in the log, and how many of them are in the file."""
    pages, folded = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    return pages, folded


def test_a_folded_log_begins_anew(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    connection = connect(path)
    connection.execute("CREATE TABLE x (y)")
    lengthen(connection, 50)
    folder = Folder(path)
    folder._fold()
    lengthen(connection, 1)
    assert log_of(connection)[0] < 10
    folder.close()
    connection.close()


def test_a_reader_in_the_way_postpones_the_folding(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    connection, reader = connect(path), connect(path)
    connection.execute("CREATE TABLE x (y)")
    lengthen(connection, 20)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM x").fetchall()
    folder = Folder(path)
    lengthen(connection, 20)
    folder._fold()
    lengthen(connection, 1)
    assert log_of(connection)[0] > 40
    reader.execute("COMMIT")
    folder._fold()
    lengthen(connection, 1)
    assert log_of(connection)[0] < 10
    for each in (folder, reader, connection):
        each.close()


def test_a_long_log_is_folded_once_and_again_after_another_quarter(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    connect(path).close()
    folder = Folder(path, pages=100)
    folder.close()
    wanted = []
    for pages in (99, 100, 101, 124, 125, 150, 10, 100):
        folder._wanted.clear()
        folder.saw(pages)
        wanted.append(folder._wanted.is_set())
    assert wanted == [False, True, False, False, True, True, False, True]
