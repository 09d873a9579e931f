"""The headers of a page."""

import pytest

from newel.http.headers import page_headers, redirect_source


def policy(redirect_uri: str | None = None) -> str:
    return dict(page_headers(redirect_uri))["content-security-policy"]


def test_a_page_runs_nothing_that_is_not_ours_and_stands_in_no_frame() -> None:
    assert policy() == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = dict(page_headers())
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in headers["permissions-policy"]


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://bank.example/cb?x=1", "https://bank.example"),
        ("https://bank.example:8443/cb", "https://bank.example:8443"),
        ("http://127.0.0.1:51004/cb", "http://127.0.0.1:51004"),
        ("http://[::1]:51004/cb", "http://[::1]:51004"),
        ("com.example.app:/cb", "com.example.app:"),
        ("myapp://callback", "myapp:"),
    ],
)
def test_the_one_redirect_address_may_be_reached_by_a_form(address: str, source: str) -> None:
    assert redirect_source(address) == source
    assert f"form-action 'self' {source};" in policy(address)


@pytest.mark.parametrize(
    "address", ["https://a;script-src *", "https://a b/", "https:///cb", "https://u:p@a/", "", "//x", "1a:/"]
)
def test_nothing_else_slips_into_the_header(address: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        page_headers(address)
