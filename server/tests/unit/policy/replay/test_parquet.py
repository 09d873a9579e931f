"""A log as a Parquet file: what is written is read, and what does not fit is refused where it stands."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from pyarrow import parquet
from server.tests.unit.policy.replay.documents import asked, document, rule
from server.tests.unit.policy.replay.test_pack import POLICY, ROWS, told

from newel.domain.requirement import NOTHING
from newel.domain.value import replace
from newel.policy.facts import Fact
from newel.policy.replay import parquet_read, parquet_write
from newel.policy.replay.build import Row, builder_for, stores
from newel.policy.replay.columns import Addresses, Coded, Column
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.parquet_read import read_log
from newel.policy.replay.parquet_write import RowWriter, write_log


def plain(log: Log) -> list[Any]:
    """Every row of a log by what it means, session by session; sessions by their order."""
    facts = {key: meant(column) for key, column in log.facts.items()}
    return [
        (
            log.synthetic,
            log.starts.tolist(),
            int(log.time[row]),
            log.targets[log.target[row]],
            int(log.people[log.person[row]]),
            log.groups[log.group[row]],
            log.methods[log.holding[row]],
            int(log.outcome[row]),
            {name: int(ages[row]) for name, ages in log.ages.items()},
            {key: values[row] for key, values in facts.items()},
            None if log.attack is None else bool(log.attack[row]),
        )
        for row in range(len(log))
    ]


def meant(column: Column) -> list[Any]:
    missing = column.missing()
    match column:
        case Coded(codes, entries):
            return [(*entries, None)[code] for code in codes]
        case Addresses(high, low):
            values = [int(first) << 64 | int(second) for first, second in zip(high, low, strict=True)]
        case _:
            values = column.values.tolist()
    return [None if missing is not None and missing[row] else value for row, value in enumerate(values)]


def of_rows(rows: list[Row]) -> bytes:
    """A file of rows as they come."""
    stream = BytesIO()
    with RowWriter(stream, stores(POLICY), ("aal1", "aal2", "recovery", "phr", "aal3")) as writer:
        for row in rows:
            writer.add(row)
    return stream.getvalue()


def of_log(log: Log) -> bytes:
    stream = BytesIO()
    write_log(log, stream)
    return stream.getvalue()


def built(rows: list[Row]) -> Log:
    builder = builder_for([POLICY])
    for row in rows:
        builder.add(row)
    return builder.log()


def read(file: bytes) -> Log:
    return read_log(BytesIO(file), [POLICY])


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_rows_come_back_as_if_they_had_never_been_a_file(rows: list[Row]) -> None:
    assert told(read(of_rows(rows))) == told(built(rows))


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_a_log_comes_back_row_by_row(rows: list[Row]) -> None:
    log = replace(built(rows), synthetic="made up of \N{SNOWMAN}")
    assert plain(read(of_log(log))) == plain(log)


def test_a_fact_of_every_type_comes_back() -> None:
    rows = [
        asked(0, facts=EXAMPLE),
        asked(1, facts={}, session=2),
        asked(2, facts={"client.ip": "2001:db8::1"}, session=3),
    ]
    log = built(rows)
    assert plain(read(of_log(log))) == plain(log)


def test_rows_of_one_act_are_one_request_after_the_file_too() -> None:
    rows = [asked(1000, act=7), asked(1010, act=7), asked(1020, act=8)]
    assert len(read(of_rows(rows))) == len(built(rows)) == 2


def test_a_file_of_many_batches_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [asked(n, session=n % 7, facts={"ctx.amount": n, "subject.groups": ["a"] * (n % 2)}) for n in range(100)]
    monkeypatch.setattr(parquet_read, "AT_ONCE", 9)
    assert told(read(of_rows(rows))) == told(built(rows))


def test_rows_are_written_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [asked(number, session=number) for number in range(7)]
    monkeypatch.setattr(parquet_write, "AT_ONCE", 3)
    file = of_rows(rows)
    assert parquet.ParquetFile(BytesIO(file)).metadata.num_row_groups == 3
    assert told(read(file)) == told(built(rows))


def test_what_breaks_off_writes_no_rows_more() -> None:
    writer = RowWriter(BytesIO(), stores(POLICY), ("aal1",))

    def broken() -> None:
        with writer:
            writer.add(asked(0))
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert writer.written == 0


EXAMPLE = {
    "ctx.amount": 5,
    "ctx.known": True,
    "client.ip": "10.0.0.1",
    "subject.id": "a",
    "subject.groups": ["b"],
}


def table() -> Any:
    rows = [asked(number, facts=EXAMPLE, attack=False, session=number) for number in range(3)]
    return parquet.read_table(BytesIO(of_rows(rows)))


def written(table: Any, **options: Any) -> bytes:
    stream = BytesIO()
    parquet.write_table(table, stream, **options)
    return stream.getvalue()


def column(name: str, values: Any, kind: Any = None) -> Any:
    """The example with another column of this name."""
    made = table()
    array = pa.array(values, kind)
    place = made.schema.get_field_index(name)
    return made.append_column(name, array) if place < 0 else made.set_column(place, name, array)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("at", [0, 1, 2], pa.timestamp("s")),
        ("at", [0, 1_000_000, 2_000_000], pa.timestamp("us", "Europe/Berlin")),
        ("at", [0, 1, 2], pa.int32()),
        ("person", [1, 1, 1], pa.int64()),
        ("outcome", ["unknown", None, "unknown"], pa.dictionary(pa.int8(), pa.string())),
        ("targets", [["bank:send"]] * 3, pa.large_list(pa.large_string())),
        ("fact.ctx.amount", [5, 5, 5], pa.int8()),
        ("fact.ctx.amount", [5_999, 5_000, 5_000], pa.duration("ms")),
        ("fact.ctx.amount:int", [5, 5, 5], pa.int64()),
        ("fact.subject.id", ["a", "a", "a"], pa.large_string()),
        ("fact.other.fact", [1.5, 2.5, 3.5], pa.float64()),
        ("fact.ctx.amount:text", ["a", "b", "c"], pa.string()),
        ("age.never", [1, 2, 3], pa.int64()),
    ],
)
def test_what_other_tools_write_is_read_alike(name: str, values: list[Any], kind: Any) -> None:
    assert told(read(written(column(name, values, kind)))) == told(read(written(table())))


def test_what_need_not_be_there_is_not_needed() -> None:
    log = read(written(table().select(["at", "targets", "person", "session"])))
    assert (len(log), log.facts, log.attack, log.methods, log.groups) == (3, {}, None, (None,), (frozenset(),))
    assert all((ages < 0).all() for ages in log.ages.values())


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: table().drop_columns("at"), "column 'at' is not there; it is int64 (Unix seconds) or timestamp"),
        (lambda: column("when", [1, 2, 3]), "column 'when' is none of a log's; "),
        (lambda: column("persn", [1, 2, 3]), "did you mean 'person'?"),
        (lambda: table().append_column("at", pa.array([1, 2, 3])), "column 'at' stands twice"),
        (lambda: column("at", [1.0, 2.0, 3.0]), "column 'at' is double; it is int64 (Unix seconds) or timestamp"),
        (lambda: column("targets", ["a", "b", "c"]), "it is list<string> in a log"),
        (lambda: column("targets", [[1], [2], [3]]), "it is list<string> in a log"),
        (lambda: column("person", ["a", "b", "c"]), "it is uint64 in a log"),
        (lambda: column("attack", [0, 1, 0]), "column 'attack' is int64; it is bool in a log"),
        (lambda: column("age.aal1", [0.5, 1.5, None]), "column 'age.aal1' is double; it is int64 in a log"),
        (lambda: column("fact.ctx.amount", ["a", "b", "c"]), "it is int64, timestamp or duration in a log"),
        (lambda: column("fact.ctx.known", [1, 0, 1]), "column 'fact.ctx.known' is int64; it is bool in a log"),
        (lambda: column("fact.subject.groups", ["a", "b", "c"]), "it is list<string> in a log"),
        (lambda: column("fact.client.ip", [1, 2, 3]), "it is string in a log"),
        (lambda: column("at", [1, None, 3]), "row 2: column 'at' is null; every row has one"),
        (lambda: column("targets", [["a"], ["b"], None]), "row 3: column 'targets' is null; every row has one"),
        (lambda: column("targets", [["a"], ["b", None], ["c"]]), "row 2: column 'targets' holds a null"),
        (lambda: column("fact.subject.groups", [["a"], [None], ["c"]]), "row 2: column 'fact.subject.groups' holds a null"),
        (lambda: column("fact.subject.id", ["a", "b" * 65_537, "c"]), "row 2: column 'fact.subject.id' has more than"),
        (lambda: column("groups", [["a" * 65_537], [], []]), "row 1: column 'groups' holds"),
        (lambda: column("outcome", ["met", "odd", "met"]), "row 2: column 'outcome' is none of met, asked, refused, unknown"),
        (lambda: column("age.aal1", [1, 2, -3]), "row 3: column 'age.aal1' is -3; an age is a number of seconds"),
        (lambda: column("person", [1, 2, -3]), "row 3: hashes of people and sessions have 64 bits"),
        (lambda: column("at", [1, -2, 3]), "row 2: a time lies between 1970 and 3000"),
        (lambda: column("at", [1, 2**62, 3]), "row 2: a time lies between 1970 and 3000"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_where_it_stands(made: Callable[[], Any], words: str) -> None:
    with pytest.raises(LogRefused) as refused:
        read(written(made()))
    assert words in str(refused.value)


def test_a_row_beyond_the_first_batch_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_read, "AT_ONCE", 2)
    with pytest.raises(LogRefused, match=r"^row 3: column 'at' is null"):
        read(written(column("at", [1, 2, None])))


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MOST_ROWS", 2, "it has 3 rows; a log has at most 2"),
        ("MOST_COLUMNS", 3, "columns; a log has at most 3"),
        ("MOST_BYTES", 10, "bytes, at most 10 are read; write smaller row groups"),
        ("MOST_AT_ONCE", 10, "rows 1 to 3 take "),
    ],
)
def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str) -> None:
    monkeypatch.setattr(parquet_read, limit, value)
    with pytest.raises(LogRefused) as refused:
        read(written(table()))
    assert words in str(refused.value)


def test_what_is_no_parquet_file_is_refused() -> None:
    whole = written(table())
    odd = [
        b"",
        b"PAR1",
        b"PAR1" * 5,
        b"text" * 99,
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:-8] + b"\xff\xff\xff\x7fPAR1",
    ]
    for file in odd:
        with pytest.raises(LogRefused, match=r"^this is no Parquet file that can be read: "):
            read(file)


def test_a_file_with_any_byte_changed_is_read_or_refused_and_never_more() -> None:
    """Pages carry checksums; what their headers or the footer say may still be read as something else."""
    whole = of_rows([asked(number, facts=EXAMPLE) for number in range(3)])
    for place in range(0, len(whole), 17):
        try:
            read(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        except LogRefused:
            continue


def test_a_path_that_two_resources_type_differently_stands_twice() -> None:
    typed = document(rule("r", "bank:send", NOTHING), facts={"ctx.what": "int"})
    resource = typed.resources["bank"]
    both = replace(
        typed,
        resources={"bank": replace(resource, facts={"ctx.what": Fact(name="ctx.what", kind="string")})},
    )
    builder = builder_for([both])
    for row in (asked(1, facts={"ctx.what": 5}), asked(2, facts={"ctx.what": "five"}), asked(3)):
        builder.add(row)
    log = builder.log()
    stream = BytesIO()
    write_log(log, stream)
    names = parquet.read_schema(BytesIO(stream.getvalue())).names
    assert [name for name in names if name.startswith("fact.")] == ["fact.ctx.what:int", "fact.ctx.what:text"]
    assert plain(read_log(BytesIO(stream.getvalue()), [both])) == plain(log)
