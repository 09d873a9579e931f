"""The name of one request in log lines and answers."""

import string

ALLOWED = frozenset(string.ascii_letters + string.digits + "-_.")
LONGEST = 64


def request_id(unverified_sent: str, entropy: bytes) -> str:
    """The identifier the caller sent where it is harmless in a log, else one made from `entropy` (12 bytes or more)."""
    if 0 < len(unverified_sent) <= LONGEST and ALLOWED.issuperset(unverified_sent):
        return unverified_sent
    return entropy[:12].hex()
