"""A Parquet file → a log, a bounded number of rows at a time. Streams are the caller's.

What a file says about itself is checked before a row is read: its columns and their types, how many rows and bytes it
holds. What is wrong in a row is told with the row's number and its column.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from newel.policy.document import Document
from newel.policy.message import suggest
from newel.policy.replay.build import Builder, Row, builder_for, stores
from newel.policy.replay.log import OUTCOMES, Log, LogRefused
from newel.policy.replay.parquet_shape import AGE, FACT, FACTS, FIXED, NEEDED, SYNTHETIC_KEY, TEXT, TEXTS, WHOLE, Shape

MAGIC = b"PAR1"
AT_ONCE = 8_192
"""Rows in memory beside the log."""
MOST_ROWS = 50_000_000
MOST_COLUMNS = 2_000
MOST_BYTES = 1_000_000_000
"""Of one row group, unpacked."""
MOST_AT_ONCE = 256_000_000
"""Bytes of the rows that are read at once."""
MOST_TEXT = 65_536
MOST_NAMES, MOST_PARTS = 16_000_000, 1_000_000
"""Bytes and members of anything in a file's footer."""
MOST_SAID = 500
ODD = (pa.ArrowException, ValueError, OSError, EOFError, TypeError, KeyError, NotImplementedError)
"""What pyarrow was seen to raise for files with flipped and missing bytes: its own errors, and Python's through them."""


def read_log(stream: IO[bytes], documents: Sequence[Document]) -> Log:
    """The log in a stream that can seek, with the facts and classes that these policies read. LogRefused."""
    try:
        return _read(stream, documents)
    except LogRefused:
        raise
    except ODD as odd:
        raise LogRefused(f"this is no Parquet file that can be read: {str(odd)[:MOST_SAID]}") from odd


def _read(stream: IO[bytes], documents: Sequence[Document]) -> Log:
    with parquet.ParquetFile(stream, **_options(_leaves(stream))) as file:
        columns = _Columns(file.schema_arrow, documents)
        _bounded(file.metadata)
        builder = builder_for(documents, _synthetic(file.schema_arrow.metadata or {}))
        begin = 0
        for batch in _batches(file, columns.wanted):
            if batch.nbytes > MOST_AT_ONCE:
                raise LogRefused(f"rows {begin + 1} to {begin + batch.num_rows} take {batch.nbytes:,} bytes, too many")
            _add(builder, columns.rows(batch, begin), begin)
            begin += batch.num_rows
        return builder.log()


def _batches(file: Any, wanted: Sequence[str]) -> Iterator[Any]:
    """Row group after row group: lists of distinct texts are not put together across two of them."""
    for group in range(file.metadata.num_row_groups):
        yield from file.iter_batches(AT_ONCE, row_groups=[group], columns=wanted, use_threads=False)


def _add(builder: Builder, rows: Iterator[Row], begin: int) -> None:
    for number, row in zip(count(begin + 1), rows, strict=False):
        try:
            builder.add(row)
        except LogRefused as odd:
            raise LogRefused(f"row {number}: {odd}") from odd


def _options(leaves: Sequence[str] = ()) -> dict[str, Any]:
    """A reader that takes a piece after another, and keeps of texts the distinct ones."""
    limits = {"thrift_string_size_limit": MOST_NAMES, "thrift_container_size_limit": MOST_PARTS}
    return {
        **limits,
        "read_dictionary": list(leaves),
        "pre_buffer": False,
        "buffer_size": 1 << 20,
        "page_checksum_verification": True,
    }


def _leaves(stream: IO[bytes]) -> list[str]:
    """Where the file keeps texts."""
    with parquet.ParquetFile(stream, **_options()) as file:
        described = file.metadata.schema
        if file.metadata.num_columns > MOST_COLUMNS:
            raise LogRefused(f"it has {file.metadata.num_columns:,} columns; a log has at most {MOST_COLUMNS:,}")
        every = (described.column(place) for place in range(file.metadata.num_columns))
        return [each.path for each in every if each.physical_type == "BYTE_ARRAY"]


def _synthetic(said: Mapping[bytes, bytes]) -> str:
    return said.get(SYNTHETIC_KEY, b"").decode(errors="replace")[:MOST_SAID]


def _bounded(described: Any) -> None:
    """LogRefused for more than a log may hold, by what the footer says.

    Row groups are not asked about their columns: on a damaged footer pyarrow's answer to that is to end the process.
    """
    if described.num_rows > MOST_ROWS:
        raise LogRefused(f"it has {described.num_rows:,} rows; a log has at most {MOST_ROWS:,}")
    for group in range(described.num_row_groups):
        size = described.row_group(group).total_byte_size
        if size > MOST_BYTES:
            raise LogRefused(
                f"row group {group + 1} has {size:,} bytes, at most {MOST_BYTES:,} are read; write smaller row groups"
            )


class _Columns:
    """The columns of a file that a log of these policies needs, once their names and types fit. LogRefused."""

    def __init__(self, schema: Any, documents: Sequence[Document]) -> None:
        names: list[str] = schema.names
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise LogRefused(f"column {twice!r} stands twice")
        lacking = next((name for name in NEEDED if name not in names), None)
        if lacking is not None:
            raise LogRefused(f"column {lacking!r} is not there; it is {NEEDED[lacking].words}")
        self._fixed = {name: FIXED[name] for name in names if name in FIXED}
        self._ages = [name for name in names if name.startswith(AGE)]
        self._facts = dict(_facts(schema, documents))
        for name in names:
            if name not in FIXED and not name.startswith((AGE, FACT)):
                raise LogRefused(f"column {name!r} is none of a log's; {suggest(name, tuple(FIXED))}")
        for name, shape in {**self._fixed, **dict.fromkeys(self._ages, WHOLE)}.items():
            _fits(name, schema.field(name).type, shape)
        self.wanted = [*self._fixed, *self._ages, *self._facts]

    def rows(self, batch: Any, begin: int) -> Iterator[Row]:
        """The rows of a batch, whose first one has the number `begin` + 1."""
        held = {name: _values(name, batch.column(name), shape, begin) for name, shape in self._fixed.items()}
        ages = {name.removeprefix(AGE): _ages(name, batch.column(name), begin) for name in self._ages}
        facts = [(path, _values(name, batch.column(name), shape, begin)) for name, (path, shape) in self._facts.items()]
        nothing = [None] * batch.num_rows
        get = {name: held.get(name, nothing) for name in FIXED}
        for place in range(batch.num_rows):
            outcome = get["outcome"][place]
            if outcome is not None and outcome not in OUTCOMES:
                raise LogRefused(f"row {begin + place + 1}: column 'outcome' is none of {', '.join(OUTCOMES)}")
            yield Row(
                at=get["at"][place],
                targets=get["targets"][place],
                person=get["person"][place],
                session=get["session"][place],
                facts={path: values[place] for path, values in facts if values[place] is not None},
                ages={name: values[place] for name, values in ages.items() if values[place] is not None},
                groups=get["groups"][place] or (),
                methods=get["methods"][place],
                outcome=outcome or "unknown",
                attack=get["attack"][place],
                act=get["act"][place],
            )


def _facts(schema: Any, documents: Sequence[Document]) -> Iterator[tuple[str, tuple[str, Shape]]]:
    """The columns of declared facts, with their paths. LogRefused for a type that fits no declaration of its fact."""
    declared: dict[str, list[tuple[str, Shape]]] = {}
    for path, store in dict.fromkeys(each for document in documents for each in stores(document)):
        declared.setdefault(path, []).append((store, FACTS[store]))
    for name in schema.names:
        path, _, typed = name.removeprefix(FACT).partition(":")
        if not name.startswith(FACT) or path not in declared:
            continue
        shapes = [shape for store, shape in declared[path] if typed in {"", store}]
        fitting = next((shape for shape in shapes if shape.fits(schema.field(name).type)), None)
        if fitting is not None:
            yield name, (path, fitting)
        elif shapes:
            _fits(name, schema.field(name).type, shapes[0])


def _fits(name: str, kind: Any, shape: Shape) -> None:
    if not shape.fits(kind):
        raise LogRefused(f"column {name!r} is {kind}; it is {shape.words} in a log")


def _values(name: str, column: Any, shape: Shape, begin: int) -> list[Any]:
    """The values of a column. LogRefused where one that is needed is not there, and for a text that is too long."""
    values = shape.values(column)
    if name in NEEDED and column.null_count:
        raise LogRefused(f"row {begin + values.index(None) + 1}: column {name!r} is null; every row has one")
    if shape is TEXT and (place := _first_long(values)) is not None:
        raise LogRefused(f"row {begin + place + 1}: column {name!r} has more than {MOST_TEXT:,} characters")
    if shape is TEXTS:
        for place, members in enumerate(values):
            if members and (None in members or _first_long(members) is not None):
                raise LogRefused(
                    f"row {begin + place + 1}: column {name!r} holds a null, or a text of more than {MOST_TEXT:,} characters"
                )
    return values


def _ages(name: str, column: Any, begin: int) -> list[Any]:
    values = WHOLE.values(column)
    odd = next((place for place, age in enumerate(values) if age is not None and age < 0), None)
    if odd is not None:
        raise LogRefused(
            f"row {begin + odd + 1}: column {name!r} is {values[odd]}; an age is a number of seconds from 0 on"
        )
    return values


def _first_long(texts: Sequence[str | None]) -> int | None:
    return next((place for place, text in enumerate(texts) if text is not None and len(text) > MOST_TEXT), None)
