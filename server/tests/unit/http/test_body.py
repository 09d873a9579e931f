"""Nesting is told from the bytes alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.body import too_deep

TEXTS = st.text(st.sampled_from('[]{}"\\a'))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_a_body_is_as_deep_as_its_brackets_outside_strings(value: object) -> None:
    body, levels = json.dumps(value).encode(), depth(value)
    assert not too_deep(body, levels)
    assert levels == 0 or too_deep(body, levels - 1)


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"[" * 8 + b"]" * 8, False),
        (b"[" * 9 + b"]" * 9, True),
        (b"[" * 60_000, True),
        (b"[]" * 60, False),
        (rb'["[[[[[[[[[[[\"[["]', False),
    ],
)
def test_what_is_no_json_has_a_depth_too(body: bytes, deep: bool) -> None:
    assert too_deep(body, 8) is deep
