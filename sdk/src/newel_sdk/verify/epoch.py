"""The signed `/epoch`: what was revoked within the life of an access token, and whether the keys moved (S29).

While the issuer cannot be reached the last list stays in force and nothing new is learned: an access token then lives
until its own `exp`, never longer. `stale` says so, for applications that rather refuse.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from newel_sdk.claims import Claims
from newel_sdk.clock import unix_time
from newel_sdk.encoding import parse_object
from newel_sdk.errors import FetchFailed, KeyRefused, TokenRefused
from newel_sdk.jwks.key_set import KeySet
from newel_sdk.jwks.remote import RemoteKeys
from newel_sdk.verify.jws import unverified_kid, verify_jws

TYPES = frozenset({"newel-epoch+jwt"})
MAX_BYTES = 262_144
HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One verified answer; times in seconds."""

    issued_at: int
    expires_at: int
    keys: int
    policy: int
    revocations: int
    revoked_sessions: Mapping[str, int]
    revoked_tokens: frozenset[str]
    revoked_families: frozenset[str]

    def revokes(self, claims: Claims) -> bool:
        """Say whether a token is listed: itself, its family, or its session up to the listed time."""
        ended = self.revoked_sessions.get(claims.sid)
        return (
            (ended is not None and claims.issued_at <= ended)
            or claims.token_id in self.revoked_tokens
            or claims.family in self.revoked_families
        )


def _number(members: Mapping[str, Any], name: str) -> int:
    value = members.get(name)
    if type(value) is not int:
        raise TokenRefused(f"epoch: {name} is not a whole number")
    return value


def _texts(members: Mapping[str, Any], name: str) -> frozenset[str]:
    value = members.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise TokenRefused(f"epoch: {name} is not a list of texts")
    return frozenset(value)


def _sessions(members: Mapping[str, Any]) -> Mapping[str, int]:
    value = members.get("revoked_sessions", [])
    if not isinstance(value, list):
        raise TokenRefused("epoch: revoked_sessions is not a list")
    sessions: dict[str, int] = {}
    for entry in value:
        match entry:
            case [str(sid), int(at)] if sid and at is not True and at is not False:
                sessions[sid] = max(at, sessions.get(sid, 0))
            case _:
                raise TokenRefused("epoch: a revoked session is not [sid, seconds]")
    return sessions


def read_epoch(token: str, *, keys: KeySet, issuer: str, now: int, leeway: int = 5) -> Epoch:
    """Return a verified epoch of this issuer that is in force at `now`; raises TokenRefused."""
    verified = verify_jws(token, keys=keys, types=TYPES, limit=MAX_BYTES)
    try:
        members = parse_object(verified.payload)
    except ValueError as problem:
        raise TokenRefused(f"epoch: {problem}") from problem
    counters = members.get("epoch")
    if members.get("iss") != issuer or not isinstance(counters, dict):
        raise TokenRefused("epoch: from another issuer, or without counters")
    issued_at, expires_at = _number(members, "iat"), _number(members, "exp")
    if not issued_at - leeway <= now < expires_at + leeway:
        raise TokenRefused("epoch: not in force")
    return Epoch(
        issued_at=issued_at,
        expires_at=expires_at,
        keys=_number(counters, "keys"),
        policy=_number(counters, "policy"),
        revocations=_number(counters, "revocations"),
        revoked_sessions=_sessions(members),
        revoked_tokens=_texts(members, "revoked_tokens"),
        revoked_families=_texts(members, "revoked_families"),
    )


class EpochWatch:
    """Asks for the epoch every `interval` seconds (2 by default) and keeps the newest; refreshes the keys when they move."""

    def __init__(self, keys: RemoteKeys, *, interval: float = 2.0, clock: Callable[[], int] = unix_time) -> None:
        self.current: Epoch | None = None
        self._keys, self._interval, self._clock = keys, interval, clock
        self._keys_seen: int | None = None
        self._url = keys.issuer.rstrip("/") + "/epoch"

    @property
    def stale(self) -> bool:
        """Say whether the newest epoch is no longer in force, or none was ever seen."""
        return self.current is None or self._clock() >= self.current.expires_at

    def revokes(self, claims: Claims) -> bool:
        """Say whether the newest epoch lists this token."""
        return self.current is not None and self.current.revokes(claims)

    async def poll(self) -> bool:
        """Ask once; False when nothing could be learned (unreachable, not believed, or older than what is known)."""
        try:
            seen = await self._read()
            # An older answer would bring back what was revoked since.
            if self.current is not None and seen.issued_at < self.current.issued_at:
                return False
            self.current = seen
            await self._follow_keys(seen.keys)
        except (FetchFailed, KeyRefused, TokenRefused):
            return False
        return True

    async def _read(self) -> Epoch:
        answer = await self._keys.fetch("GET", self._url, headers={"Accept": "application/jwt"})
        if answer.status != HTTP_OK:
            raise FetchFailed(f"{self._url}: status {answer.status}")
        token = answer.body.decode("ascii", "replace")
        await self._keys.ensure(unverified_kid(token))
        return read_epoch(token, keys=self._keys.current, issuer=self._keys.issuer, now=self._clock())

    async def _follow_keys(self, counter: int) -> None:
        if self._keys_seen not in {None, counter}:
            await self._keys.refresh()  # when this fails the counter stays behind and the next poll tries again
        self._keys_seen = counter

    async def run(self) -> None:
        """Poll until cancelled; the adapter starts it as a task."""
        while True:
            await self.poll()
            await asyncio.sleep(self._interval)
