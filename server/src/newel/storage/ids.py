"""Identifiers that sort by the time they were made, so that new rows land beside each other."""

from base64 import b64encode

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ORDERED = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_IN_ORDER = bytes.maketrans(_STANDARD, _ORDERED)
_LETTER_FIRST = 1 << 46
_RANDOM_BYTES = 14
LENGTH = 27


def new_id(now_ms: int, random16: bytes) -> str:
    """27 URL-safe characters: Unix milliseconds, then 112 of the 128 random bits. Byte order is time order until 2109."""
    time = (_LETTER_FIRST | now_ms).to_bytes(6, "big")
    return b64encode(time + random16[:_RANDOM_BYTES])[:LENGTH].translate(_IN_ORDER).decode()
