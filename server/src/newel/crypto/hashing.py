"""Hashes of secrets: slow ones, in a bounded pool, for what people choose; SHA-256 for what was drawn at random."""

import asyncio
import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from newel.domain.value import dataclass

MEMORY_KIB = 19_456
"""Memory for one hash, in KiB (OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane).

RFC 9106 section 4 recommends 64 MiB for memory-constrained servers; 19 MiB is the equivalent trade of memory for
passes that OWASP gives for servers with many sign-ins at once. A stored hash names its own parameters, so a change here
takes effect at each next sign-in.
"""
PASSES = 2
LANES = 1
SALT_BYTES = 16
"""RFC 9106 section 3.1: 16 bytes for password hashing."""

_ARGON2ID = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32)
_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$X5ZT/PeMt3mWv3N0HD/XRg$nJ8LrnDM65vLxoJ6Y1GMmHjnFchdYh7ZaHu01WkVcic"
"""A hash of the present parameters that no known password has: what an unknown subject's password is compared with."""
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE_LENGTH = 43
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """`matches`: the password is the one hashed; `outdated`: the hash is of older parameters and should be replaced."""

    matches: bool
    outdated: bool = False


def hash_password(password: str, *, salt: bytes) -> str:
    """The Argon2id hash of `password` under `salt` (16 random bytes), as an encoded text that names its parameters.

    Takes some 25 ms and 19 MiB: run it in a `PasswordPool`.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return _ARGON2ID.hash(password.encode(), salt=salt)


def verify_password(encoded: str, password: str) -> PasswordCheck:
    """Whether `password` is the one that `encoded` was made from; a text that is no hash matches nothing.

    Costs what `hash_password` costs.
    """
    try:
        _ARGON2ID.verify(encoded, password.encode())
    except (VerificationError, ValueError):
        return PasswordCheck(matches=False)
    return PasswordCheck(matches=True, outdated=_ARGON2ID.check_needs_rehash(encoded))


def verify_nothing(password: str) -> None:
    """Spend the time of a check on a subject that does not exist or has no password (S31)."""
    verify_password(_DECOY, password)


@dataclass(frozen=True, slots=True)
class Busy:
    """All threads work and the queue is full: nothing was begun, nothing was counted. Answer 503 with Retry-After."""


BUSY = Busy()


class PasswordPool:
    """At most `threads` hashes at once and `waiting` more in line; Argon2 works outside the interpreter's lock."""

    def __init__(self, threads: int = 2, waiting: int = 32) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._places = BoundedSemaphore(threads + waiting)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T | Busy:
        """What `function(*arguments)` returns or raises, computed on one of the threads; BUSY where there is no place.

        A caller that goes away frees its place only when the work ends, so that going away cannot fill the machine.
        """
        if not self._places.acquire(blocking=False):
            return BUSY
        try:
            future = self._executor.submit(function, *arguments)
        except RuntimeError:
            self._places.release()
            return BUSY
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _future: Future[Any]) -> None:
        self._places.release()

    def close(self) -> None:
        """End the threads after the work at hand; what still waits is cancelled, later calls are BUSY."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def secret_hash(secret: str) -> bytes:
    """SHA-256 (32 bytes) of a secret drawn at random from at least 128 bits, which needs neither salt nor slowness."""
    return hashlib.sha256(secret.encode()).digest()


def equal(left: bytes, right: bytes) -> bool:
    """Whether both are the same bytes, in a time that does not tell where they differ."""
    return hmac.compare_digest(left, right)


def pkce_s256(verifier: str) -> str:
    """The S256 code challenge of `verifier` (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def pkce_matches(verifier: str, code_challenge: str) -> bool:
    """Whether `verifier` is well formed (RFC 7636 section 4.1) and its S256 challenge is `code_challenge`."""
    if _VERIFIER.fullmatch(verifier) is None or len(code_challenge) != _CHALLENGE_LENGTH:
        return False
    return equal(pkce_s256(verifier).encode(), code_challenge.encode("utf-8", "replace"))
