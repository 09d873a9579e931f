"""Strict base64url and JSON: one text has one meaning, or it is refused.

Everything here raises ValueError; callers say what the text was for.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

MAX_DEPTH = 16
# From the URL-safe alphabet to the standard one; the standard's own signs become one that neither knows.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
# By length modulo 4 (RFC 4648 section 3.5): the signs that may stand last, since their loose bits are zero, and the padding;
# no text ends after one sign.
_ENDS = {1: (b"", b""), 2: (b"AQgw", b"=="), 3: (b"AEIMQUYcgkosw048", b"=")}
_SPACE = " \t\n\r"


def base64url(data: bytes) -> str:
    """Encode as RFC 7515 section 2 says: no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unbase64url(text: str | bytes) -> bytes:
    """Decode RFC 7515 base64url; padding, white space, other alphabets and loose trailing bits are refused."""
    try:
        standard = (text.encode("ascii") if isinstance(text, str) else text).translate(_STANDARD)
        over = len(standard) % 4
        if not over:
            return binascii.a2b_base64(standard, strict_mode=True)
        last, padding = _ENDS[over]
        data = binascii.a2b_base64(standard + padding, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise ValueError("not base64url") from problem
    if standard[-1] not in last:
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
    return _parse(data, max_depth)


def parse_object(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Read JSON that must be an object."""
    value = _parse(data, max_depth)
    if type(value) is not dict:
        raise ValueError("not a JSON object")
    return value


def _parse(data: bytes | str, max_depth: int) -> Any:
    text = (data if isinstance(data, str) else data.decode("utf-8")).lstrip(_SPACE)
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem
    if end != len(text) and text[end:].strip(_SPACE):
        raise ValueError("more than one value")
    if text.count("{") + text.count("[") > max_depth and depth(value) > max_depth:
        raise ValueError("nested too deep")
    if "\\" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate has no encoding: ValueError
    return value
