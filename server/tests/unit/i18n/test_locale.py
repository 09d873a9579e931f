"""Which language a page speaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.i18n.locale import choose_locale


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("de;q=0, en", "en"),
        ("de;q=0.3, en;q=0.7", "en"),
        ("de;q=nan, en", "en"),
        ("de;q=x", "en"),
        ("*", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_browsers_ranges_are_taken_by_weight(accept: str, expected: str) -> None:
    assert choose_locale(accept_language=accept) == expected


def test_the_application_comes_before_the_person_and_the_person_before_the_browser() -> None:
    assert choose_locale(ui_locales="fr de-AT", cookie="en", accept_language="en") == "de"
    assert choose_locale(ui_locales="fr", cookie="de", accept_language="en") == "de"
    assert choose_locale(cookie="xx", accept_language="de") == "de"


@given(st.text(), st.text(), st.text())
def test_any_wish_gives_a_language_we_speak(wish: str, cookie: str, accept: str) -> None:
    assert choose_locale(ui_locales=wish, cookie=cookie, accept_language=accept) in {"en", "de"}
