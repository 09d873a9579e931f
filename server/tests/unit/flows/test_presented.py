"""Presented: what is remembered of the people that tokens are about."""

from newel.flows.presented import Verified


def test_s35_people_are_remembered_within_bounds() -> None:
    verified = Verified(most=2)
    for number in range(5):
        assert verified.person(f"s{number}", []) is None
    assert len(verified._people) <= 2
