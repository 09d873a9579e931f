"""Windows as sums of buckets."""

from itertools import starmap

from hypothesis import given
from hypothesis import strategies as st

from newel.domain.velocity import SPANS, Reading, bucket, moment, name_of, ranges

TIME = st.integers(0, 20_000_000_000)
TALLY = name_of("total", "alice")


def holding(since: int, at: int) -> list[int]:
    """The levels at which a window that begins at `since` finds what happened at `at`."""
    found = enumerate(ranges(since))
    return [level for level, (begin, end) in found if TALLY + begin <= bucket(TALLY, level, at) < TALLY + end]


@given(since=TIME, passed=st.one_of(st.integers(-70, 70), st.integers(-300_000, 300_000), TIME))
def test_a_window_finds_each_second_from_its_first_on_at_exactly_one_level(since: int, passed: int) -> None:
    at = max(0, since + passed)
    assert len(holding(since, at)) == (at >= since)


@given(since=TIME, over=st.integers(1, 400 * 86_400))
def test_a_window_has_a_few_hundred_buckets_at_most(since: int, over: int) -> None:
    edges = [-(-since // span) * span for span in SPANS]
    inside = sum((end - begin) // span for begin, end, span in zip(edges, edges[1:], SPANS, strict=False))
    assert inside + over // SPANS[-1] + 1 < 400


@given(TIME, TIME)
def test_times_sort_as_texts(one: int, other: int) -> None:
    assert (moment(one) < moment(other)) == (one < other)


def test_a_window_begins_after_what_is_as_old_as_it_is_long() -> None:
    assert Reading(tally=TALLY, at=100, over=60, amount=0).since == 41
    assert Reading(tally=TALLY, at=100, over=600, amount=0).since == 0


def test_names_tell_parts_apart() -> None:
    parts = [("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"), ("1",), (1,), ("\udc00",), ("\\udc00",)]
    assert len(set(starmap(name_of, parts))) == len(parts)
