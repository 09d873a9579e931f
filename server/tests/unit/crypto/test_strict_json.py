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
