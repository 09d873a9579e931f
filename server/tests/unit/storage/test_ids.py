"""Identifiers: time-ordered, URL-safe, not guessable."""

import re

from hypothesis import given
from hypothesis import strategies as st

from newel.storage.ids import LENGTH, new_id

MILLISECONDS = st.integers(min_value=0, max_value=2**42 - 1)
RANDOM = st.binary(min_size=16, max_size=16)


@given(MILLISECONDS, RANDOM)
def test_an_id_is_a_word_of_27_url_safe_characters(now_ms: int, random16: bytes) -> None:
    assert re.fullmatch(r"[A-Z][-_0-9A-Za-z]{26}", new_id(now_ms, random16))
    assert len(new_id(now_ms, random16)) == LENGTH


@given(MILLISECONDS, RANDOM, MILLISECONDS, RANDOM)
def test_ids_sort_by_their_time(one_ms: int, one: bytes, other_ms: int, other: bytes) -> None:
    if one_ms < other_ms:
        assert new_id(one_ms, one).encode() < new_id(other_ms, other).encode()


@given(MILLISECONDS, RANDOM, RANDOM)
def test_112_random_bits_stand_in_an_id(now_ms: int, one: bytes, other: bytes) -> None:
    assert (new_id(now_ms, one) == new_id(now_ms, other)) is (one[:14] == other[:14])
