"""What an intent may hold."""

from typing import Any

import pytest

from newel_sdk.errors import ResumeRefused
from newel_sdk.resume import Intent

GOOD: dict[str, Any] = {
    "route": "/transfers?x=1",
    "content_type": "application/x-www-form-urlencoded",
    "fields": {"a": "é &=", "b": ""},
    "title": "Send money",
    "bound": True,
    "subject": "alice",
    "lineage": "l",
}


def test_an_intent_comes_back_and_says_the_same_body_again() -> None:
    intent = Intent(**GOOD)
    assert Intent.from_bytes(intent.to_bytes()) == intent
    assert intent.body() == b"a=%C3%A9+%26%3D&b="
    json_intent = Intent(**GOOD | {"content_type": "application/json", "fields": {"a": [1, "é"]}})
    assert json_intent.body() == '{"a":[1,"é"]}'.encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"content_type": "multipart/form-data"},
        {"content_type": ""},
        {"route": "https://elsewhere.example/"},
        {"route": "//elsewhere.example/"},
        {"route": "/\u00e9"},
        {"subject": ""},
        {"lineage": ""},
        {"title": "x" * 121},
    ],
)
def test_s16_what_could_not_be_sent_again_unchanged_is_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(ResumeRefused):
        Intent(**GOOD | wrong)


def test_s35_an_intent_has_a_size_limit() -> None:
    with pytest.raises(ResumeRefused, match="too large"):
        Intent(**GOOD | {"fields": {"a": "x" * 65_536}}).to_bytes()
