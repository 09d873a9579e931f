"""Redirect addresses: exact, but for the port of a loopback one (RFC 8252 section 7.3, S19)."""

import pytest

from newel.oauth.redirect import matches_redirect

REGISTERED = ("https://app.example/cb", "http://127.0.0.1/cb", "http://[::1]:5000/cb?x=1", "com.example.app:/cb")


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:49152/cb",
        "http://[::1]:49152/cb?x=1",
        "com.example.app:/cb",
    ],
)
def test_s19_registered_addresses_match(uri: str) -> None:
    assert matches_redirect(REGISTERED, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb/",
        "https://app.example/cb?x",
        "https://app.example:444/cb",
        "https://app.example.evil/cb",
        "https://APP.example/cb",
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152/cb#f",
        "http://localhost:49152/cb",
        "https://127.0.0.1:49152/cb",
        "http://evil@127.0.0.1:49152/cb",
        "http://127.0.0.1:99999/cb",
        "http://[::1]:49152/cb",
        "http://[::1",
        "",
    ],
)
def test_s19_anything_else_does_not(uri: str) -> None:
    assert not matches_redirect(REGISTERED, uri)
