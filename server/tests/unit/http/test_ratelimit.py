"""S11: one person and one network share a bucket however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.http.ratelimit import address_key, bucket, name_key


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
