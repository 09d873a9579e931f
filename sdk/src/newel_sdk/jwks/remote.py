"""The issuer's keys as last seen: fetched on first need, on an unknown `kid` (not more often than the pause) and by epoch."""

import asyncio
from collections.abc import Callable

from newel_sdk.clock import unix_time
from newel_sdk.errors import FetchFailed, KeyRefused
from newel_sdk.fetch.base import Fetch
from newel_sdk.fetch.discovery import discover
from newel_sdk.fetch.standard import StandardFetch
from newel_sdk.jwks.key_set import KeySet, parse_key_set

HTTP_OK = 200


class RemoteKeys:
    """A cached key set of one issuer.

    `pause` (seconds) is the least time between two fetches that unknown kids ask for, so that a flood of invented kids
    costs the issuer nothing; `max_age` (seconds) is when a known set is asked for anew.
    """

    def __init__(
        self,
        issuer: str,
        *,
        jwks_uri: str = "",
        fetch: Fetch | None = None,
        pause: int = 10,
        max_age: int = 3600,
        clock: Callable[[], int] = unix_time,
    ) -> None:
        self.issuer = issuer
        self.fetch: Fetch = fetch or StandardFetch()
        self.current = KeySet(())
        self.generation = 0
        self._jwks_uri, self._pause, self._max_age, self._clock = jwks_uri, pause, max_age, clock
        self._asked_at: int | None = None
        self._lock = asyncio.Lock()

    async def ensure(self, kid: str | None) -> None:
        """Fetch the set when it was never seen, is old, or lacks this kid and the pause has passed.

        A failing fetch leaves the known set as it is; without any set it raises FetchFailed or KeyRefused.
        """
        if not self._due(kid):
            return
        async with self._lock:
            if not self._due(kid):
                return
            try:
                await self._fetch_now()
            except (FetchFailed, KeyRefused):
                if not self.generation:
                    raise

    async def refresh(self) -> None:
        """Fetch the set now, as a moved epoch demands; raises FetchFailed or KeyRefused and keeps the old set."""
        async with self._lock:
            await self._fetch_now()

    def _due(self, kid: str | None) -> bool:
        if self._asked_at is None:
            return True
        waited = self._clock() - self._asked_at
        missing = not self.generation or (kid is not None and not self.current.knows(kid))
        return waited >= (self._pause if missing else self._max_age)

    async def _fetch_now(self) -> None:
        try:
            self.current = await self._fetched()
        finally:
            # Afterwards, so that whoever comes meanwhile waits for this answer instead of going without.
            self._asked_at = self._clock()
        self.generation += 1

    async def _fetched(self) -> KeySet:
        if not self._jwks_uri:
            self._jwks_uri = (await discover(self.fetch, self.issuer)).jwks_uri
        answer = await self.fetch(
            "GET", self._jwks_uri, headers={"Accept": "application/jwk-set+json, application/json"}
        )
        if answer.status != HTTP_OK:
            raise FetchFailed(f"{self._jwks_uri}: status {answer.status}")
        return parse_key_set(answer.body)
