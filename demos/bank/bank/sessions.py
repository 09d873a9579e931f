"""Who is signed in here: a random cookie on one side, a row with sealed tokens on the other.

1. The database holds only the hash of what the cookie says, and tokens sealed under a key kept outside it.
2. The cookie's value changes at sign-in and at every step-up; the old one ends then.
3. What waits for an answer of the authorization server belongs to the browser that asked, and is taken once.
4. An approval serves the request it was asked for and no later one: an elevated access token is not kept.
"""

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from newel_sdk.client import Tokens
from newel_sdk.client.pending import PendingAuthorization
from newel_sdk.encoding import parse_object, unbase64url

COOKIE = "__Host-bank-s"
BROWSER_COOKIE = "__Host-bank-b"
LASTS = 12 * 3600
IDLE = 3600
PENDING = 900
NONCE_BYTES = 12
SECRET_BYTES = 32


class BankSessions:
    """The `Sessions` that the guard's pages ask; `greet` is told of everybody who comes in;
    `random` gives that many bytes, `clock` seconds.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        *,
        key: bytes,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        greet: Callable[[Tokens], Awaitable[None]],
    ) -> None:
        self._greet = greet
        self._db, self._seal, self._clock, self._random = db, AESGCM(key), clock, random

    async def current(self, request: Request) -> Tokens | None:
        """The tokens of the session that this browser's cookie names, if it lives."""
        return self.look(request)

    def look(self, request: Request) -> Tokens | None:
        """The same without waiting."""
        name = _hash(request.cookies.get(COOKIE, ""))
        now = self._clock()
        row = self._db.execute(
            "UPDATE session SET seen_at = :now WHERE hash = :name AND seen_at > :idle AND created_at > :oldest RETURNING tokens",
            {"now": now, "name": name, "idle": now - IDLE, "oldest": now - LASTS},
        ).fetchall()
        text = self._open(row[0][0], name) if row else None
        return None if text is None else Tokens.from_text(text)

    async def signed_in(self, request: Request, response: Response, tokens: Tokens) -> None:
        """Put new tokens under a new cookie; the session that the old cookie named ends."""
        secret = self._random(SECRET_BYTES).hex()
        name, now = _hash(secret), self._clock()
        before = self.look(request)
        if before is None or before.subject != tokens.subject:
            await self._greet(tokens)
        self._end(request)
        self._db.execute("DELETE FROM session WHERE seen_at <= ? OR created_at <= ?", (now - IDLE, now - LASTS))
        self._db.execute(
            "INSERT INTO session (hash, subject, tokens, created_at, seen_at) VALUES (?, ?, ?, ?, ?)",
            (name, tokens.subject, self._sealed(_kept(tokens).to_text(), name), now, now),
        )
        _set(response, COOKIE, secret)

    async def refreshed(self, request: Request, tokens: Tokens) -> None:
        """Put refreshed tokens into the session as it is."""
        name = _hash(request.cookies.get(COOKIE, ""))
        sealed = self._sealed(_kept(tokens).to_text(), name)
        self._db.execute("UPDATE session SET tokens = ? WHERE hash = ?", (sealed, name))

    def signed_out(self, request: Request, response: Response) -> None:
        """End the session here."""
        self._end(request)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")

    async def put_pending(self, request: Request, response: Response, state: str, pending: str) -> None:
        """Keep what the answer to `state` will need, for this browser alone."""
        secret = request.cookies.get(BROWSER_COOKIE) or self._random(SECRET_BYTES).hex()
        browser, now = _hash(secret), self._clock()
        self._db.execute("DELETE FROM pending WHERE expires_at <= ?", (now,))
        self._db.execute(
            "INSERT INTO pending (state, browser, body, expires_at) VALUES (?, ?, ?, ?)",
            (state, browser, self._sealed(pending, browser), now + PENDING),
        )
        _set(response, BROWSER_COOKIE, secret)

    async def take_pending(self, request: Request, state: str) -> str | None:
        """Give it back, once; the request remembers which intent it was about."""
        browser = _hash(request.cookies.get(BROWSER_COOKIE, ""))
        taken = self._db.execute(
            "DELETE FROM pending WHERE state = ? AND browser = ? AND expires_at > ? RETURNING body",
            (state, browser, self._clock()),
        ).fetchall()
        body = self._open(taken[0][0], browser) if taken else None
        if body is not None:
            request.state.intent = PendingAuthorization.from_text(body).intent
        return body

    def _end(self, request: Request) -> None:
        self._db.execute("DELETE FROM session WHERE hash = ?", (_hash(request.cookies.get(COOKIE, "")),))

    def _sealed(self, text: str, owner: bytes) -> bytes:
        nonce = self._random(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, text.encode(), owner)

    def _open(self, sealed: bytes, owner: bytes) -> str | None:
        try:
            return self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner).decode()
        except InvalidTag:  # sealed under a key that is gone: as good as signed out
            return None


def _claims(token: str) -> dict[str, Any]:
    """What a token of ours says; the client verified it when it came."""
    try:
        return parse_object(unbase64url(token.split(".")[1]))
    except (IndexError, ValueError):
        return {}


def _kept(tokens: Tokens) -> Tokens:
    """The tokens that a session keeps: an elevated one is left out, and a refresh gives the next."""
    elevated = "authorization_details" in _claims(tokens.access_token)
    return replace(tokens, access_token="") if elevated and tokens.refresh_token else tokens


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _set(response: Response, name: str, secret: str) -> None:
    response.set_cookie(name, secret, path="/", secure=True, httponly=True, samesite="lax")
