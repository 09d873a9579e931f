"""Sessions and their two identifiers (S06)."""

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest, evidence

from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import revocations, sessions

OLD, NEW = digest("old"), digest("new")
MORE = (evidence("e1"), evidence("e2", at=NOW + 5))


async def stored(store: Store, lineage: str = "s1") -> sessions.SessionRow:
    row = await store.one(sessions.session(lineage))
    assert row is not None
    return row


async def begin(store: Store) -> None:
    await store.commit(Unit((sessions.add_session(samples.session(), OLD),)))


async def test_a_session_is_shown_by_its_identifier_alone(store: Store) -> None:
    await begin(store)
    row = await stored(store)
    assert row.shown_by(OLD, NOW) == samples.session()
    assert row.shown_by(NEW, NOW) is None
    assert await store.commit(Unit((sessions.add_session(samples.session(), NEW),))) == Refused(0)


async def test_a_session_shows_nothing_once_it_is_over(store: Store) -> None:
    await begin(store)
    row = await stored(store)
    assert row.shown_by(OLD, NOW + 86_399) is not None
    assert row.shown_by(OLD, NOW + 86_400) is None


async def test_s06_the_old_identifier_lives_thirty_seconds_at_its_old_evidence(store: Store) -> None:
    await begin(store)
    await store.commit(Unit((sessions.rotate_session("s1", OLD, NEW, MORE, NOW + 5),)))
    row = await stored(store)
    new = row.shown_by(NEW, NOW + 6)
    old = row.shown_by(OLD, NOW + 34)
    assert new == samples.session(evidence=MORE, active_at=NOW + 5, rotated=True)
    assert old == samples.session(active_at=NOW + 5, rotated=True, current=False)
    assert row.shown_by(OLD, NOW + 35) is None
    assert row.shown_by(NEW, NOW + 35) == samples.session(evidence=MORE, active_at=NOW + 5)


async def test_s06_the_old_identifier_ends_when_the_new_one_is_used(store: Store) -> None:
    await begin(store)
    await store.commit(Unit((sessions.rotate_session("s1", OLD, NEW, MORE, NOW),)))
    await store.apply(Unit((sessions.retire_previous("s1", OLD),)))
    assert (await stored(store)).shown_by(OLD, NOW) is not None
    await store.apply(Unit((sessions.retire_previous("s1", NEW),)))
    row = await stored(store)
    assert row.shown_by(OLD, NOW) is None
    assert row.shown_by(NEW, NOW) == samples.session(evidence=MORE)


async def test_only_the_current_identifier_rotates_and_only_once(store: Store) -> None:
    await begin(store)
    rotate = sessions.rotate_session("s1", OLD, NEW, MORE, NOW)
    assert isinstance(await store.commit(Unit((rotate,))), Committed)
    assert await store.commit(Unit((rotate,))) == Refused(0)
    assert await store.commit(Unit((sessions.rotate_session("s1", NEW, OLD, MORE, NOW + 86_400),))) == Refused(0)


async def test_a_revoked_session_shows_nothing_and_never_rotates(store: Store) -> None:
    await begin(store)
    await store.commit(Unit(revocations.revoke_session("s1", NOW + 1)))
    row = await stored(store)
    assert row.revoked_at == NOW + 1
    assert row.shown_by(OLD, NOW + 1) is None
    assert await store.commit(Unit((sessions.rotate_session("s1", OLD, NEW, MORE, NOW),))) == Refused(0)


async def test_activity_moves_forward_only(store: Store) -> None:
    await begin(store)
    await store.apply(Unit((sessions.touch("s1", NOW + 60),)))
    await store.apply(Unit((sessions.touch("s1", NOW + 30),)))
    assert (await stored(store)).active_at == NOW + 60


async def test_waking_remembers_what_rested_unless_the_session_was_rotated(store: Store) -> None:
    await begin(store)
    await store.apply(Unit((sessions.wake("s1", NEW, MORE, NOW + 60),)))
    assert (await stored(store)).evidence == (evidence(),)
    await store.apply(Unit((sessions.wake("s1", OLD, MORE, NOW + 60),)))
    row = await stored(store)
    assert (row.active_at, row.evidence) == (NOW + 60, MORE)


async def test_a_subject_sees_all_its_sessions_newest_first(store: Store) -> None:
    for lineage in ("s1", "s2"):
        await store.commit(Unit((sessions.add_session(samples.session(lineage), OLD),)))
    await store.commit(Unit((sessions.add_session(samples.session("s3", subject="bob"), OLD),)))
    assert [row.lineage for row in await store.all(sessions.sessions_of("alice"))] == ["s2", "s1"]
