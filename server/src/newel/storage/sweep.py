"""Sweeping out what has expired, a bounded window at a time and without an index on the time.

Rows that live equally long stand in the order of their expiry, because keys are time-ordered: such tables are swept from
their beginning to the first window in which nothing has expired. The others are walked through, a little each time.
"""

from collections.abc import Mapping

from newel.domain.value import dataclass
from newel.storage.base import Query, Row, Statement, Store, Unit

WINDOW = 500
_MOST_WINDOWS = 100
_HOUR = 3_600
_SEEN = """SELECT MAX({key}), SUM(CASE WHEN expires_at <= :expired THEN 1 ELSE 0 END), COUNT(*)
    FROM (SELECT {key}, expires_at FROM {name} WHERE {key} > :after ORDER BY {key} LIMIT :window) AS seen"""
_DELETE = "DELETE FROM {name} WHERE {key} > :after AND {key} <= :last AND expires_at <= :expired"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is swept: rows stay `keep` seconds beyond their expiry; `windows` are looked at in one sweep."""

    name: str
    keep: int = 0
    key: str = "id"
    in_order: bool = False
    windows: int = 4


TABLES = (
    Table("interactions", keep=_HOUR, in_order=True, windows=_MOST_WINDOWS),
    Table("codes", keep=_HOUR, in_order=True, windows=_MOST_WINDOWS),  # a code that comes again ends its family (S13)
    Table("pushed", keep=_HOUR, in_order=True, windows=_MOST_WINDOWS),
    Table("sign_ups", keep=_HOUR),
    Table("sessions", key="lineage"),
    Table("families", windows=20),
    Table("revocations"),
    Table("spent", windows=20),
    Table("buckets", windows=20),
    Table("reservations", windows=20),
    Table("totals", keep=_HOUR, windows=_MOST_WINDOWS),  # clocks differ: what one worker still reads, none sweeps
    Table("counted_values", keep=_HOUR, windows=20),
)


@dataclass(frozen=True, slots=True)
class _Seen:
    last: str | None
    expired: int | None
    rows: int


async def sweep(store: Store, now: int, cursors: Mapping[str, str]) -> dict[str, str]:
    """Delete what has expired, in windows of WINDOW rows that are answered one by one; the cursors for the next sweep.

    Begin with no cursors. Once a minute keeps up with a thousand flows a second.
    """
    return {table.name: await _sweep(store, table, now, cursors.get(table.name, "")) for table in TABLES}


async def _sweep(store: Store, table: Table, now: int, cursor: str) -> str:
    after = "" if table.in_order else cursor
    expired = now - table.keep
    for _ in range(table.windows):
        seen = await store.one(_seen(table, after, expired))
        if seen is None or seen.last is None:
            return ""
        if seen.expired:
            await store.apply(Unit((_delete(table, after, seen.last, expired),)))
        elif table.in_order:
            return ""
        after = seen.last
    return after


def _seen(table: Table, after: str, expired: int) -> Query[_Seen]:
    sql = _SEEN.format(name=table.name, key=table.key)
    return Query(sql, {"after": after, "expired": expired, "window": WINDOW}, _decode)


def _decode(row: Row) -> _Seen:
    return _Seen(*row)


def _delete(table: Table, after: str, last: str, expired: int) -> Statement:
    sql = _DELETE.format(name=table.name, key=table.key)
    return Statement(sql, {"after": after, "last": last, "expired": expired})
