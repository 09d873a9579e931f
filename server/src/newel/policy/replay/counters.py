"""Counters from a log: sums, counts and distinct values over a sliding window, where the log does not hold them.

A counter that was recorded stands as it was when the request was decided. One that is new, or defined otherwise, is
counted from the requests of the log: every request counts once, and none that came before the log began.
"""

from collections import Counter as Multiset
from collections import deque
from collections.abc import Mapping

import numpy as np

from newel.policy.document import Counter, Document
from newel.policy.facts import Fact
from newel.policy.replay.bound import Columns
from newel.policy.replay.columns import STORES, Array, Bools, Coded, Column, Plain
from newel.policy.replay.log import Log

PERSON = "subject.id"
"""The fact that is a person: where the log does not hold it, its keyed hash stands for it."""


def columns_of(log: Log, documents: tuple[Document, ...]) -> tuple[Columns, ...]:
    """For each policy the columns that it reads; the log was recorded under the first one.

    Policies that read the same columns get the same mapping.
    """
    made: dict[Counter, Column] = {}
    found: dict[tuple[Counter, ...], Columns] = {(): log.facts}
    wanted = [to_count(log, document, documents[0]) for document in documents]
    for document, counters in zip(documents, wanted, strict=True):
        made.update((each, _count(log, each, document)) for each in counters if each not in made)
        found.setdefault(counters, {**log.facts, **{(each.name, "int"): made[each] for each in counters}})
    return tuple(found[counters] for counters in wanted)


def to_count(log: Log, document: Document, recorded: Document) -> tuple[Counter, ...]:
    """The counters of a policy that are counted from the log."""
    return tuple(
        counter
        for name, counter in document.counters.items()
        if (name, "int") not in log.facts or recorded.counters.get(name) != counter
    )


def _count(log: Log, counter: Counter, document: Document) -> Column:
    """The counter's value in each row of its resource; missing where its key or its fact is."""
    places, counting = _where(log, counter)
    facts = document.facts_at(counter.targets[0])
    key, no_key = _keys(log, facts, counter.by, places)
    value, no_value = _values(log, facts, counter, places)
    missing = no_key | (no_value & counting)
    order = np.lexsort((places, log.time[places], key))
    kept = order[~missing[order]]
    count = _distinct if counter.kind == "distinct" else _summed
    values, absent = np.zeros(len(log), np.int64), np.ones(len(log), np.bool_)
    told = count(key[kept], log.time[places[kept]], value[kept], counting[kept], counter.over)
    values[places[kept]] = np.minimum(told, counter.high)
    absent[places[kept]] = False
    return Plain(values, absent if absent.any() else None)


def _where(log: Log, counter: Counter) -> tuple[Array, Bools]:
    """The rows in which the counter can be read, and which of them it counts."""
    resource = counter.targets[0].partition(":")[0]
    reads = np.array([any(each.partition(":")[0] == resource for each in kind) for kind in log.targets], np.bool_)
    counts = np.array([not set(counter.targets).isdisjoint(kind) for kind in log.targets], np.bool_)
    places = np.flatnonzero(reads[log.target])
    return places, counts[log.target[places]]


def _summed(key: Array, time: Array, value: Array, counting: Bools, over: int) -> Array:
    """Sums over what is counted within the window up to each row; rows stand by key and then by time."""
    if not len(key):
        return value
    sums = np.concatenate([[0], np.cumsum(np.where(counting, value, 0))])
    span = int(time.max() - time.min()) + over + 1
    line = np.unique(key, return_inverse=True)[1] * span + (time - time.min())
    first = np.searchsorted(line, line - over, side="right")
    found: Array = sums[1:] - sums[first]
    return found


def _distinct(key: Array, time: Array, value: Array, counting: Bools, over: int) -> Array:
    """How many different values are counted within the window up to each row."""
    found = np.zeros(len(key), np.int64)
    window: deque[tuple[int, int]] = deque()
    held: Multiset[int] = Multiset()
    last = None
    rows = zip(key.tolist(), time.tolist(), value.tolist(), counting.tolist(), strict=True)
    for place, (of, at, what, counts) in enumerate(rows):
        if of != last:
            window.clear()
            held.clear()
            last = of
        while window and window[0][0] <= at - over:
            gone = window.popleft()[1]
            held[gone] -= 1
            if not held[gone]:
                del held[gone]
        if counts:
            window.append((at, what))
            held[what] += 1
        found[place] = len(held)
    return found


def _keys(log: Log, facts: Mapping[str, Fact], path: str, places: Array) -> tuple[Array, Bools]:
    """A number for each row's key, and where there is none."""
    if path == PERSON and (path, "text") not in log.facts:
        return log.person[places].astype(np.int64), np.zeros(len(places), np.bool_)
    return _numbers(log, facts, path, places)


def _values(log: Log, facts: Mapping[str, Fact], counter: Counter, places: Array) -> tuple[Array, Bools]:
    if counter.kind == "count":
        return np.ones(len(places), np.int64), np.zeros(len(places), np.bool_)
    return _numbers(log, facts, counter.fact, places)


def _numbers(log: Log, facts: Mapping[str, Fact], path: str, places: Array) -> tuple[Array, Bools]:
    """A fact's values, or codes that are alike where values are, and where it is missing."""
    held = log.facts.get((path, STORES[facts[path].kind]))
    if held is None:
        return np.zeros(len(places), np.int64), np.ones(len(places), np.bool_)
    rows = held.take(places)
    missing = rows.missing()
    gone = np.zeros(len(places), np.bool_) if missing is None else missing
    match rows:
        case Coded(codes):
            return codes.astype(np.int64), gone
        case Plain(values):
            return values.astype(np.int64), gone
        case _:
            pair = np.stack([rows.high, rows.low], axis=1)
            return np.unique(pair, axis=0, return_inverse=True)[1].ravel().astype(np.int64), gone
