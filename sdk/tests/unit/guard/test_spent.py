"""Spending once (S13)."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from newel_sdk.guard import MemorySpentStore, SpentStore, SqliteSpentStore

NOW = 1000


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[SpentStore]:
    if request.param == "memory":
        yield MemorySpentStore(lambda: NOW)
        return
    connection = sqlite3.connect(":memory:")
    yield SqliteSpentStore(connection, lambda: NOW)
    connection.close()


def test_s13_a_key_is_spent_once(store: SpentStore) -> None:
    assert store.spend("a", NOW + 10)
    assert not store.spend("a", NOW + 10)
    assert store.spend("b", NOW + 10)


def test_what_expired_may_be_forgotten() -> None:
    time = [NOW]
    memory = MemorySpentStore(lambda: time[0])
    memory.spend("a", NOW + 1)
    time[0] = NOW + 1
    assert memory.spend("a", NOW + 10)
    connection = sqlite3.connect(":memory:")
    sqlite = SqliteSpentStore(connection, lambda: time[0])
    sqlite.spend("old", NOW + 1)
    sqlite.spend("new", NOW + 9)
    sqlite.purge()
    assert connection.execute("SELECT key FROM newel_spent").fetchall() == [("new",)]
    time[0] = NOW + 9
    connection.execute("BEGIN")
    sqlite.purge()
    connection.rollback()
    assert not sqlite.spend("new", NOW + 9)
    connection.close()


def test_s17_inside_a_transaction_the_approval_is_spent_with_the_effect_or_not_at_all(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "app.db")
    SqliteSpentStore(connection)
    connection.execute("CREATE TABLE ledger (minor INTEGER)")
    connection.execute("BEGIN")
    assert SqliteSpentStore(connection).spend("a", NOW)
    connection.execute("INSERT INTO ledger VALUES (1)")
    connection.rollback()
    assert SqliteSpentStore(connection).spend("a", NOW)
    connection.close()
    again = sqlite3.connect(tmp_path / "app.db")
    assert not SqliteSpentStore(again).spend("a", NOW)
    again.close()


def _race(spenders: list[Callable[[], bool]]) -> list[bool]:
    start, answers = threading.Barrier(len(spenders)), []

    def run(spender: Callable[[], bool]) -> None:
        start.wait()
        answers.append(spender())

    threads = [threading.Thread(target=run, args=(each,)) for each in spenders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_s13_of_parallel_spenders_exactly_one_succeeds(tmp_path: Path) -> None:
    memory = MemorySpentStore(lambda: NOW)
    assert _race([lambda: memory.spend("a", NOW + 1)] * 8).count(True) == 1
    connections = [sqlite3.connect(tmp_path / "app.db", check_same_thread=False) for _ in range(4)]
    stores = [SqliteSpentStore(each) for each in connections]
    assert _race([partial(store.spend, "a", NOW + 1) for store in stores]).count(True) == 1
    for each in connections:
        each.close()
