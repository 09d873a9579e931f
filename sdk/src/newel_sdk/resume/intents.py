"""Keeping and taking intents: sealed at rest, bound to a secret in the browser, once, ten minutes (S16, S32)."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from newel_sdk.clock import unix_time
from newel_sdk.encoding import base64url, unbase64url
from newel_sdk.errors import Misconfigured, ResumeRefused
from newel_sdk.resume.intent import Intent
from newel_sdk.resume.origin import SameOrigin
from newel_sdk.resume.store import IntentStore, SealedIntent

LIFE = 600
KEY_BYTES = SECRET_BYTES = 32
ID_BYTES = 16
NONCE_BYTES = 12
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GONE = "what you were sending is no longer kept here; nothing was sent. Please fill in the form again"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCookie:
    """The browser's half of an intent: a `__Host-` cookie, Secure, HttpOnly, SameSite=Lax, Path=/."""

    intent_id: str
    name: str
    value: str
    max_age: int


def _hash(secret: str) -> bytes:
    try:
        raw = unbase64url(secret)
    except ValueError:
        raw = b""
    if len(raw) != SECRET_BYTES:
        raise ResumeRefused(_GONE)
    return hashlib.sha256(raw).digest()


def _context(intent_id: str, subject: str, lineage: str) -> bytes:
    return f"newel-sdk/intent/1\0{intent_id}\0{subject}\0{lineage}".encode()


class Intents:
    """The intents of one application; `key` has 32 bytes and lives outside the store's database."""

    def __init__(
        self,
        *,
        store: IntentStore,
        key: bytes,
        application: str,
        clock: Callable[[], int] = unix_time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if len(key) != KEY_BYTES:
            raise Misconfigured(f"the key of intents has {KEY_BYTES} bytes")
        if not _NAME.fullmatch(application):
            raise Misconfigured("the application's name goes into a cookie's name: a-z, 0-9 and single hyphens")
        self._store, self._cipher, self._application = store, AESGCM(key), application
        self._clock, self._random = clock, random

    def cookie_name(self, intent_id: str) -> str:
        """Return the name of the cookie that holds an intent's secret."""
        return f"__Host-{self._application}-intent-{intent_id}"

    def keep(self, intent: Intent, *, checked: SameOrigin) -> IntentCookie:
        """Keep a request that passed the origin check (`checked`) and was authenticated; set the cookie it returns."""
        del checked  # its existence is the proof
        intent_id, secret = base64url(self._random(ID_BYTES)), self._random(SECRET_BYTES)
        nonce, now = self._random(NONCE_BYTES), self._clock()
        sealed = self._cipher.encrypt(nonce, intent.to_bytes(), _context(intent_id, intent.subject, intent.lineage))
        self._store.put(
            SealedIntent(
                intent_id=intent_id,
                secret_hash=hashlib.sha256(secret).digest(),
                subject=intent.subject,
                lineage=intent.lineage,
                exp=now + LIFE,
                sealed=nonce + sealed,
            ),
            now=now,
        )
        name = self.cookie_name(intent_id)
        return IntentCookie(intent_id=intent_id, name=name, value=base64url(secret), max_age=LIFE)

    def take(self, intent_id: str, *, secret: str | None, subject: str, lineage: str) -> Intent:
        """Return the intent, once, to the browser, person and session that made it; raises ResumeRefused.

        A browser that holds the secret and comes back as another person or session loses the intent.
        """
        secret_hash = _hash(secret or "")
        sealed = self._store.take(
            intent_id=intent_id, secret_hash=secret_hash, subject=subject, lineage=lineage, now=self._clock()
        )
        if sealed is None:
            self._store.discard(intent_id=intent_id, secret_hash=secret_hash)
            raise ResumeRefused(_GONE)
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return Intent.from_bytes(self._cipher.decrypt(nonce, body, _context(intent_id, subject, lineage)))
        except (InvalidTag, ValueError) as problem:
            raise ResumeRefused(_GONE) from problem

    def discard(self, intent_id: str, *, secret: str | None) -> None:
        """Forget the intent of this browser: somebody else, or nobody, is signed in there now."""
        try:
            secret_hash = _hash(secret or "")
        except ResumeRefused:
            return
        self._store.discard(intent_id=intent_id, secret_hash=secret_hash)
