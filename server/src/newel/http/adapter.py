"""From ASGI to `async def endpoint(services, request) -> Response` and back, one adapter per route."""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from newel.domain.value import dataclass
from newel.http.errors import RequestError, oauth_error
from newel.http.request import Request, read_headers, read_request
from newel.http.responses import Header, Response

S = TypeVar("S")
Endpoint = Callable[[S, Request], Awaitable[Response]]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_LIMIT = 65_536
MOST_DIGITS = 20
"""Of a declared length; a longer one is no size that any body has, and int() refuses what is much longer."""
CLOSE: Header = ("connection", "close")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no endpoint answered: a status, a registered code, a sentence, and the record's number where one was made."""

    status: int
    error: str
    detail: str
    record: str | None = None


Failed = Callable[[Mapping[str, str], Failure], Response]
"""Builds the answer to a failure, given the request's headers (empty where they could not be read)."""


class DisconnectedError(Exception):
    """The peer went away before its request was complete."""


def record_number(entropy: bytes) -> str:
    """Give a number to quote to the help desk, such as 7F3A-91C2, of four random bytes."""
    digits = entropy[:4].hex().upper()
    return f"{digits[:4]}-{digits[4:]}"


def json_failure(_headers: Mapping[str, str], failure: Failure) -> Response:
    """Answer a program: the code and the sentence, and for a fault of ours the record's number."""
    more: dict[str, Any] = {} if failure.record is None else {"record": failure.record}
    return oauth_error(failure.error, failure.detail, status=failure.status, **more)


class Adapter(Generic[S]):
    """An ASGI application for one route. It limits the body before reading it and answers whatever goes wrong."""

    def __init__(
        self,
        services: S,
        endpoint: Endpoint[S],
        *,
        methods: Sequence[str] = ("GET",),
        limit: int = BODY_LIMIT,
        failed: Failed = json_failure,
        log: logging.Logger,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._services = services
        self._endpoint = endpoint
        self._methods = frozenset({*methods, "HEAD"} if "GET" in methods else methods)
        self._allow: Header = ("allow", ", ".join(sorted(self._methods)))
        self._limit = limit
        self._failed = failed
        self._log = log
        self._entropy = entropy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._answer(scope, receive)
        except DisconnectedError:
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        headers.append((b"content-length", b"%d" % len(response.body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] not in self._methods:
            return self._refuse(
                scope, Failure(405, "invalid_request", "this address does not take that method")
            ).with_headers(self._allow)
        try:
            headers = read_headers(scope["headers"])
            request = read_request(scope, headers, await self._body(headers, receive))
            return await self._endpoint(self._services, request)
        except RequestError as error:
            failure = Failure(error.status, error.error, error.detail)
            refused = self._refuse(scope, failure).with_headers(*error.headers)
            return refused.with_headers(CLOSE) if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else refused
        except DisconnectedError:
            raise
        except Exception:  # ruff: ignore[blind-except] - the last resort is for what nobody foresaw
            return self._last_resort(scope)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > MOST_DIGITS or int(declared) > self._limit:
            raise RequestError(413, "the body is too large")
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise DisconnectedError
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._limit:
                raise RequestError(413, "the body is too large")
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _refuse(self, scope: Scope, failure: Failure) -> Response:
        try:
            headers = read_headers(scope["headers"])
        except RequestError:
            headers = {}
        try:
            return self._failed(headers, failure)
        except Exception:  # ruff: ignore[blind-except] - a broken page must not hide the failure it tells of
            self._log.exception("the page of a failure failed", extra={"record": failure.record})
            return json_failure(headers, failure)

    def _last_resort(self, scope: Scope) -> Response:
        record = record_number(self._entropy(4))
        self._log.exception("endpoint failed", extra={"record": record, "path": scope["path"]})
        return self._refuse(
            scope, Failure(500, "server_error", "something went wrong here and nothing was changed", record)
        )
