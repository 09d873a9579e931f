"""The embedded engine: durability, groups, failing disks, starts."""

import asyncio
import errno
import stat
import threading
from collections.abc import Awaitable
from pathlib import Path

import apsw
import pytest

from newel.domain.audit import Entry
from newel.storage import migrate
from newel.storage.base import Committed, StartRefused, Statement, StorageError, StorageFailed, Unit
from newel.storage.durable import Sync
from newel.storage.sql import epoch, limits
from newel.storage.sqlite import SqliteStore, open_store
from newel.storage.verify import verify

KEY = bytes(32)
NOW_MS = 1_790_000_000_000


def spend(name: str) -> Unit:
    return Unit((limits.spend("jti", name, 5),), audit=Entry(kind="spent", at=5, body={"name": name}))


def opened(path: Path, sync: Sync = lambda _file: None) -> Awaitable[SqliteStore]:
    return open_store(path / "newel.db", audit_key=KEY, now_ms=NOW_MS, sync=sync)


def files(folder: Path) -> dict[str, int]:
    """The files of a folder and who may do what with them."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


class Gate:
    """A sync that waits until it is let through."""

    def __init__(self) -> None:
        self.through = threading.Event()
        self.syncs = 0

    def __call__(self, _file: int) -> None:
        self.through.wait(10)
        self.syncs += 1


async def test_a_commit_is_answered_after_its_sync_and_an_apply_before(tmp_path: Path) -> None:
    gate = Gate()
    store = await opened(tmp_path, gate)
    commit = asyncio.ensure_future(store.commit(Unit((epoch.bump("keys"),))))
    await asyncio.sleep(0)
    assert await store.apply(Unit((epoch.bump("keys"),))) == Committed((2,))
    assert not commit.done()
    gate.through.set()
    assert await commit == Committed((1,))
    await store.close()


async def test_what_is_asked_during_a_sync_becomes_one_group(tmp_path: Path) -> None:
    gate = Gate()
    store = await opened(tmp_path, gate)
    first = asyncio.ensure_future(store.commit(spend("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(store.commit(spend(str(n)))) for n in range(40)]
    gate.through.set()
    await asyncio.gather(first, *others)
    assert gate.syncs == 2
    await store.close()


class Disk:
    """A disk that remembers in which thread it was synced."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.failing = False

    def __call__(self, _file: int) -> None:
        self.threads.append(threading.get_ident())
        if self.failing:
            raise OSError(errno.EIO, "I/O error")


async def test_a_quick_disk_is_waited_for_on_the_spot_and_another_in_a_thread(tmp_path: Path) -> None:
    disk = Disk()
    store = await opened(tmp_path, disk)
    for quick in (False, True, False):
        store._syncer.quick = quick
        await store.commit(spend(str(len(disk.threads))))
    here = threading.get_ident()
    assert [thread == here for thread in disk.threads] == [False, True, False]
    await store.close()


async def test_what_is_asked_at_once_shares_one_sync_on_the_spot(tmp_path: Path) -> None:
    disk = Disk()
    store = await opened(tmp_path, disk)
    store._syncer.quick = True
    await asyncio.gather(*(store.commit(spend(str(n))) for n in range(40)))
    assert disk.threads == [threading.get_ident()]
    await store.close()


async def test_a_sync_that_is_lost_on_the_spot_answers_nobody_and_stays_lost(tmp_path: Path) -> None:
    disk = Disk()
    disk.failing = True
    store = await opened(tmp_path, disk)
    store._syncer.quick = True
    outcomes = await asyncio.gather(*(store.commit(spend(str(n))) for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StorageFailed] * 3
    with pytest.raises(StorageFailed):
        await store.apply(spend("later"))
    await store.close()


async def test_a_lost_sync_answers_nobody_and_stays_lost(tmp_path: Path) -> None:
    def broken(file: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    store = await opened(tmp_path, broken)
    outcomes = await asyncio.gather(*(store.commit(spend(str(n))) for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StorageFailed] * 3
    assert "I/O error" in (store.fault() or "")
    with pytest.raises(StorageFailed):
        await store.apply(spend("later"))
    await store.close()


async def test_what_was_queued_behind_a_lost_sync_is_refused(tmp_path: Path) -> None:
    entered, proceed = threading.Event(), threading.Event()

    def broken(file: int) -> None:
        entered.set()
        proceed.wait(10)
        raise OSError(errno.EIO, "I/O error")

    store = await opened(tmp_path, broken)
    first = asyncio.ensure_future(store.commit(spend("first")))
    await asyncio.to_thread(entered.wait, 10)
    second = asyncio.ensure_future(store.commit(spend("second")))
    await asyncio.sleep(0)
    proceed.set()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StorageFailed] * 2
    await store.close()


async def test_a_full_disk_is_a_fault_while_it_lasts_and_breaks_no_chain(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.commit(spend("before"))
    pages = store._connection.pragma("page_count")
    store._connection.pragma("max_page_count", pages)
    large = Statement("INSERT INTO clients (id, body) VALUES ('large', zeroblob(1000000))", {})
    outcomes = await asyncio.gather(
        store.commit(spend("1")), store.commit(Unit((large,))), store.commit(spend("2")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [StorageFailed] * 3
    assert "FullError" in (store.fault() or "")
    store._connection.pragma("max_page_count", pages * 100)
    assert await store.commit(spend("1")) == Committed((None,))
    assert store.fault() is None
    report = await verify(store, KEY, ())
    assert (report.good, report.rows) == (True, 3)
    await store.close()


async def test_a_failing_read_is_a_fault(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    store._connection.set_progress_handler(lambda: True, 1)
    with pytest.raises(StorageError):
        await store.all(epoch.epoch())
    store._connection.set_progress_handler(None)
    with pytest.raises(StorageFailed):
        store._failed(apsw.IOError("disk I/O error"))
    assert store.fault() == "IOError: disk I/O error"
    await store.close()


async def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.commit(spend("1"))
    assert files(tmp_path) == {f"newel.db{end}": 0o600 for end in ("", "-wal", "-shm", "-turn")}
    await store.close()


async def test_an_edited_migration_stops_the_start(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.commit(Unit((Statement("UPDATE migrations SET checksum = 'other'", {}),)))
    await store.close()
    with pytest.raises(StartRefused, match="edited"):
        await opened(tmp_path)


async def test_a_newer_database_stops_the_start_and_is_left_as_it_is(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.commit(Unit((Statement("INSERT INTO migrations VALUES (99, 'later', '', 0)", {}),)))
    await store.close()
    before = (tmp_path / "newel.db").read_bytes()
    with pytest.raises(StartRefused, match="newer version"):
        await opened(tmp_path)
    assert (tmp_path / "newel.db").read_bytes() == before


async def test_a_start_that_fails_in_a_migration_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = migrate.Migration(2, "broken", "CREATE TABLE half (id TEXT) STRICT; SELECT nothing FROM nowhere;")
    known = migrate.known()
    monkeypatch.setattr(migrate, "known", lambda: (*known, broken))
    with pytest.raises(apsw.SQLError):
        await opened(tmp_path)
    monkeypatch.undo()
    store = await opened(tmp_path)
    assert await store.one(epoch.epoch()) == epoch.Epoch(0, 0, 0, 0)
    await store.close()


async def test_starts_at_once_migrate_once(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(opened(tmp_path) for _ in range(4)))
    assert [await store.one(epoch.epoch()) for store in stores] == [epoch.Epoch(0, 0, 0, 0)] * 4
    await asyncio.gather(*(store.close() for store in stores))


async def test_an_old_sqlite_is_refused_before_the_file_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")
    with pytest.raises(StartRefused):
        await opened(tmp_path)
    assert files(tmp_path) == {}


async def test_a_start_neither_migrates_nor_marks_what_somebody_else_made(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "newel.db"))
    connection.execute("CREATE TABLE x (a); CREATE TABLE migrations (number, name, checksum, applied_at)")
    connection.close()
    before = (tmp_path / "newel.db").read_bytes()
    with pytest.raises(StartRefused, match="is not Newel's database"):
        await opened(tmp_path)
    assert (tmp_path / "newel.db").read_bytes() == before
    assert set(files(tmp_path)) == {"newel.db"}


async def test_an_opening_waits_for_the_last_one_that_closes(tmp_path: Path) -> None:
    async def once() -> None:
        for _ in range(10):
            store = await opened(tmp_path)
            await store.close()

    await asyncio.gather(*(once() for _ in range(3)))
