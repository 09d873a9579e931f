"""Responses as values."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from newel.domain.value import dataclass

Header = tuple[str, str]

NO_STORE: tuple[Header, ...] = (("cache-control", "no-store"),)
UNSAFE_IN_LOCATION = re.compile(r"[^\x21-\x7e]")

json_bytes = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers in lower case, and a body. The length is added where it is sent."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def with_headers(self, *headers: Header) -> "Response":
        """Give the same response with more headers."""
        return Response(self.status, (*self.headers, *headers), self.body)


def html(text: str, *, status: int = 200, headers: Sequence[Header] = ()) -> Response:
    """Build a page; its headers come from `newel.http.headers.page_headers`."""
    return Response(status, (("content-type", "text/html; charset=utf-8"), *headers), text.encode())


def json(
    value: Mapping[str, object] | Sequence[object],
    *,
    status: int = 200,
    headers: Sequence[Header] = NO_STORE,
    media_type: str = "application/json",
) -> Response:
    """Build a JSON answer; not to be stored unless `headers` say otherwise."""
    return Response(status, (("content-type", media_type), *headers), json_bytes(value))


def redirect(location: str, *, status: int = 303, headers: Sequence[Header] = ()) -> Response:
    """Build a redirect that is never stored; 303 turns a POST into a GET, 307 would repeat it (RFC 9700 §4.12).

    ValueError if the location holds a space, a control character or anything beyond ASCII.
    """
    if UNSAFE_IN_LOCATION.search(location):
        raise ValueError("a location is printable ASCII without spaces")
    return Response(status, (("location", location), ("referrer-policy", "no-referrer"), *NO_STORE, *headers))


def empty(status: int = 204, *, headers: Sequence[Header] = NO_STORE) -> Response:
    """Build an answer without a body."""
    return Response(status, tuple(headers))
