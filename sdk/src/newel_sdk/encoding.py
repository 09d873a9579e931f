"""Strict base64url and JSON: one text has one meaning, or it is refused.

Everything here raises ValueError; callers say what the text was for.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

MAX_DEPTH = 16
# From the URL-safe alphabet to the standard one, whose own two signs become a sign that neither knows.
_STANDARD = bytes.maketrans(b"-_+/", b"+/!!")


def base64url(data: bytes) -> str:
    """Encode as RFC 7515 section 2 says: no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unbase64url(text: str) -> bytes:
    """Decode RFC 7515 base64url; padding, white space, other alphabets and loose trailing bits are refused."""
    try:
        standard = text.encode("ascii").translate(_STANDARD)
        data = binascii.a2b_base64(standard + b"=" * (-len(standard) % 4))
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise ValueError("not base64url") from problem
    # Encoding again is the whole test: the decoder skips what it does not know, the encoder has one answer.
    if binascii.b2a_base64(data, newline=False).rstrip(b"=") != standard:
        raise ValueError("not canonical base64url")
    return data


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member appears twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def depth(value: Any) -> int:
    """Count nested objects and arrays; a scalar has depth 0."""
    if isinstance(value, Mapping):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list | tuple):
        return 1 + max(map(depth, value), default=0)
    return 0


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constant)


def parse_json(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Any:
    """Read RFC 8259 JSON in UTF-8; duplicate members, NaN, lone surrogates and deep nesting are refused."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem
    if text.count("{") + text.count("[") > max_depth and depth(value) > max_depth:
        raise ValueError("nested too deep")
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate has no encoding: ValueError
    return value


def parse_object(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Read JSON that must be an object."""
    value = parse_json(data, max_depth=max_depth)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # ruff: ignore[type-check-without-type-error] - one exception class for every malformed text
    return value
