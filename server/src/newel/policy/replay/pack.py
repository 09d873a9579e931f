"""A log as an .npz file and back: arrays without pickles, distinct texts as JSON. Streams are the caller's.

What a file says is checked before it is used: every code has a value, every column a value for each row.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np

from newel.policy.facts import END_OF_TIME
from newel.policy.replay.bound import Columns
from newel.policy.replay.columns import STORES, Addresses, Array, Coded, Column, Plain, Store
from newel.policy.replay.log import OUTCOMES, Log, LogRefused

FORMAT = 1
ROWS = ("time", "target", "person", "group", "holding", "outcome")
PARTS: Mapping[str, tuple[str, ...]] = {"ip": ("high", "low"), "int": ("values",), "bool": ("values",)}
CODES = ("codes",)
NAMED: Mapping[str, Store] = {store: store for store in STORES.values()}
BEGINS = b"PK\x03\x04"
MEMBERS = {"format", "synthetic", "targets", "groups", "methods", "ages", "facts"}


class _Odd(ValueError):
    """What does not fit, in words."""


def dump(log: Log, stream: IO[bytes]) -> None:
    """Write a log to a stream."""
    arrays: dict[str, Any] = dict(_arrays(log))
    np.savez(stream, **arrays)


def load(stream: IO[bytes]) -> Log:
    """The log in a stream that can seek. LogRefused where it is none."""
    begins = stream.read(len(BEGINS))
    stream.seek(0)
    if begins != BEGINS:
        raise LogRefused("this is no log: it begins neither as .npz nor as .parquet does")
    try:
        with np.load(stream, allow_pickle=False) as unverified:
            return _checked(_read(unverified))
    except _Odd as odd:
        raise LogRefused(f"this is no log: {odd}") from odd
    except (ValueError, KeyError, TypeError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as odd:
        raise LogRefused("this is no log: its arrays cannot be read") from odd


def _arrays(log: Log) -> Iterator[tuple[str, Array]]:
    described = {
        "format": FORMAT,
        "synthetic": log.synthetic,
        "targets": log.targets,
        "groups": [sorted(each) for each in log.groups],
        "methods": [None if each is None else sorted(each) for each in log.methods],
        "ages": list(log.ages),
        "facts": [[path, store, _entries(column)] for (path, store), column in log.facts.items()],
    }
    yield "about", np.frombuffer(json.dumps(described).encode(), np.uint8)
    yield from ((name, getattr(log, name)) for name in ("people", "starts", *ROWS))
    if log.attack is not None:
        yield "attack", log.attack
    yield from ((f"age/{place}", ages) for place, ages in enumerate(log.ages.values()))
    for place, column in enumerate(log.facts.values()):
        for name in column.__slots__:
            held = getattr(column, name)
            if isinstance(held, np.ndarray):
                yield f"fact/{place}/{name}", held


def _entries(column: Column) -> list[Any]:
    if not isinstance(column, Coded):
        return []
    return [sorted(each) if isinstance(each, frozenset) else each for each in column.entries]


def _read(unverified: Mapping[str, Array]) -> Log:
    about = json.loads(unverified["about"].tobytes())
    if not isinstance(about, dict) or set(about) != MEMBERS or about["format"] != FORMAT:
        raise _Odd("unknown format")
    return Log(
        synthetic=str(about["synthetic"]),
        targets=tuple(tuple(map(str, each)) for each in about["targets"]),
        groups=tuple(frozenset(map(str, each)) for each in about["groups"]),
        methods=tuple(None if each is None else frozenset(map(str, each)) for each in about["methods"]),
        people=unverified["people"],
        starts=unverified["starts"],
        **{name: unverified[name] for name in ROWS},
        ages={str(name): unverified[f"age/{place}"] for place, name in enumerate(about["ages"])},
        facts=_facts(about["facts"], unverified),
        attack=unverified.get("attack"),
    )


def _facts(described: Any, unverified: Mapping[str, Array]) -> Columns:
    found: dict[tuple[str, Store], Column] = {}
    for place, (path, named, entries) in enumerate(described):
        store = NAMED[named]
        prefix = f"fact/{place}/"
        parts = [unverified[prefix + name] for name in PARTS.get(store, CODES)]
        absent = unverified.get(prefix + "absent")
        if store in PARTS:
            found[str(path), store] = (
                Addresses(parts[0], parts[1], absent) if store == "ip" else Plain(parts[0], absent)
            )
        else:
            texts = tuple(frozenset(map(str, each)) if store == "set" else str(each) for each in entries)
            found[str(path), store] = Coded(parts[0], texts)
    return found


def _checked(log: Log) -> Log:
    """The log, once every column fits. _Odd where one does not."""
    count = len(log)
    for codes, most in (
        (log.target, len(log.targets)),
        (log.person, len(log.people)),
        (log.group, len(log.groups)),
        (log.holding, len(log.methods)),
        (log.outcome, len(OUTCOMES)),
    ):
        _fits(codes, count, "u", most)
    _fits(log.time, count, "i")
    if count and not 0 <= int(log.time.min()) <= int(log.time.max()) < END_OF_TIME:
        raise _Odd("a time lies between 1970 and 3000")
    for ages in log.ages.values():
        _fits(ages, count, "i")
        if ages.dtype != np.int32:
            raise _Odd("ages are of 32 bits")
    if log.attack is not None:
        _fits(log.attack, count, "b")
    for (_, store), column in log.facts.items():
        _column_fits(store, column, count)
    starts = log.starts
    _fits(starts, len(starts), "i")
    if not len(starts) or starts[0] != 0 or starts[-1] != count or (np.diff(starts) <= 0).any():
        raise _Odd("sessions do not fit the rows")
    return log


def _column_fits(store: Store, column: Column, count: int) -> None:
    match column:
        case Coded(codes, entries):
            _fits(codes, count, "u", len(entries) + 1)
            if len(set(entries)) < len(entries):
                raise _Odd("a value has two codes")
            return
        case Addresses(high, low, absent):
            _fits(high, count, "u")
            _fits(low, count, "u")
        case _:
            values, absent = column.values, column.absent
            _fits(values, count, "b" if store == "bool" else "i")
    if absent is not None:
        _fits(absent, count, "b")


def _fits(values: Array, count: int, kind: str, most: int | None = None) -> None:
    if values.ndim != 1 or len(values) != count or values.dtype.kind != kind:
        raise _Odd("a column does not fit the rows")
    if most is not None and count and int(values.max()) >= most:
        raise _Odd("a code has no value")
