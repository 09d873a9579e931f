"""Secrets of rotating refresh tokens: each shows by itself that it was issued here.

Only what was issued can be reuse, and only reuse ends a family (S29). Whoever knows a family's id, which every access
token names, and makes up the rest ends nothing, and no list of spent secrets has to be kept.
"""

from newel.crypto.hashing import equal
from newel.services import SECRET_BYTES, Services

PURPOSE = "refresh"
RANDOM = 2 * SECRET_BYTES
MARK_BYTES = 16


def new_secret(services: Services, family: str) -> str:
    """256 fresh random bits and the mark that this family's tokens bear, as URL-safe text."""
    fresh = services.secret()
    return fresh + _mark(services, family, fresh, services.vault.current).hex()


def was_issued(services: Services, family: str, unverified_secret: str) -> bool:
    """Whether the secret bears the mark of its family, under a master key that is still here."""
    fresh, mark = unverified_secret[:RANDOM], unverified_secret[RANDOM:].encode()
    marks = (_mark(services, family, fresh, key_id).hex().encode() for key_id in services.vault.keys)
    return any(equal(mark, each) for each in marks)


def _mark(services: Services, family: str, fresh: str, key_id: str) -> bytes:
    return services.vault.mac(PURPOSE, f"{family}.{fresh}".encode(), key_id=key_id)[:MARK_BYTES]
