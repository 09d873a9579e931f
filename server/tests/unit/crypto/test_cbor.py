from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto.cbor import CborRefused, decode, decode_whole

KEYS = st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | KEYS | st.binary(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES.filter(lambda value: depth(value) <= 6))
def test_what_another_writer_writes_is_read(value: Any) -> None:
    assert decode_whole(cbor2.dumps(value)) == value


@given(st.binary(max_size=40))
def test_bytes_are_read_as_another_reader_reads_them_or_refused(data: bytes) -> None:
    try:
        value, used = decode(data)
    except CborRefused:
        return
    assert cbor2.loads(data[:used]) == value


@pytest.mark.parametrize(
    ("what", "encoded"),
    [
        ("nothing", ""),
        ("cut short", "1a0000"),
        ("a string longer than the bytes", "44010203"),
        ("a length of 2^64 - 1", "5bffffffffffffffff"),
        ("an array of 2^32 members", "9affffffff"),
        ("indefinite length", "9f01ff"),
        ("a tag", "c001"),
        ("a shared reference", "d81c81d81d00"),
        ("a float", "f93c00"),
        ("undefined", "f7"),
        ("a key twice", "a201000100"),
        ("a key of bytes", "a1410100"),
        ("a key that is true", "a1f500"),
        ("a text that is not UTF-8", "61ff"),
        ("too deep", "81" * 8 + "00"),
        ("something after it", "0000"),
    ],
)
def test_what_no_authenticator_may_send_is_refused(what: str, encoded: str) -> None:
    with pytest.raises(CborRefused):
        decode_whole(bytes.fromhex(encoded))


def test_more_than_64_kib_is_refused() -> None:
    with pytest.raises(CborRefused, match="large"):
        decode(b"\x00" * 65_537)
