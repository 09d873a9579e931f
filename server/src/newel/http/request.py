"""A request as a value, read once and strictly: each name once, UTF-8 without errors, everything bounded (S19, S35)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

from newel.domain.value import dataclass
from newel.http.cookies import parse_cookies
from newel.http.errors import RequestError

MAY_REPEAT = frozenset({"resource", "audience"})  # RFC 8707, RFC 8693
ONCE_ONLY = frozenset({"authorization", "content-length", "content-type", "dpop", "host", "origin", "sec-fetch-site"})
FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 200

UNREADABLE = re.compile(rb"%(?:00|(?![0-9A-Fa-f]{2}))")
EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. A name's value is its first; `repeated` holds the names that came twice within query or form.

    Names with an empty value count as omitted (RFC 6749 §3.1). `lists` holds every value of the names that may repeat.
    `headers` and their names are lower-case; `client_address` is the peer's.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    client_address: str = ""
    body: bytes = b""
    path_params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A parsed query or form."""

    values: Mapping[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NO_PARAMETERS = Parameters()


def parse_parameters(data: bytes) -> Parameters:
    """Read application/x-www-form-urlencoded bytes; RequestError 400 for what is not UTF-8, malformed or too many."""
    if not data:
        return NO_PARAMETERS
    if b"\x00" in data or UNREADABLE.search(data):
        raise RequestError(400, "a NUL character, or a percent sign without two hexadecimal digits")
    try:
        pairs = _pairs(data.replace(b"+", b" ").decode())
    except UnicodeDecodeError:
        raise RequestError(400, "parameters are UTF-8") from None
    if len(pairs) > MAX_PARAMETERS:
        raise RequestError(400, "too many parameters")
    values = dict(pairs)
    if len(values) == len(pairs) and all(values.values()) and MAY_REPEAT.isdisjoint(values):
        return Parameters(values)
    return _with_repeats(pairs)


def _with_repeats(pairs: list[tuple[str, str]]) -> Parameters:
    lists: dict[str, tuple[str, ...]] = {}
    repeated: set[str] = set()
    seen: set[str] = set()
    for name, value in pairs:
        if name in MAY_REPEAT:
            lists[name] = (*lists.get(name, ()), *((value,) if value else ()))
        elif name in seen:
            repeated.add(name)
        seen.add(name)
    values = {name: value for name, value in reversed(pairs) if value}
    return Parameters(values, frozenset(repeated), lists)


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for each in text.split("&"):
        name, _, value = each.partition("=")
        if "%" in each:
            name, value = _unquote(name), _unquote(value)
        if each:
            pairs.append((name, value))
    return pairs


def _unquote(quoted: str) -> str:
    return unquote_to_bytes(quoted).decode()


def read_headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Read the headers of an ASGI scope; RequestError 400 where one that must come once came twice."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    return headers if len(headers) == len(raw) else _with_repeated(raw)


def _with_repeated(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            if name in ONCE_ONLY:
                raise RequestError(400, f"more than one {name} header")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def is_form(content_type: str) -> bool:
    """Tell whether a body is a form; RequestError 415 for one in another character set than UTF-8."""
    if content_type == FORM:
        return True
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != FORM:
        return False
    name, _, charset = parameters.strip().partition("=")
    if name.lower() == "charset" and charset.strip('"').lower() != "utf-8":
        raise RequestError(415, "forms are UTF-8")
    return True


def read_request(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> Request:
    """Make a request of an ASGI scope, its headers and its whole body; RequestError for what cannot be read."""
    query = parse_parameters(scope["query_string"])
    form = parse_parameters(body) if body and is_form(headers.get("content-type", "")) else NO_PARAMETERS
    peer = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=query.values,
        form=form.values,
        repeated=query.repeated | form.repeated if form.repeated else query.repeated,
        lists={**query.lists, **form.lists} if form.lists else query.lists,
        headers=headers,
        cookies=parse_cookies(headers["cookie"]) if "cookie" in headers else EMPTY,
        client_address=peer[0] if peer else "",
        body=body,
        path_params=scope.get("path_params", EMPTY),
    )
