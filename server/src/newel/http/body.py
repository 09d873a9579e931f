"""JSON bodies, with limits on size and depth and each member once (S35)."""

import json
import re
from typing import Any

from newel.http.errors import RequestError
from newel.http.request import Request

BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


def read_json(request: Request, *, size: int = 65_536, depth: int = 8) -> Any:
    """Read a JSON body: at most `size` bytes and `depth` levels, UTF-8, no member twice, no NaN.

    RequestError 400, 413 or 415 otherwise.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise RequestError(415, "the body is application/json")
    if len(request.body) > size:
        raise RequestError(413, "the body is too large")
    if too_deep(request.body, depth):
        raise RequestError(400, "the body is nested too deeply")
    try:
        return json.loads(request.body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except ValueError:
        raise RequestError(400, "the body is not JSON") from None


def too_deep(data: bytes, depth: int) -> bool:
    """Tell whether brackets outside strings nest deeper than `depth`."""
    level = 0
    for token in BRACKETS.finditer(data):
        first = token[0][:1]
        if first in b"[{":
            level += 1
            if level > depth:
                return True
        elif first in b"]}":
            level -= 1
    return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
