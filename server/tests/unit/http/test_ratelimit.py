"""S11: one person and one network share a bucket however they are written. S15: closed for authenticators."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.ratelimit import address_key, allow, bucket, name_key, too_many

LOG = logging.getLogger("test")


class Counting:
    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    async def take(self, bucket: str, *, limit: int, window: int, **_now: int) -> int | None:
        self.taken[bucket] = self.taken.get(bucket, 0) + 1
        return window if self.taken[bucket] > limit else None


class Broken:
    async def take(self, bucket: str, **_limits: int) -> int | None:
        raise OSError(bucket)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alex", "alex"),
        (" alex ", "alex"),
        ("ALEX@Example.COM", "alex@example.com"),
        ("\uff41lex", "alex"),
        ("stra\u00dfe", "STRASSE"),
        ("e\u0301lan", "\u00c9LAN"),
    ],
)
def test_names_written_differently_share_a_bucket(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text())
def test_folding_a_name_twice_changes_nothing(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:0201", "192.0.2.1"),
        ("2001:db8::1", "2001:0DB8:0:0:ffff::9"),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_addresses_written_differently_share_a_bucket(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(("one", "other"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1")])
def test_other_networks_have_their_own_bucket(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_what_is_no_address_still_has_a_bucket() -> None:
    assert address_key("Unix") == "unix"


def test_a_known_subject_stands_for_all_its_names() -> None:
    assert bucket("password", name="alex", subject="s1") == bucket("password", name="alex@example.com", subject="s1")
    assert bucket("password", name="alex") != bucket("totp", name="alex")
    assert bucket("sign-in", name="s=x") != bucket("sign-in", subject="x")


async def test_so_many_are_allowed_and_then_one_waits() -> None:
    store = Counting()
    waits = [await allow(store, "b", limit=2, window=60, now=0, guards="page", log=LOG) for _ in range(3)]
    assert waits == [None, None, 60]


async def test_the_limiter_fails_closed_for_authenticators_and_open_for_pages() -> None:
    assert await allow(Broken(), "b", limit=2, window=60, now=0, guards="authenticator", log=LOG) == 60
    assert await allow(Broken(), "b", limit=2, window=60, now=0, guards="page", log=LOG) is None


def test_the_answer_says_when_to_come_back() -> None:
    response = too_many(0)
    assert response.status == 429
    assert ("retry-after", "1") in response.headers
