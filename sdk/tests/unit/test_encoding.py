"""Strict base64url and JSON."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel_sdk.encoding import base64url, depth, parse_json, parse_object, unbase64url


@given(st.binary(max_size=200))
def test_base64url_comes_back(data: bytes) -> None:
    assert unbase64url(base64url(data)) == unbase64url(base64url(data).encode("ascii")) == data


@given(st.text(alphabet="ABCQgwxyz019-_+/= .\n", max_size=12))
def test_a_text_is_accepted_only_if_it_is_the_one_encoding_of_its_bytes(text: str) -> None:
    try:
        data = unbase64url(text)
    except ValueError:
        return
    assert base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "AA\n", " AA", "A A", "++++", "////", "é", "AAé", "!!!!", "A=AA"])
def test_rfc7515_section_2_padding_space_other_alphabets_and_loose_bits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        unbase64url(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        "NaN",
        "[Infinity]",
        '{"a":1} x',
        '{"a":1}{}',
        "{}\x0b",
        "\xa0{}",
        '"\\ud800"',
        '{"\\udc00":1}',
        "[" * 17 + "]" * 17,
        "[" * 100_000,
        "",
        "\ufeff{}",
        "1" * 5000,
    ],
)
def test_json_that_can_be_read_two_ways_or_not_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # ruff: ignore[pytest-raises-too-broad] - every cause has its own text
        parse_json(text)


def test_json_in_another_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="codec"):
        parse_json(b'"\xff"')


def test_json_escapes_and_depth_within_the_limit_are_read() -> None:
    assert parse_json('{"a":"\\u00e9"}') == {"a": "é"}
    assert parse_json('{"a":"\\n\\ud83d\\ude00"}') == {"a": "\n\U0001f600"}
    assert parse_json(" \t\r\n[1] \t\r\n") == parse_json(b"\n[1]\n") == [1]
    assert parse_json("[" * 16 + "]" * 16)
    assert parse_json("[" + "{}," * 40 + "{}]")


def test_an_object_must_be_one() -> None:
    assert parse_object("{}") == {}
    with pytest.raises(ValueError, match="not a JSON object"):
        parse_object("[]")


def test_depth_counts_containers() -> None:
    values: list[Any] = [1, [], {"a": 1}, {"a": [()]}]
    assert [depth(value) for value in values] == [0, 1, 1, 3]
