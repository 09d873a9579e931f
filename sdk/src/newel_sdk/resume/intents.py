"""Keeping and taking intents: sealed at rest, bound to a secret in the browser, once, ten minutes (S16, S32).

A page set aside is kept in the same way, and stays for the browser and session it speaks to until it expires.
"""

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
from newel_sdk.resume.aside import Aside
from newel_sdk.resume.intent import Intent
from newel_sdk.resume.origin import SameOrigin
from newel_sdk.resume.store import IntentStore, SealedIntent

LIFE = 600
KEY_BYTES = SECRET_BYTES = 32
ID_BYTES = 16
NONCE_BYTES = 12
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NOT_SHOWN = "this page is no longer kept here. Look whether it was done before you do it again"
_GONE = "what you were sending is no longer kept here; nothing was sent. Please fill in the form again"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCookie:
    """The browser's half of an intent: a `__Host-` cookie, Secure, HttpOnly, SameSite=Lax, Path=/."""

    intent_id: str
    name: str
    value: str
    max_age: int


def _hash(secret: str, otherwise: str = _GONE) -> bytes:
    try:
        raw = unbase64url(secret)
    except ValueError:
        raw = b""
    if len(raw) != SECRET_BYTES:
        raise ResumeRefused(otherwise)
    return hashlib.sha256(raw).digest()


def _context(intent_id: str, subject: str, lineage: str) -> bytes:
    return f"newel-sdk/intent/1\0{intent_id}\0{subject}\0{lineage}".encode()


def _page_context(page_id: str) -> bytes:
    return f"newel-sdk/page/1\0{page_id}".encode()


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

    def page_cookie_name(self, page_id: str) -> str:
        """Return the name of the cookie that opens a page set aside."""
        return f"__Host-{self._application}-page-{page_id}"

    def keep(self, intent: Intent, *, checked: SameOrigin) -> IntentCookie:
        """Keep a request that passed the origin check (`checked`) and was authenticated; set the cookie it returns."""
        del checked  # its existence is the proof
        cookie, context = self._cookie(self.cookie_name), (intent.subject, intent.lineage)
        self._put(cookie.intent_id, cookie.value, intent.to_bytes(), *context, _context(cookie.intent_id, *context))
        return cookie

    def set_aside(self, page: Aside) -> IntentCookie:
        """Keep a page for this browser; set the cookie it returns. Its `intent_id` names the page."""
        cookie = self._cookie(self.page_cookie_name)
        self._put_aside(cookie.intent_id, cookie.value, page)
        return cookie

    def show(self, page_id: str, *, secret: str | None, lineage: str) -> Aside:
        """Return a page that was set aside, to its browser and the session it speaks to; raises ResumeRefused.

        A browser that comes as another session, or as nobody, loses it.
        """
        secret_hash = _hash(secret or "", _NOT_SHOWN)
        owner = {"subject": page_id, "lineage": ""}
        sealed = self._store.take(intent_id=page_id, secret_hash=secret_hash, now=self._clock(), **owner)
        if sealed is None:
            raise ResumeRefused(_NOT_SHOWN)
        try:
            opened = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _page_context(page_id))
            page = Aside.from_bytes(opened)
        except (InvalidTag, ValueError) as problem:
            raise ResumeRefused(_NOT_SHOWN) from problem
        if page.lineage != lineage:
            raise ResumeRefused(_NOT_SHOWN)
        self._put_aside(page_id, secret or "", page)  # it may be loaded again
        return page

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

    def _cookie(self, named: Callable[[str], str]) -> IntentCookie:
        intent_id = base64url(self._random(ID_BYTES))
        value = base64url(self._random(SECRET_BYTES))
        return IntentCookie(intent_id=intent_id, name=named(intent_id), value=value, max_age=LIFE)

    def _put_aside(self, page_id: str, secret: str, page: Aside) -> None:
        # Whoever is signed in nowhere has no subject: each page stands for itself, so that none makes room for another.
        self._put(page_id, secret, page.to_bytes(), page_id, "", _page_context(page_id))

    def _put(self, intent_id: str, secret: str, data: bytes, subject: str, lineage: str, context: bytes) -> None:
        nonce, now = self._random(NONCE_BYTES), self._clock()
        self._store.put(
            SealedIntent(
                intent_id=intent_id,
                secret_hash=_hash(secret),
                subject=subject,
                lineage=lineage,
                exp=now + LIFE,
                sealed=nonce + self._cipher.encrypt(nonce, data, context),
            ),
            now=now,
        )

    def discard(self, intent_id: str, *, secret: str | None) -> None:
        """Forget the intent of this browser: somebody else, or nobody, is signed in there now."""
        try:
            secret_hash = _hash(secret or "")
        except ResumeRefused:
            return
        self._store.discard(intent_id=intent_id, secret_hash=secret_hash)
