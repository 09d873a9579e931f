"""What every endpoint of this room does alike: the caller first, then the body; the request's identifier comes back."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from newel.domain.errors import InvalidClient, ProtocolError
from newel.flows.inquiry import Inquiry
from newel.flows.stated import FactRefused
from newel.http.adapter import Failure, json_failure
from newel.http.errors import RequestError, oauth_error
from newel.http.request import Request
from newel.http.responses import NO_STORE, Header, Response, json
from newel.pdp.caller import caller_of
from newel.pdp.point import Point
from newel.pdp.reading import Malformed

REQUEST_ID = "x-request-id"
LONGEST = 256
A = TypeVar("A")
Endpoint = Callable[[Point, Request], Awaitable[Response]]


def asked(read: Callable[[Request], A], answer: Callable[[Inquiry, A], Awaitable[dict[str, Any]]]) -> Endpoint:
    """The endpoint that answers what it `read` of an authenticated caller's JSON."""

    async def endpoint(point: Point, request: Request) -> Response:
        try:
            inquiry = point.inquiry(await caller_of(point.services, request, point.callers))
            told = await answer(inquiry, read(request))
        except (ProtocolError, Malformed, FactRefused, RequestError) as error:
            return _refused(error).with_headers(*echo(request.headers))
        return json(told, headers=(*NO_STORE, *echo(request.headers)))

    return endpoint


def _refused(error: ProtocolError | Malformed | FactRefused | RequestError) -> Response:
    if isinstance(error, ProtocolError):
        challenge = (("www-authenticate", 'Basic realm="newel"'),) if isinstance(error, InvalidClient) else ()
        return oauth_error(error.code, error.description, status=error.status, headers=challenge)
    if isinstance(error, RequestError):
        return oauth_error(error.error, error.detail, status=error.status)
    return oauth_error("invalid_request", str(error))


def failure(headers: Mapping[str, str], failed: Failure) -> Response:
    """The answer where no endpoint could answer."""
    return json_failure(headers, failed).with_headers(*echo(headers))


def echo(headers: Mapping[str, str]) -> tuple[Header, ...]:
    """The request's identifier, where a header can carry it."""
    sent = headers.get(REQUEST_ID)
    if sent and len(sent) <= LONGEST and sent.isascii() and sent.isprintable():
        return ((REQUEST_ID, sent),)
    return ()
