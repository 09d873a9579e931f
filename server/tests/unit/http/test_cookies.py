"""Cookies are bound to the host, and what is doubtful is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.cookies import clear_cookie, parse_cookies, set_cookie


def test_a_cookie_is_secure_and_hidden_from_scripts() -> None:
    assert set_cookie("__Host-newel-s", "abc", max_age=60) == (
        "set-cookie",
        "__Host-newel-s=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax",
    )
    assert "Max-Age" not in set_cookie("__Host-newel-s", "abc")[1]


def test_clearing_ends_it_at_once() -> None:
    assert "__Host-newel-s=; Path=/; Max-Age=0;" in clear_cookie("__Host-newel-s")[1]


@pytest.mark.parametrize(
    ("name", "value"), [("newel", "a"), ("__Host-a", "a;b"), ("__Host-a", "a\r\nb"), ("__Host-a b", "a")]
)
def test_only_host_bound_names_and_plain_values_can_be_set(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="host-bound"):
        set_cookie(name, value)


def test_cookies_are_read() -> None:
    assert parse_cookies("__Host-a=1; __Host-b=x.y-z") == {"__Host-a": "1", "__Host-b": "x.y-z"}


def test_a_cookie_that_came_twice_is_believed_in_neither_form() -> None:
    assert parse_cookies("__Host-a=1; __Host-b=2; __Host-a=3") == {"__Host-b": "2"}


@pytest.mark.parametrize("header", ["", ";", "=", "=a", "a", "a b=c", 'a="b"', "a=b,c", "a=\u00fc"])
def test_what_is_no_cookie_is_left_out(header: str) -> None:
    assert parse_cookies(header) == {}


def test_only_so_many_are_read() -> None:
    assert len(parse_cookies(";".join(f"a{n}=1" for n in range(1000)))) == 50


@given(st.text())
def test_any_header_can_be_read(header: str) -> None:
    parse_cookies(header)
