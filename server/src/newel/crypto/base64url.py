"""Base64url without padding, one text for each byte string (RFC 7515 section 2, RFC 4648 section 3.5)."""

from base64 import urlsafe_b64decode
from binascii import b2a_base64

URL_SAFE = bytes.maketrans(b"+/", b"-_")


def encode(data: bytes) -> str:
    """`data` as base64url without padding."""
    return _encoded(data).decode()


def decode(text: str | bytes) -> bytes:
    """The bytes of `text`. ValueError for padding, foreign characters, lengths or bits that an encoder never makes."""
    raw = text.encode("ascii") if isinstance(text, str) else text
    data = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    if _encoded(data) != raw:
        raise ValueError("not the base64url of these bytes")
    return data


def _encoded(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).rstrip(b"=").translate(URL_SAFE)
