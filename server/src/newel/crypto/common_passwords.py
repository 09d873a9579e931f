"""Passwords that are tried first: a list of 11,611 common ones of at least 8 characters, read at the first question.

The list is the part of zxcvbn's frequency list that `MIN_LENGTH` leaves (MIT; `common_passwords.NOTICE.txt` beside it).
NIST SP 800-63B-4 section 3.1.1.2 asks for a blocklist and for no rules of composition.
"""

import zlib
from functools import cache
from importlib.resources import files

MIN_LENGTH = 8
_FEWEST_CHARACTERS = 4


@cache
def _listed() -> frozenset[str]:
    packed = files("newel.crypto").joinpath("common_passwords.txt.z").read_bytes()
    return frozenset(zlib.decompress(packed).decode("ascii").split("\n"))


def is_common(password: str) -> bool:
    """Whether `password` is listed in any case, is listed with digits or marks at its end, or hardly varies."""
    folded = password.casefold()
    stem = folded.rstrip("0123456789!?.,;:#*+-_$@ ")
    return len(set(folded)) < _FEWEST_CHARACTERS or not _listed().isdisjoint({folded, stem})
