"""Responses and errors as they leave."""

import json as reader

import pytest

from newel.http.errors import oauth_error
from newel.http.responses import empty, html, json, redirect


def test_a_redirect_is_303_and_never_stored() -> None:
    response = redirect("https://bank.example/cb?code=x", headers=(("set-cookie", "a"),))
    headers = dict(response.headers)
    assert response.status == 303
    assert headers["location"] == "https://bank.example/cb?code=x"
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert headers["set-cookie"] == "a"


@pytest.mark.parametrize("location", ["https://a/\r\nset-cookie: x", "https://a/ b", "https://a/\u00fc", "/\x7f"])
def test_a_location_splits_no_header(location: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        redirect(location)


def test_json_is_not_stored_unless_its_endpoint_says_so() -> None:
    assert ("cache-control", "no-store") in json({"a": 1}).headers
    assert json([1], headers=(("cache-control", "max-age=60"),)).headers == (
        ("content-type", "application/json"),
        ("cache-control", "max-age=60"),
    )


def test_pages_and_empty_answers() -> None:
    assert html("<p>\u00fc").body == b"<p>\xc3\xbc"
    assert empty().status == 204
    assert empty().with_headers(("a", "b")).headers[-1] == ("a", "b")


def test_an_oauth_error_is_json_and_not_stored() -> None:
    response = oauth_error(
        "invalid_client", "who are you", status=401, headers=(("www-authenticate", "Basic"),), iss="x"
    )
    assert reader.loads(response.body) == {"error": "invalid_client", "error_description": "who are you", "iss": "x"}
    assert ("cache-control", "no-store") in response.headers
    assert ("www-authenticate", "Basic") in response.headers
