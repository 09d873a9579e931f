"""A log as a Parquet file: which columns there are, of which types, and how a column's values are read.

`at`, `targets`, `person` and `session` are in every row. `age.CLASS` and `fact.PATH` hold what stood before anybody was
asked; where a row has none, nothing was recorded. A path that two resources type differently stands once for each type,
as `fact.PATH:TYPE`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import types

from newel.domain.value import dataclass
from newel.policy.replay.columns import Store

AGE, FACT = "age.", "fact."
FORMAT_KEY, SYNTHETIC_KEY = b"newel.log", b"newel.synthetic"
FORMAT = b"1"
PARTS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a column may be: in words, as a test of its type, as the values of an array, and the type that is written."""

    words: str
    fits: Callable[[Any], bool]
    values: Callable[[Any], list[Any]]
    written: Any


def is_text(kind: Any) -> bool:
    """Texts, as they are or by their distinct ones."""
    plain = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(plain) or types.is_large_string(plain))


def _is_texts(kind: Any) -> bool:
    return (types.is_list(kind) or types.is_large_list(kind)) and is_text(kind.value_type)


def _is_time(kind: Any) -> bool:
    return bool(types.is_integer(kind) or types.is_timestamp(kind))


def _is_span(kind: Any) -> bool:
    return _is_time(kind) or bool(types.is_duration(kind))


def _plain(column: Any) -> list[Any]:
    found: list[Any] = column.to_pylist()
    return found


def _seconds(column: Any) -> list[Any]:
    """Whole numbers, times and spans as whole seconds."""
    if types.is_integer(column.type):
        return _plain(column)
    parts = PARTS[column.type.unit]
    return [None if each is None else each // parts for each in column.cast(pa.int64()).to_pylist()]


def _texts(column: Any) -> list[Any]:
    """A text that stands in many rows is one object."""
    coded = column.dictionary_encode()
    entries = coded.dictionary.to_pylist()
    return [None if code is None else entries[code] for code in coded.indices.to_pylist()]


def _lists(column: Any) -> list[Any]:
    members, bounds = _texts(column.values), column.offsets.to_pylist()
    return [
        None if missing else tuple(members[begin:end])
        for missing, begin, end in zip(column.is_null().to_pylist(), bounds[:-1], bounds[1:], strict=True)
    ]


TEXT = Shape("string", is_text, _texts, pa.string())
TEXTS = Shape("list<string>", _is_texts, _lists, pa.list_(pa.string()))
HASH = Shape("uint64", types.is_integer, _plain, pa.uint64())
WHOLE = Shape("int64", types.is_integer, _plain, pa.int64())
TIME = Shape("int64 (Unix seconds) or timestamp", _is_time, _seconds, pa.int64())
SPAN = Shape("int64, timestamp or duration", _is_span, _seconds, pa.int64())
TRUTH = Shape("bool", types.is_boolean, _plain, pa.bool_())

NEEDED: Mapping[str, Shape] = {"at": TIME, "targets": TEXTS, "person": HASH, "session": HASH}
FURTHER: Mapping[str, Shape] = {"groups": TEXTS, "methods": TEXTS, "outcome": TEXT, "attack": TRUTH, "act": HASH}
FIXED: Mapping[str, Shape] = {**NEEDED, **FURTHER}
FACTS: Mapping[Store, Shape] = {"text": TEXT, "set": TEXTS, "int": SPAN, "bool": TRUTH, "ip": TEXT}


def fact_names(keys: Iterable[tuple[str, Store]]) -> dict[tuple[str, Store], str]:
    """The column of each fact; the type is named where a path has several."""
    listed = list(keys)
    paths = [path for path, _ in listed]
    return {key: f"{FACT}{key[0]}:{key[1]}" if paths.count(key[0]) > 1 else f"{FACT}{key[0]}" for key in listed}


def schema(facts: Sequence[tuple[str, Store]], classes: Iterable[str], synthetic: str = "") -> Any:
    """The Arrow schema of a log with these facts and classes (pyarrow.Schema)."""
    columns = {
        **{name: shape.written for name, shape in FIXED.items()},
        **{f"{AGE}{name}": pa.int64() for name in classes},
        **{name: FACTS[store].written for (_, store), name in fact_names(facts).items()},
    }
    fields = [pa.field(name, kind, nullable=name not in NEEDED) for name, kind in columns.items()]
    return pa.schema(fields, {FORMAT_KEY: FORMAT, SYNTHETIC_KEY: synthetic.encode()})
