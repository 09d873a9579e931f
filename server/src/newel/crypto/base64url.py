"""Base64url without padding, one text for each byte string (RFC 7515 section 2, RFC 4648 section 3.5)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    """`data` as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str | bytes) -> bytes:
    """The bytes of `text`. ValueError for padding, foreign characters, lengths or bits that an encoder never makes."""
    raw = text.encode("ascii") if isinstance(text, str) else text
    data = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    if urlsafe_b64encode(data).rstrip(b"=") != raw:
        raise ValueError("not the base64url of these bytes")
    return data
