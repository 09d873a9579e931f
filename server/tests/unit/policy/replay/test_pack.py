"""A log as a file: what is written is read, and what does not fit is refused."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import asked, document, log_of, rule

from newel.domain.requirement import NOTHING
from newel.policy.replay.columns import Column
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.pack import dump, load

POLICY = document(
    rule("r", "bank:send", NOTHING),
    facts={
        "ctx.amount": "int",
        "ctx.known": "bool",
        "client.ip": "ip",
        "subject.id": "string",
        "subject.groups": "set",
    },
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "ctx.amount": st.integers(-(2**63), 2**63 - 1),
        "ctx.known": st.booleans(),
        "client.ip": st.integers(0, 2**128 - 1),
        "subject.id": st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
        "subject.groups": st.frozensets(st.sampled_from(["a", "b", "\N{SNOWMAN}"])),
    },
)
ROWS = st.lists(
    st.builds(
        asked,
        st.integers(0, 100),
        facts=FACTS,
        session=st.integers(0, 2**64 - 1),
        person=st.integers(0, 2**64 - 1),
        groups=st.sampled_from([(), ("hr",), ("hr", "eng")]),
        methods=st.sampled_from([None, (), ("passkey",)]),
        attack=st.sampled_from([None, True, False]),
    ),
    max_size=6,
)


def to_bytes(log: Log) -> bytes:
    """A log as a file's bytes."""
    stream = BytesIO()
    dump(log, stream)
    return stream.getvalue()


def from_bytes(data: bytes) -> Log:
    """The log in a file's bytes."""
    return load(BytesIO(data))


def told(log: Log) -> dict[str, Any]:
    """All of a log as plain values."""
    plain = {name: getattr(log, name) for name in log.__dataclass_fields__}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in plain.items()
        if name not in {"facts", "ages"}
    } | {
        "ages": {name: ages.tolist() for name, ages in log.ages.items()},
        "facts": {key: columns(column) for key, column in log.facts.items()},
    }


def columns(column: Column) -> list[Any]:
    """A column as plain values."""
    held = [getattr(column, name) for name in column.__slots__]
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in held]


@settings(max_examples=60)
@given(ROWS)
def test_a_log_comes_back_as_it_was(rows: list[Any]) -> None:
    log = log_of(POLICY, rows)
    assert told(from_bytes(to_bytes(log))) == told(log)


EXAMPLE: dict[str, Any] = {
    "ctx.amount": 5,
    "ctx.known": True,
    "client.ip": "10.0.0.1",
    "subject.id": "a",
    "subject.groups": ["b"],
}


def repacked(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A file of two rows, changed."""
    log = log_of(POLICY, [asked(0, facts=EXAMPLE, attack=True), asked(1, facts={**EXAMPLE, "subject.id": "b"})])
    with np.load(BytesIO(to_bytes(log))) as found:
        held = dict(found)
    change(held)
    stream = BytesIO()
    np.savez(stream, **held)
    return stream.getvalue()


def about(**changes: Any) -> Callable[[dict[str, Any]], object]:
    """Changes what a file says about itself."""

    def change(held: dict[str, Any]) -> None:
        described = {**json.loads(held["about"].tobytes()), **changes}
        held["about"] = np.frombuffer(json.dumps(described).encode(), np.uint8)

    return change


def array(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    """Changes one array."""
    return lambda held: held.__setitem__(name, np.array(value))


@pytest.mark.parametrize(
    "change",
    [
        about(format=2),
        about(more=1),
        about(targets=None),
        about(targets=[]),
        about(groups=[]),
        about(methods=[]),
        about(ages=["aal1", "aal2", "phr", "more"]),
        about(facts=[["x", "odd", []]]),
        about(facts=[["ctx.amount", "int"]]),
        array("about", [1, 2]),
        array("time", [1.5, 2.5]),
        array("time", [1]),
        array("time", [-1, 5]),
        array("time", [1, 2**40]),
        array("fact/3/codes", np.array([0, 0], np.int8)),
        about(
            facts=[
                ["ctx.amount", "int", []],
                ["ctx.known", "bool", []],
                ["client.ip", "ip", []],
                ["subject.id", "text", ["a", "a"]],
            ]
        ),
        array("person", np.array([7, 7], np.uint8)),
        array("outcome", np.array([9, 9], np.uint8)),
        array("starts", [0, 1]),
        array("starts", [1, 2]),
        array("starts", [0, 2, 2]),
        array("starts", np.zeros(0, np.int64)),
        array("starts", [[0, 2]]),
        array("age/0", np.zeros(2, np.int64)),
        array("age/0", np.zeros(2, np.uint32)),
        array("attack", np.zeros(2, np.uint8)),
        array("fact/0/values", [True, False]),
        array("fact/0/absent", np.zeros(2, np.uint8)),
        array("fact/2/high", np.zeros(2, np.int64)),
        array("fact/3/codes", np.array([3, 3], np.uint8)),
        lambda held: held.pop("time"),
        lambda held: held.pop("about"),
    ],
)
def test_a_file_in_which_something_does_not_fit_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(LogRefused):
        from_bytes(repacked(change))


@pytest.mark.parametrize("odd", [b"", b"PK\x05\x06" + bytes(18), b"\x93NUMPY", b"odd" * 99])
def test_what_is_no_file_of_a_log_is_refused(odd: bytes) -> None:
    with pytest.raises(LogRefused):
        from_bytes(odd)


def test_a_pickle_is_never_opened() -> None:
    with pytest.raises(LogRefused):
        from_bytes(repacked(array("time", np.array([{}, {}], object))))


def test_an_unchanged_file_is_read() -> None:
    assert len(from_bytes(repacked(lambda _: None))) == 2
