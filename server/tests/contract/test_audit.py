"""The audit chain in every engine: what rides along, what is recorded of a refusal, what is forgotten (S33)."""

import asyncio
from pathlib import Path

import pytest
from server.tests.contract.opening import AUDIT_KEY, NOW, Database, open_engine

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.interaction import Reason
from newel.storage import audit
from newel.storage.base import Statement, Store, Unit, Value
from newel.storage.checkpoints import Checkpoints, read_file
from newel.storage.history import forget, history
from newel.storage.sql import limits
from newel.storage.verify import Report, verify

DECISION = DecisionRecord(
    targets=("bank.transfer:send",),
    policy="p1",
    facts={"amount": 500_000, "countries": ["DE"]},
    conditions={"large": True},
    reasons=(Reason("large", "It is a large amount"),),
    requirement="phr <= 300",
    outcome="asked",
    reached={"aal1": NOW},
)


def entry(number: int) -> Entry:
    return Entry(kind="event", at=NOW + number, body={"n": number}, personal={"subject": f"s{number % 3}"})


async def record(store: Store, first: int, last: int) -> None:
    await asyncio.gather(*(store.commit(Unit(audit=entry(number))) for number in range(first, last)))


async def rows(store: Store) -> list[audit.AuditRow]:
    return [row async for row in history(store)]


async def tamper(store: Store, sql: str, **params: Value) -> None:
    """What someone with SQL rights does."""
    await store.commit(Unit((Statement(sql, params),)))


async def faults(store: Store, lines: list[str] | None = None) -> list[str]:
    return [fault.kind for fault in (await verify(store, AUDIT_KEY, lines or [])).faults]


async def test_an_entry_rides_with_its_unit_and_comes_back_whole(store: Store) -> None:
    whole = Entry(kind="decision", at=NOW, body={"n": 1}, personal={"name": "Alice"}, decision=DECISION)
    await store.commit(Unit((limits.spend("jti", "1", 5),), audit=whole))
    started, recorded = await rows(store)
    assert recorded.entry() == whole
    assert (started.kind, started.seq, recorded.seq) == (audit.STARTED, 1, 2)


async def test_s33_a_refused_unit_leaves_its_refusal_alone(store: Store) -> None:
    spend = limits.spend("jti", "1", 5)
    for _ in range(2):
        await store.commit(Unit((limits.take("b", 9, 9, 9), spend), audit=entry(1), refused=entry(2)))
    assert [row.entry() for row in await rows(store)][1:] == [entry(1), entry(2)]


async def test_a_unit_that_failed_leaves_no_gap_in_the_chain(store: Store) -> None:
    broken = Unit((Statement("INSERT INTO spent (id) VALUES ('x')", {}),), audit=entry(1))
    await asyncio.gather(
        *(store.commit(unit) for unit in (Unit(audit=entry(0)), broken, Unit(audit=entry(2)))), return_exceptions=True
    )
    assert [row.entry() for row in await rows(store)][1:] == [entry(0), entry(2)]
    assert await faults(store) == []


async def test_an_intact_chain_is_known_until_its_last_checkpoint(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    checkpoints = Checkpoints(lines, AUDIT_KEY)
    await record(store, 0, 10)
    await checkpoints.write(store, NOW + 60)
    await record(store, 10, 20)
    await checkpoints.write(store, NOW + 120)
    await checkpoints.write(store, NOW + 180)
    report = await verify(store, AUDIT_KEY, read_file(lines))
    assert report == Report(rows=21, writers=1, forgotten=0, faults=(), known_until=NOW + 180)


async def test_without_a_checkpoint_nothing_is_known(store: Store, tmp_path: Path) -> None:
    await record(store, 0, 10)
    assert (await verify(store, AUDIT_KEY, read_file(tmp_path / "none"))).known_until is None


async def test_another_key_finds_every_row_edited(store: Store) -> None:
    await record(store, 0, 3)
    report = await verify(store, bytes(32), [])
    assert [fault.kind for fault in report.faults] == ["edited"] * 4


EDITS: dict[str, Value] = {
    "UPDATE audit SET body = :value WHERE seq = 5": b"\x92\x80\xc0",
    "UPDATE audit SET at = :value WHERE seq = 5": NOW,
    "UPDATE audit SET kind = :value WHERE seq = 5": "other",
    "UPDATE audit SET personal = :value WHERE seq = 5": b"someone else",
    "UPDATE audit SET commitment = :value WHERE seq = 5": b"",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edited_row_is_found(store: Store, edit: str) -> None:
    await record(store, 0, 10)
    await tamper(store, edit, value=EDITS[edit])
    report = await verify(store, AUDIT_KEY, [])
    assert [(fault.kind, fault.seq) for fault in report.faults] == [("edited", 5)]


async def test_a_row_put_before_the_first_is_found(store: Store) -> None:
    await record(store, 0, 3)
    await tamper(
        store,
        """INSERT INTO audit (writer, seq, at, kind, body, commitment, personal, mac)
        SELECT writer, :seq, at, kind, body, commitment, personal, mac FROM audit WHERE seq = 2""",
        seq=-5,
    )
    assert "edited" in await faults(store)


async def test_removed_rows_are_found_in_the_middle_and_at_the_beginning(store: Store) -> None:
    await record(store, 0, 10)
    await tamper(store, "DELETE FROM audit WHERE seq = 5")
    assert await faults(store) == ["removed"]
    await tamper(store, "DELETE FROM audit WHERE seq = 1")
    assert await faults(store) == ["removed", "removed"]


async def test_rows_in_another_order_are_found(store: Store) -> None:
    await record(store, 0, 10)
    for one, other in ((5, -1), (6, 5), (-1, 6)):
        await tamper(store, "UPDATE audit SET seq = :other WHERE seq = :one", one=one, other=other)
    assert await faults(store) == ["edited", "edited", "edited"]


async def test_s33_editing_without_the_key_and_dropping_the_last_hundred_is_found(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    checkpoints = Checkpoints(lines, AUDIT_KEY)
    await record(store, 0, 50)
    await checkpoints.write(store, NOW + 60)
    await record(store, 50, 200)
    await checkpoints.write(store, NOW + 120)
    await tamper(store, "DELETE FROM audit WHERE seq > 101")
    report = await verify(store, AUDIT_KEY, read_file(lines))
    assert [(fault.kind, fault.seq) for fault in report.faults] == [("truncated", 102)]
    assert report.known_until == NOW + 60


async def test_s33_recomputing_the_chain_under_a_guessed_key_is_found(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    await record(store, 0, 20)
    await Checkpoints(lines, AUDIT_KEY).write(store, NOW + 60)
    head = audit.Head((await rows(store))[0].writer)
    for row in await rows(store):
        mac = row.expected_mac(b"guessed key", head.mac)
        head = audit.Head(row.writer, row.seq, mac)
        await tamper(store, "UPDATE audit SET mac = :mac WHERE seq = :seq", mac=mac, seq=row.seq)
    found = await faults(store, list(read_file(lines)))
    assert found == ["edited"] * 21 + ["rewritten"]


async def test_a_chain_that_vanished_is_found_by_the_next_start(database: Database) -> None:
    for start in range(3):
        store = await open_engine(database, now_ms=(NOW + start) * 1000)
        await record(store, 0, 5)
        await store.close()
    store = await open_engine(database, now_ms=(NOW + 9) * 1000)
    assert (await verify(store, AUDIT_KEY, [])).writers == 3
    assert await faults(store) == []
    await tamper(store, "DELETE FROM audit WHERE writer = (SELECT MIN(writer) FROM audit)")
    await tamper(store, "DELETE FROM writers WHERE id = (SELECT MIN(id) FROM writers)")
    assert await faults(store) == ["missing"]
    await store.close()


async def test_a_checkpoint_written_by_another_hand_is_found(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    await record(store, 0, 5)
    await Checkpoints(lines, AUDIT_KEY).write(store, NOW + 60)
    await Checkpoints(lines, bytes(32)).write(store, NOW + 120)
    report = await verify(store, AUDIT_KEY, [*read_file(lines), "", "[1]", '{"mac": 1}'])
    assert [(fault.kind, fault.seq) for fault in report.faults] == [("forged_checkpoint", n) for n in (2, 3, 4, 5)]
    assert report.known_until == NOW + 60


async def test_a_line_that_a_power_failure_cut_is_no_evidence_and_spoils_none(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    await record(store, 0, 5)
    await Checkpoints(lines, AUDIT_KEY).write(store, NOW + 60)
    whole = lines.read_text()
    for end in range(1, len(whole) - 1):
        lines.write_text(whole + whole[:end])
        await Checkpoints(lines, AUDIT_KEY).write(store, NOW + 120)
        report = await verify(store, AUDIT_KEY, read_file(lines))
        assert (report.faults, report.known_until) == ((), NOW + 120), end


async def test_a_cut_line_with_another_signature_was_not_cut(store: Store, tmp_path: Path) -> None:
    lines = tmp_path / "checkpoints"
    await record(store, 0, 5)
    await Checkpoints(lines, AUDIT_KEY).write(store, NOW + 60)
    (whole,) = read_file(lines)
    forged = (
        whole[:-6] + "AAAAAA",
        whole[:-2] + "~",
        '{"at": x, "mac": "00',
        '{"at": 1}',
        whole[:40].replace("at", "ta"),
    )
    for line in forged:
        assert await faults(store, [whole, line]) == ["forged_checkpoint"], line


async def test_forgetting_a_person_keeps_the_chain(store: Store) -> None:
    await record(store, 0, 9)
    assert await forget(store, {"subject": "s1", "name": "nobody"}) == 3
    assert await forget(store, {"subject": "s1"}) == 0
    left = [row.entry() for row in await rows(store)]
    assert [each.body["n"] for each in left[1:] if not each.personal] == [1, 4, 7]
    report = await verify(store, AUDIT_KEY, [])
    assert (report.good, report.forgotten) == (True, 3)


async def test_equal_personal_data_has_unequal_commitments(store: Store) -> None:
    await record(store, 0, 9)
    assert len({row.commitment for row in await rows(store)}) == 10


async def test_a_store_that_records_nothing_begins_no_chain(database: Database) -> None:
    for _ in range(2):
        store = await open_engine(database)
        await store.commit(Unit((limits.take("b", 9, 9, 9),)))
        assert await rows(store) == []
        await store.close()
