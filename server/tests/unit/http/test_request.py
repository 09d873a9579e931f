"""Requests are read once and strictly."""

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.errors import RequestError
from newel.http.request import Request, is_form, parse_parameters, read_headers, read_request

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NAMES = PLAIN.filter(lambda name: name not in {"resource", "audience"})


def scope(**more: object) -> dict[str, object]:
    return {"method": "POST", "path": "/x", "query_string": b"", "headers": [], "client": ("10.0.0.9", 1)} | more


@given(st.dictionaries(NAMES, PLAIN.filter(bool), max_size=20))
def test_what_a_browser_encodes_is_read_back(values: dict[str, str]) -> None:
    read = parse_parameters(urlencode(values).encode())
    assert read.values == values
    assert read.repeated == frozenset()


@given(st.binary())
def test_any_bytes_are_read_or_refused_with_400(data: bytes) -> None:
    with contextlib.suppress(RequestError):
        parse_parameters(data)


def test_a_name_that_comes_twice_is_recorded_and_its_first_value_kept() -> None:
    read = parse_parameters(b"a=1&b=2&a=3")
    assert read.values == {"a": "1", "b": "2"}
    assert read.repeated == {"a"}


def test_resource_and_audience_may_repeat() -> None:
    read = parse_parameters(b"resource=x&resource=y&audience=z&resource=")
    assert read.repeated == frozenset()
    assert read.lists == {"resource": ("x", "y"), "audience": ("z",)}


def test_a_parameter_without_a_value_counts_as_omitted_but_still_as_seen() -> None:
    read = parse_parameters(b"a=&b&c=1&a=2")
    assert read.values == {"c": "1", "a": "2"}
    assert read.repeated == {"a"}


@pytest.mark.parametrize("data", [b"a=%zz", b"a=%", b"a=%f", b"a=%ff", b"%c3=1", b"a=\xff", b"a=%00", b"a=\x00"])
def test_broken_escapes_broken_utf8_and_nul_are_refused(data: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        parse_parameters(data)
    assert refused.value.status == 400


def test_too_many_parameters_are_refused() -> None:
    assert parse_parameters(b"&".join(b"p%d=1" % n for n in range(200)))
    with pytest.raises(RequestError):
        parse_parameters(b"&".join(b"p%d=1" % n for n in range(201)))


@pytest.mark.parametrize("name", [b"authorization", b"origin", b"host", b"content-type", b"sec-fetch-site", b"dpop"])
def test_a_header_that_decides_comes_once(name: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        read_headers([(name, b"a"), (name, b"a")])
    assert refused.value.status == 400


def test_other_headers_are_joined() -> None:
    assert read_headers([(b"accept", b"a"), (b"accept", b"b")]) == {"accept": "a, b"}
    assert read_headers([(b"cookie", b"a=1"), (b"cookie", b"b=2")]) == {"cookie": "a=1; b=2"}


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; charset=UTF-8"]
)
def test_a_form_is_known_by_its_media_type(kind: str) -> None:
    assert is_form(kind)


def test_a_form_in_another_character_set_is_415() -> None:
    with pytest.raises(RequestError) as refused:
        is_form("application/x-www-form-urlencoded; charset=utf-16")
    assert refused.value.status == 415


def test_a_body_that_is_no_form_gives_no_form() -> None:
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    assert read_request(scope(), read_headers(headers), b"a=1").form == {}


def test_query_and_form_are_kept_apart() -> None:
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"cookie", b"__Host-a=1")]
    request = read_request(scope(query_string=b"a=1", path_params={"id": "7"}), read_headers(headers), b"a=2")
    assert (request.query, request.form, request.repeated) == ({"a": "1"}, {"a": "2"}, frozenset())
    assert (request.cookies, request.client_address) == ({"__Host-a": "1"}, "10.0.0.9")
    assert request.path_params == {"id": "7"}


def test_a_request_may_be_written_with_method_and_path_alone() -> None:
    assert Request(method="GET", path="/").form == {}
