"""Counters over sliding windows: reservations, the totals of what they count, and which values they counted.

A tally counts amounts, or different values: then the last occurrence of each value counts one, an earlier one nothing.
A reservation is one unit, refused where a reading no longer comes to what was decided on.

Sums saturate at the most that 63 bits hold. A bucket that did so stays there until its window has passed: what more it
was is not known, so that nothing given back makes it less.
"""

from collections.abc import Iterator

from newel.domain.value import replace
from newel.domain.velocity import MOST, SPANS, Count, Expectation, KeptReservation, Reading, bucket, moment, ranges
from newel.storage.base import Params, Query, Row, Statement, Value, first
from newel.storage.codec import decoder, encode

_LEVELS = ("seconds", "minutes", "hours", "days")
"""What the spans are called in parameters; they are about that long."""
_PART = "SELECT amount FROM totals WHERE id >= :{0}_from AND id < :{0}_to"
_PARTS = " UNION ALL ".join(map(_PART.format, _LEVELS))
_OWN = "SELECT :amount AS amount"
_OWN_VALUE = """SELECT CASE WHEN EXISTS (SELECT 1 FROM counted_values WHERE id >= :value_since AND id < :value_end)
    THEN 0 ELSE :amount END AS amount"""
_HALVES = "SELECT SUM(amount >> 32) AS high, SUM(amount & 4294967295) AS low"
"""Sums that no number of amounts overflows: of their upper bits, and of their lower 32."""
_SUM = f"CASE WHEN high + (low >> 32) > 2147483647 THEN {MOST} ELSE (high << 32) + low END"
_TOTAL, _TOTAL_VALUES = (
    f"(SELECT {_SUM} FROM ({_HALVES} FROM ({own} UNION ALL {_PARTS}) AS parts) AS halves)"  # ruff: ignore[hardcoded-sql-expression] - of texts above
    for own in (_OWN, _OWN_VALUE)
)
_KEPT = "UPDATE reservations SET expires_at = expires_at WHERE id = :id AND"
_AS_EXPECTED = "BETWEEN :least AND :most RETURNING id"
_READ, _READ_VALUES = (f"SELECT {total}" for total in (_TOTAL, _TOTAL_VALUES))
_UNMOVED, _UNMOVED_VALUES = (f"{_KEPT} {total} {_AS_EXPECTED}" for total in (_TOTAL, _TOTAL_VALUES))

_INTO = "INSERT INTO totals (id, amount, expires_at)"
_BESIDE = f"""ON CONFLICT (id) DO UPDATE SET amount = CASE WHEN totals.amount > {MOST} - excluded.amount THEN {MOST}
        ELSE totals.amount + excluded.amount END,
    expires_at = CASE WHEN excluded.expires_at > totals.expires_at THEN excluded.expires_at ELSE totals.expires_at END"""
_MORE = f"UPDATE totals SET amount = CASE WHEN amount = {MOST} THEN amount ELSE amount + :amount END WHERE id ="  # ruff: ignore[hardcoded-sql-expression] - a number
_BUCKET_BEFORE = """:level || CAST(:origin + (SELECT at FROM counted_values WHERE id >= :value AND id < :value_at
    ORDER BY id DESC LIMIT 1) / :span * :span AS TEXT)"""
_NOT_LATER = "NOT EXISTS (SELECT 1 FROM counted_values WHERE id > :value_at AND id < :value_end)"
_NOT_THEN = "NOT EXISTS (SELECT 1 FROM counted_values WHERE id = :value_at)"
_ONCE_THEN = "EXISTS (SELECT 1 FROM counted_values WHERE id = :value_at AND times = 1)"
_ADD = f"{_INTO} SELECT :bucket, :amount, :expires_at WHERE TRUE {_BESIDE}"
_TAKE = f"{_MORE} :bucket"
_LAST = f"CASE WHEN {_NOT_THEN} AND {_NOT_LATER} THEN :amount ELSE 0 END"
_VALUE_HERE = f"{_INTO} SELECT :bucket, {_LAST}, :expires_at WHERE TRUE {_BESIDE}"
_VALUE_FROM = f"{_MORE} {_BUCKET_BEFORE} AND {_NOT_THEN} AND {_NOT_LATER}"
_VALUE_GONE = f"{_MORE} :bucket AND {_ONCE_THEN} AND {_NOT_LATER}"
_VALUE_BACK = f"{_MORE} {_BUCKET_BEFORE} AND {_ONCE_THEN} AND {_NOT_LATER}"
_OCCURRED = """INSERT INTO counted_values (id, at, times, expires_at) VALUES (:value_at, :at, 1, :expires_at)
    ON CONFLICT (id) DO UPDATE SET times = counted_values.times + 1,
    expires_at = CASE WHEN excluded.expires_at > counted_values.expires_at THEN excluded.expires_at
        ELSE counted_values.expires_at END"""

_reservation = decoder(KeptReservation)


def _decode(row: Row) -> KeptReservation:
    return replace(_reservation(row[0]), released_at=row[1])


def reading(asked: Reading) -> Query[int]:
    """What a reading comes to now, the request itself included."""
    return Query(_READ if asked.value is None else _READ_VALUES, _window(asked), first)


def reservation(reservation_id: str) -> Query[KeptReservation]:
    """One reservation, released and expired ones too."""
    sql = "SELECT body, released_at FROM reservations WHERE id = :id"
    return Query(sql, {"id": reservation_id}, _decode)


def reserve(kept: KeptReservation, expected: tuple[Expectation, ...]) -> tuple[Statement, ...]:
    """Keep a reservation and count it. Guards: its id is new, and each reading still comes to what was expected."""
    sql = """INSERT INTO reservations (id, expires_at, body) VALUES (:id, :expires_at, :body)
        ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {"id": kept.id, "expires_at": kept.expires_at, "body": encode(kept)}
    unmoved = (_unmoved(kept.id, each) for each in expected)
    counted = (made for count in kept.counts for made in _count(count, kept.at))
    return (Statement(sql, params, guard=True), *unmoved, *counted)


def release(kept: KeptReservation, now: int) -> tuple[Statement, ...]:
    """Give back what a reservation counts. Guard: it was not given back before."""
    sql = "UPDATE reservations SET released_at = :now WHERE id = :id AND released_at IS NULL RETURNING id"
    given_back = (made for count in kept.counts for made in _uncount(count, kept.at))
    return (Statement(sql, {"id": kept.id, "now": now}, guard=True), *given_back)


def _unmoved(reservation_id: str, expected: Expectation) -> Statement:
    limits: Params = {"id": reservation_id, "least": expected.least, "most": expected.most}
    sql = _UNMOVED if expected.reading.value is None else _UNMOVED_VALUES
    return Statement(sql, {**_window(expected.reading), **limits}, guard=True)


def _window(asked: Reading) -> dict[str, Value]:
    since, tally = asked.since, asked.tally
    seconds, minutes, hours, days = ranges(since)
    params: dict[str, Value] = {
        "seconds_from": tally + seconds[0],
        "seconds_to": tally + seconds[1],
        "minutes_from": tally + minutes[0],
        "minutes_to": tally + minutes[1],
        "hours_from": tally + hours[0],
        "hours_to": tally + hours[1],
        "days_from": tally + days[0],
        "days_to": tally + days[1],
        "amount": asked.amount,
    }
    if asked.value is not None:
        value = tally + asked.value
        params |= {"value_since": value + moment(since), "value_end": value + ":"}
    return params


def _count(count: Count, at: int) -> Iterator[Statement]:
    """Add to a tally. Where values are counted: what counts for this value moves from its last occurrence to this one."""
    for level, span in enumerate(SPANS):
        ends = at - at % span + span  # all of a bucket is kept as long as its last second counts
        into: Params = {"bucket": bucket(count.tally, level, at), "expires_at": ends + count.over}
        if count.value is None:
            yield Statement(_ADD, {**into, "amount": count.amount})
        else:
            yield Statement(_VALUE_FROM, {**_before(count, level, at), "amount": -1})
            yield Statement(_VALUE_HERE, {**into, **_here(count, at), "amount": 1})
    if count.value is not None:
        occurred: Params = {"value_at": _here(count, at)["value_at"], "at": at, "expires_at": at + count.over}
        yield Statement(_OCCURRED, occurred)


def _uncount(count: Count, at: int) -> Iterator[Statement]:
    """The reverse: where this was the last occurrence of a value, what counts for it moves back to the one before."""
    for level in range(len(SPANS)):
        into: Params = {"bucket": bucket(count.tally, level, at)}
        if count.value is None:
            yield Statement(_TAKE, {**into, "amount": -count.amount})
        else:
            yield Statement(_VALUE_GONE, {**into, **_here(count, at), "amount": -1})
            yield Statement(_VALUE_BACK, {**_before(count, level, at), "amount": 1})
    if count.value is not None:
        this: Params = {"value_at": _here(count, at)["value_at"]}
        yield Statement("UPDATE counted_values SET times = times - 1 WHERE id = :value_at", this)
        yield Statement("DELETE FROM counted_values WHERE id = :value_at AND times = 0", this)


def _here(count: Count, at: int) -> dict[str, Value]:
    value = f"{count.tally}{count.value}"
    return {"value_at": value + moment(at), "value_end": value + ":"}


def _before(count: Count, level: int, at: int) -> dict[str, Value]:
    """Parameters of the bucket that the occurrence before this one falls into."""
    place: dict[str, Value] = {"level": f"{count.tally}{level}", "span": SPANS[level], "origin": int(moment(0))}
    return {**_here(count, at), **place, "value": f"{count.tally}{count.value}"}
