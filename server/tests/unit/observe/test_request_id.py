"""Names of requests."""

import pytest

from newel.observe.request_id import request_id


def test_a_harmless_identifier_is_kept() -> None:
    assert request_id("a-B_3.4", b"\0" * 12) == "a-B_3.4"


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\nb", "ä", '"'])
def test_any_other_is_replaced_by_a_random_one(sent: str) -> None:
    assert request_id(sent, bytes(range(16))) == "000102030405060708090a0b"
