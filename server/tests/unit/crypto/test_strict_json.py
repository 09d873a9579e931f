import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto.strict_json import JsonRefused, loads, loads_object


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"b":{"a":1,"\\u0061":2}}',
        '{"a":NaN}',
        "[Infinity]",
        "[-Infinity]",
        '{"a":"\\ud800"}',
        '{"\\uDFFF":1}',
        "[" * 100_000,
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(text: str) -> None:
    with pytest.raises((JsonRefused, UnicodeEncodeError)):
        loads(text.encode())


@pytest.mark.parametrize("text", ["[]", "1", "null", '"a"'])
def test_an_object_is_an_object(text: str) -> None:
    with pytest.raises(JsonRefused):
        loads_object(text.encode())


def test_a_surrogate_pair_is_one_character() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\U0001f600"


@given(st.binary(max_size=40))
def test_bytes_are_read_or_refused_with_a_value_error(data: bytes) -> None:
    try:
        loads(data)
    except ValueError:
        return


@dataclass(frozen=True)
class Members:
    """The members of an object as written, names that come twice among them."""

    pairs: list[tuple[str, Any]]


NAMES = st.sampled_from(["a", "b", ":", '"', "\u00e4", "\\"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(NAMES, inner), max_size=3).map(Members),
    max_leaves=10,
)


def written(value: Any, *, compact: bool, escaped: bool) -> str:
    """JSON of a tree, with every member as often as it is there."""
    space = "" if compact else " "
    if isinstance(value, Members):
        each = (f"{json.dumps(name, ensure_ascii=escaped)}{space}:{space}" for name, _ in value.pairs)
        parts = (written(inner, compact=compact, escaped=escaped) for _, inner in value.pairs)
        return "{" + f"{space},".join(map("".join, zip(each, parts, strict=True))) + "}"
    if isinstance(value, list):
        return "[" + f",{space}".join(written(each, compact=compact, escaped=escaped) for each in value) + "]"
    return json.dumps(value, ensure_ascii=escaped)


def twice(value: Any) -> bool:
    """Whether an object in a tree has a member twice."""
    if isinstance(value, Members):
        names = [name for name, _ in value.pairs]
        return len(set(names)) < len(names) or any(twice(inner) for _, inner in value.pairs)
    return isinstance(value, list) and any(map(twice, value))


@given(tree=TREES, compact=st.booleans(), escaped=st.booleans())
def test_a_member_twice_is_refused_however_it_is_written_and_all_else_is_read_as_json_reads_it(
    tree: Any, compact: bool, escaped: bool
) -> None:
    text = written(tree, compact=compact, escaped=escaped)
    if twice(tree):
        with pytest.raises(JsonRefused):
            loads(text.encode())
    else:
        assert loads(text.encode()) == json.loads(text)
