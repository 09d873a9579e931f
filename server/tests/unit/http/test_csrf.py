"""S31: no state changes by a form that is not ours, whatever port of the host it stands on."""

import pytest

from newel.http.csrf import fault, form_token
from newel.http.request import Request

ORIGIN = "http://localhost:8400"
KEY = b"k" * 32
TOKEN = form_token(KEY, "browser")


def post(
    headers: dict[str, str], form: dict[str, str] | None = None, *, repeated: frozenset[str] = frozenset()
) -> Request:
    return Request(
        method="POST", path="/", headers=headers, form={"csrf": TOKEN} if form is None else form, repeated=repeated
    )


def why(request: Request, browser: str | None = "browser") -> str | None:
    return fault(request, origin=ORIGIN, key=KEY, browser=browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ORIGIN},
        {"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_our_own_page_may_post(headers: dict[str, str]) -> None:
    assert why(post(headers)) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://localhost:8401"},
        {"origin": "http://localhost:8401", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:8400"},
        {"origin": "https://localhost:8400"},
        {"origin": "http://localhost:8400.evil.example"},
        {"origin": ""},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_another_origin_or_a_silent_browser_may_not(headers: dict[str, str]) -> None:
    assert why(post(headers)) == "other_origin"


def test_the_form_belongs_to_the_browser_that_was_shown_it() -> None:
    assert why(post({"origin": ORIGIN}), "another") == "wrong_token"
    assert why(post({"origin": ORIGIN}), None) == "no_browser"
    assert why(post({"origin": ORIGIN}), "") == "no_browser"


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "x"}, {"csrf": "\u00fc"}, {"csrf": TOKEN + "A"}])
def test_a_missing_or_wrong_token_is_refused(form: dict[str, str]) -> None:
    assert why(post({"origin": ORIGIN}, form)) == "wrong_token"


def test_a_token_sent_twice_is_refused() -> None:
    assert why(post({"origin": ORIGIN}, repeated=frozenset({"csrf"}))) == "wrong_token"


def test_reading_needs_no_token() -> None:
    assert why(Request(method="GET", path="/"), None) is None


def test_tokens_differ_by_key_and_browser() -> None:
    assert len({TOKEN, form_token(b"j" * 32, "browser"), form_token(KEY, "other")}) == 3
