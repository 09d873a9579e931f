"""The standard library's HTTP in a thread: direct, no redirects, a size limit and a time limit."""

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from newel_sdk.errors import FetchFailed
from newel_sdk.fetch.base import Response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Hand the 3xx answer back as it is: the next address would be the other party's choice."""
        return


def check_address(url: str) -> None:
    """Refuse anything but https, and http on the loopback names (RFC 8252 section 8.3)."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return
    raise FetchFailed(f"refused address {url!r}: https, or http on this machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardFetch:
    """A Fetch over urllib; `timeout` in seconds is for the whole exchange, `limit` in bytes for the body."""

    timeout: float = 5.0
    limit: int = 262_144
    _opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect()), repr=False
    )

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send and wait for the whole answer."""
        check_address(url)
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._exchange, method, url, headers, body), self.timeout)
        except TimeoutError as problem:
            raise FetchFailed(f"{url}: no answer within {self.timeout} s") from problem

    def _exchange(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> Response:
        request = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)  # ruff: ignore[suspicious-url-open-usage] - check_address saw it
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return self._read(url, answer.status, answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return self._read(url, answer.code, answer)
        except (OSError, http.client.HTTPException) as problem:
            raise FetchFailed(f"{url}: {problem}") from problem

    def _read(self, url: str, status: int, answer: Any) -> Response:
        body = answer.read(self.limit + 1)
        if len(body) > self.limit:
            raise FetchFailed(f"{url}: answer over {self.limit} bytes")
        return Response(status=status, headers={k.lower(): v for k, v in answer.headers.items()}, body=body)
