"""Redirect URIs at registration (RFC 9700 section 4.1, RFC 8252 section 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.cli.redirect import redirect_uri_fault


@pytest.mark.parametrize(
    "uri",
    [
        "https://bank.example/callback",
        "https://bank.example:8443/callback?tenant=1",
        "https://bank.example",
        "http://localhost:8401/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:5000/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
    ],
)
def test_what_may_be_registered(uri: str) -> None:
    assert redirect_uri_fault(uri) is None


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("https://bank.example/callback#part", "fragment"),
        ("https://bank.example/callback#", "fragment"),
        ("https://*.bank.example/callback", "wildcard"),
        ("https://bank.example/*", "wildcard"),
        ("http://bank.example/callback", "https"),
        ("http://localhost.evil.example/callback", "https"),
        ("https:///callback", "no host"),
        ("https:/callback", "no host"),
        ("https://maria@bank.example/", "person"),
        ("https://bank.example:0/", "port 0"),
        ("https://bank.example:x/", "not a URI"),
        ("https://[::1/", "not a URI"),
        ("https://bank.example/a b", "plain ASCII"),
        ("https://bänk.example/", "plain ASCII"),
        ("https://bank.example/\\..", "plain ASCII"),
        ("https://bank.example/" + "x" * 2000, "plain ASCII"),
        ("javascript:alert(1)", "private-use scheme"),
        ("data:text/html,x", "private-use scheme"),
        ("app:/callback", "private-use scheme"),
        ("urn:ietf:wg:oauth:2.0:oob", "private-use scheme"),
        ("/callback", "private-use scheme"),
        ("com.example.app:", "needs a path"),
        ("", "plain ASCII"),
    ],
)
def test_s19_what_may_not_be_registered(uri: str, words: str) -> None:
    assert words in (redirect_uri_fault(uri) or "")


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused_in_words(uri: str) -> None:
    fault = redirect_uri_fault(uri)
    assert fault is None or fault
