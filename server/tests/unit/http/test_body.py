"""JSON bodies within limits."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.body import read_json
from newel.http.errors import RequestError
from newel.http.request import Request

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def posted(body: bytes, media_type: str = "application/json") -> Request:
    return Request(method="POST", path="/", headers={"content-type": media_type}, body=body)


def refused(body: bytes, media_type: str = "application/json") -> int:
    with pytest.raises(RequestError) as error:
        read_json(posted(body, media_type))
    return error.value.status


@given(VALUES)
def test_json_is_read_back(value: object) -> None:
    assert read_json(posted(json.dumps(value).encode()), depth=64) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(RequestError):
        read_json(posted(data))


def test_nesting_is_limited_and_brackets_in_strings_do_not_count() -> None:
    assert read_json(posted(b"[" * 8 + b"]" * 8)) is not None
    assert refused(b"[" * 9 + b"]" * 9) == 400
    assert refused(b"[" * 60_000) == 400
    assert read_json(posted(rb'["[[[[[[[[[[[\"[["]')) == ['[[[[[[[[[[["[[']


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":2}', b"[NaN]", b"[Infinity]", b"\xff", b"", b"{", b"[" + b"9" * 5000 + b"]"]
)
def test_what_is_not_plain_json_is_400(body: bytes) -> None:
    assert refused(body) == 400


def test_size_and_media_type_are_checked() -> None:
    assert refused(b'"' + b"a" * 70_000 + b'"') == 413
    assert refused(b"{}", "text/plain") == 415
    assert read_json(posted(b"{}", "application/reports+json; charset=utf-8")) == {}
