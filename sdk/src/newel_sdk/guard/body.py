"""The values of a request, read strictly: what could be read two ways is refused (RFC 9110 section 8.3)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from newel_sdk.encoding import parse_object
from newel_sdk.errors import InputRefused

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAX_BYTES = 65_536
MAX_FIELDS = 200
MAX_DEPTH = 8


def media_type(content_type: str) -> str:
    """Return the type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def _form(body: bytes) -> dict[str, str]:
    text = body.decode("ascii")
    if not text:
        return {}
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_FIELDS)
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a field appears twice")
    return members


def parse_body(content_type: str, body: bytes) -> Mapping[str, Any]:
    """Read a form or a JSON object of at most 64 KiB; raises InputRefused."""
    if len(body) > MAX_BYTES:
        raise InputRefused(f"the request is over {MAX_BYTES} bytes")
    kind = media_type(content_type)
    try:
        if kind == FORM:
            return _form(body)
        if kind == JSON:
            return parse_object(body, max_depth=MAX_DEPTH)
    except ValueError as problem:
        raise InputRefused(f"the request cannot be read: {problem}") from problem
    raise InputRefused(f"the content type {kind or 'missing'!r} is not read here; send a form or JSON")
