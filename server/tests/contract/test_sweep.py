"""What has expired is swept out; what may still be asked for stays."""

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.domain.velocity import Count, name_of
from newel.storage.base import Query, Store, Unit, first
from newel.storage.sql import codes, counters, grants, interactions, limits, pushed, revocations, sessions, subjects
from newel.storage.sweep import TABLES, WINDOW, sweep

DAY = 86_400


async def counts(store: Store) -> dict[str, int | None]:
    """Rows of each table that is swept; of totals, the buckets of single seconds."""
    count = "SELECT COUNT({}) FROM {}"
    what = {"totals": "CASE WHEN substr(id, 65, 1) = '0' THEN 1 END"}
    sql = {table.name: count.format(what.get(table.name, "*"), table.name) for table in TABLES}
    return {name: await store.one(Query(text, {}, first)) for name, text in sql.items()}


async def fill(store: Store, name: str, lives: int) -> None:
    """One row in every table, living `lives` seconds."""
    ends = NOW + lives
    occurred = Count(tally=name_of(name), over=lives, amount=1, value=name_of(name))
    await store.commit(
        Unit(
            (
                interactions.add_interaction(samples.interaction(name, expires_at=ends)),
                codes.add_code(name, digest("c"), samples.code_grant(), ends),
                pushed.add_pushed(name, "bank-web", samples.request(), ends),
                subjects.add_sign_up(name, digest("u"), "alice", ends),
                sessions.add_session(samples.session(name, expires_at=ends), digest("s")),
                grants.add_family(samples.grant(name), None, ends),
                *revocations.revoke_token(name, NOW, ends),
                limits.spend("jti", name, ends),
                limits.take(name, 5, lives, NOW),
                *counters.reserve(samples.reservation(name, occurred), ()),
            )
        )
    )


async def test_what_has_expired_goes_and_what_lives_stays(store: Store) -> None:
    await fill(store, "old", 60)
    await fill(store, "young", 30 * DAY)
    await sweep(store, NOW + 59, {})
    assert set((await counts(store)).values()) == {2}
    await sweep(store, NOW + DAY, {})
    assert set((await counts(store)).values()) == {1}
    assert await store.one(sessions.session("young")) is not None
    assert await store.one(sessions.session("old")) is None


async def test_a_spent_code_stays_for_an_hour_to_betray_its_replay(store: Store) -> None:
    await fill(store, "old", 60)
    await sweep(store, NOW + 3_659, {})
    assert await store.one(codes.code("old")) is not None
    await sweep(store, NOW + 3_660, {})
    assert await store.one(codes.code("old")) is None


async def test_a_large_table_is_swept_in_windows_over_several_sweeps(store: Store) -> None:
    many = 10 * WINDOW
    for begin in range(0, many, WINDOW):
        units = (limits.take(f"{n:06d}", 5, 60 if n % 2 else DAY, NOW) for n in range(begin, begin + WINDOW))
        await store.apply(Unit(tuple(units)))
        spent = (limits.spend("jti", f"{n:06d}", NOW) for n in range(begin, begin + WINDOW))
        await store.apply(Unit(tuple(spent)))
    await store.apply(Unit(tuple(subjects.add_sign_up(f"{n:06d}", b"", "s", NOW) for n in range(many))))
    cursors: dict[str, str] = {}
    cursors = await sweep(store, NOW + 7_200, cursors)
    left = await counts(store)
    assert (left["buckets"], left["spent"], left["sign_ups"]) == (many // 2, 0, many - 4 * WINDOW)
    for _ in range(2):
        cursors = await sweep(store, NOW + 7_200, cursors)
    assert (await counts(store))["sign_ups"] == 0
    assert cursors["sign_ups"] == ""
