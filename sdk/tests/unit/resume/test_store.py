"""The contract of intent stores, on each of them."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newel_sdk.resume import IntentStore, MemoryIntentStore, SealedIntent, SqliteIntentStore

NOW = 1000
WHO: dict[str, Any] = {"secret_hash": b"h", "subject": "alice", "lineage": "l"}


def sealed(intent_id: str, **changed: Any) -> SealedIntent:
    kept: dict[str, Any] = {"intent_id": intent_id, "exp": NOW + 600, "sealed": b"s"}
    return SealedIntent(**kept | WHO | changed)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[IntentStore]:
    if request.param == "memory":
        yield MemoryIntentStore()
        return
    connection = sqlite3.connect(":memory:")
    yield SqliteIntentStore(connection)
    connection.close()


def test_s13_an_intent_is_taken_once(store: IntentStore) -> None:
    store.put(sealed("a"), now=NOW)
    assert store.take(intent_id="a", now=NOW, **WHO) == b"s"
    assert store.take(intent_id="a", now=NOW, **WHO) is None


@pytest.mark.parametrize(
    "wrong",
    [{"intent_id": "b"}, {"secret_hash": b"x"}, {"subject": "mallory"}, {"lineage": "m"}, {"now": NOW + 600}],
)
def test_s16_all_of_id_secret_subject_lineage_and_time_must_agree(store: IntentStore, wrong: dict[str, Any]) -> None:
    store.put(sealed("a"), now=NOW)
    told: dict[str, Any] = {"intent_id": "a", "now": NOW}
    assert store.take(**told | WHO | wrong) is None
    assert store.take(intent_id="a", now=NOW + 599, **WHO) == b"s"


def test_s16_an_intent_is_discarded_only_by_its_own_browser(store: IntentStore) -> None:
    store.put(sealed("a"), now=NOW)
    store.discard(intent_id="a", secret_hash=b"x")
    store.discard(intent_id="b", secret_hash=b"h")
    assert store.take(intent_id="a", now=NOW, **WHO) == b"s"
    store.put(sealed("c"), now=NOW)
    store.discard(intent_id="c", secret_hash=b"h")
    assert store.take(intent_id="c", now=NOW, **WHO) is None


def test_s35_a_subject_has_twenty_open_intents_and_the_oldest_makes_room(store: IntentStore) -> None:
    store.put(sealed("other", subject="bob"), now=NOW)
    for number in range(21):
        store.put(sealed(f"i{number}", exp=NOW + 600 + number), now=NOW)
    assert store.take(intent_id="i0", now=NOW, **WHO) is None
    assert store.take(intent_id="i1", now=NOW, **WHO) == b"s"
    assert store.take(intent_id="other", now=NOW, **WHO | {"subject": "bob"}) == b"s"


def test_what_expired_goes_with_the_next_put(store: IntentStore) -> None:
    store.put(sealed("a"), now=NOW)
    store.put(sealed("b", exp=NOW + 2000), now=NOW + 600)
    assert store.take(intent_id="a", now=NOW, **WHO) is None


def test_inside_a_transaction_the_application_commits() -> None:
    connection = sqlite3.connect(":memory:")
    store = SqliteIntentStore(connection)
    connection.execute("BEGIN")
    SqliteIntentStore(connection).put(sealed("a"), now=NOW)
    connection.rollback()
    assert store.take(intent_id="a", now=NOW, **WHO) is None
    connection.close()


def test_s13_of_parallel_takers_exactly_one_gets_it(tmp_path: Path) -> None:
    connections = [sqlite3.connect(tmp_path / "app.db", check_same_thread=False) for _ in range(4)]
    stores: list[IntentStore] = [SqliteIntentStore(each) for each in connections]
    for racers in (stores, [MemoryIntentStore()] * 4):
        racers[0].put(sealed("a"), now=NOW)
        start = threading.Barrier(4)
        taken: list[Any] = []

        def run(store: IntentStore, start: threading.Barrier = start, taken: list[Any] = taken) -> None:
            start.wait()
            taken.append(store.take(intent_id="a", now=NOW, **WHO))

        threads = [threading.Thread(target=run, args=(store,)) for store in racers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert taken.count(b"s") == 1
    for each in connections:
        each.close()
