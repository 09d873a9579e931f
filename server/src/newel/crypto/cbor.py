"""The CBOR that WebAuthn authenticators send (RFC 8949, within CTAP 2.1 section 8), read strictly.

Integers, bytes, texts, booleans, null, arrays and maps of definite length, at most `MAX_DEPTH` levels deep; no tags, no
floats, no key twice. Written here because general readers follow tags into cycles and pass over what trails.
"""

from enum import IntEnum
from typing import Any

MAX_BYTES = 65_536
MAX_DEPTH = 6


class CborRefused(ValueError):
    """Bytes that are not the CBOR an authenticator may send."""


class _Major(IntEnum):
    """Major types (RFC 8949 section 3.1)."""

    UNSIGNED = 0
    NEGATIVE = 1
    BYTES = 2
    TEXT = 3
    ARRAY = 4
    MAP = 5
    TAG = 6
    SIMPLE = 7


_SIMPLE = {20: False, 21: True, 22: None}
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_DIRECT = 24


def decode(data: bytes) -> tuple[Any, int]:
    """The first value of `data`, and how many bytes it took. CborRefused for anything outside the subset."""
    if len(data) > MAX_BYTES:
        raise CborRefused("too large")
    return _value(data, 0, MAX_DEPTH)


def decode_whole(data: bytes) -> Any:
    """The one value that `data` is. CborRefused where anything follows it."""
    value, used = decode(data)
    if used != len(data):
        raise CborRefused("something follows")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    major, argument, at = _head(data, at)
    match major:
        case _Major.UNSIGNED:
            return argument, at
        case _Major.NEGATIVE:
            return -1 - argument, at
        case _Major.BYTES:
            return _bytes(data, at, argument)
        case _Major.TEXT:
            return _text(data, at, argument)
        case _Major.SIMPLE if argument in _SIMPLE:
            return _SIMPLE[argument], at
        case _Major.ARRAY if depth:
            return _array(data, at, argument, depth - 1)
        case _Major.MAP if depth:
            return _map(data, at, argument, depth - 1)
        case _:
            raise CborRefused("nested too deeply, or a value that no authenticator sends")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument, and where the content begins (RFC 8949 section 3)."""
    if at >= len(data):
        raise CborRefused("cut short")
    major, low = data[at] >> 5, data[at] & 0x1F
    at += 1
    if low < _DIRECT:
        return major, low, at
    if low not in _WIDTHS or major == _Major.SIMPLE:
        raise CborRefused("of indefinite length, or a float")
    end = at + _WIDTHS[low]
    if end > len(data):
        raise CborRefused("cut short")
    return major, int.from_bytes(data[at:end], "big"), end


def _bytes(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(data):
        raise CborRefused("cut short")
    return data[at : at + length], at + length


def _text(data: bytes, at: int, length: int) -> tuple[str, int]:
    raw, at = _bytes(data, at, length)
    try:
        return raw.decode("utf-8"), at
    except UnicodeDecodeError:
        raise CborRefused("a text that is not UTF-8") from None


def _array(data: bytes, at: int, length: int, depth: int) -> tuple[list[Any], int]:
    if length > len(data) - at:
        raise CborRefused("cut short")
    members: list[Any] = []
    for _ in range(length):
        member, at = _value(data, at, depth)
        members.append(member)
    return members, at


def _map(data: bytes, at: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    if length > len(data) - at:
        raise CborRefused("cut short")
    members: dict[Any, Any] = {}
    for _ in range(length):
        key, at = _value(data, at, depth)
        if not isinstance(key, int | str) or isinstance(key, bool) or key in members:
            raise CborRefused("a key twice, or one that is neither a number nor a text")
        members[key], at = _value(data, at, depth)
    return members, at
