"""A log, or rows as they come, → a Parquet file, a bounded number of rows at a time. Streams are the caller's."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from newel.policy.lang.network import address_text
from newel.policy.replay.build import Row, age_of, check
from newel.policy.replay.columns import Coded, Column, Plain, Store
from newel.policy.replay.encode import TYPED
from newel.policy.replay.log import NEVER, OUTCOMES, Log
from newel.policy.replay.parquet_shape import FACTS, HASH, TEXT, TEXTS, schema

AT_ONCE = 65_536
"""Rows of a row group."""


class RowWriter:
    """Takes rows in any order; `facts` are the columns to make, `classes` those whose ages are kept."""

    def __init__(self, stream: IO[bytes], facts: Sequence[tuple[str, Store]], classes: Sequence[str]) -> None:
        self._facts, self._classes = tuple(facts), tuple(classes)
        self._schema = schema(self._facts, self._classes)
        self._file = _file(stream, self._schema)
        self._rows: list[Row] = []
        self.written = 0

    def add(self, row: Row) -> None:
        """One more row. LogRefused as `check` says."""
        check(row)
        self._rows.append(row)
        if len(self._rows) >= AT_ONCE:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._file.close()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        columns = [
            [row.at for row in rows],
            [row.targets for row in rows],
            [row.person for row in rows],
            [row.session for row in rows],
            [sorted(row.groups) for row in rows],
            [row.methods for row in rows],
            [row.outcome for row in rows],
            [row.attack for row in rows],
            [row.act for row in rows],
            *([_age(row, name) for row in rows] for name in self._classes),
            *([_held(store, row.facts.get(path)) for row in rows] for path, store in self._facts),
        ]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self._file.write_batch(pa.record_batch(arrays, schema=self._schema))
        self.written += len(rows)


def _age(row: Row, name: str) -> int | None:
    age = age_of(row, name)
    return None if age == NEVER else age


def _held(store: Store, value: object) -> Any:
    typed = TYPED[store](value)
    if store == "set" and typed is not None:
        return sorted(typed)
    return address_text(typed) if store == "ip" and typed is not None else typed


def write_log(log: Log, stream: IO[bytes]) -> None:
    """Write a log to a stream."""
    shape = schema(tuple(log.facts), log.ages, log.synthetic)
    sessions = np.repeat(np.arange(len(log.starts) - 1, dtype=np.uint64), np.diff(log.starts))
    with _file(stream, shape) as file:
        for begin in range(0, len(log), AT_ONCE):
            rows = slice(begin, begin + AT_ONCE)
            arrays = [array.cast(field.type) for array, field in zip(_arrays(log, rows, sessions), shape, strict=True)]
            file.write_batch(pa.record_batch(arrays, schema=shape))


def _file(stream: IO[bytes], shape: Any) -> Any:
    return parquet.ParquetWriter(stream, shape, compression="zstd", write_page_checksum=True)


def _arrays(log: Log, rows: slice, sessions: Any) -> Iterator[Any]:
    """The columns of some rows, in the order of the schema."""
    count = len(log.time[rows])
    yield pa.array(log.time[rows])
    yield _taken([list(each) for each in log.targets], TEXTS.written, log.target[rows])
    yield pa.array(log.people[log.person[rows]], pa.uint64())
    yield pa.array(sessions[rows])
    yield _taken([sorted(each) for each in log.groups], TEXTS.written, log.group[rows])
    methods = [None if each is None else sorted(each) for each in log.methods]
    yield _taken(methods, TEXTS.written, log.holding[rows])
    yield _taken(list(OUTCOMES), TEXT.written, log.outcome[rows])
    yield pa.nulls(count, pa.bool_()) if log.attack is None else pa.array(log.attack[rows])
    yield pa.nulls(count, HASH.written)
    for ages in log.ages.values():
        yield pa.array(ages[rows], mask=ages[rows] <= NEVER)
    for (_, store), column in log.facts.items():
        yield _fact(store, column.take(rows))


def _taken(entries: list[Any], kind: Any, codes: Any) -> Any:
    return pa.array(entries, kind).take(pa.array(codes))


def _fact(store: Store, column: Column) -> Any:
    match column:
        case Coded(codes, entries):
            values = [sorted(each) if isinstance(each, frozenset) else each for each in entries]
            return _taken([*values, None], FACTS[store].written, codes)
        case Plain(values, absent):
            return pa.array(values, mask=absent)
        case _:
            numbers = (int(first) << 64 | int(second) for first, second in zip(column.high, column.low, strict=True))
            return pa.array(list(map(address_text, numbers)), pa.string(), mask=column.absent)
