"""One key file, one key per purpose (RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derived(key: bytes, purpose: str) -> bytes:
    """The key (32 bytes) for one purpose; what was sealed for another does not open under it."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"acme-bank/{purpose}/1".encode()).derive(key)
