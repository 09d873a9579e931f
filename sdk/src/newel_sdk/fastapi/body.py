"""The body of a request, read within limits (docs/sdk.md)."""

from fastapi import Request

from newel_sdk.errors import InputRefused
from newel_sdk.guard.body import FORM, JSON, MAX_BYTES, media_type, parse_body
from newel_sdk.guard.check import Parsed

MOST_DIGITS = 20
"""Of a stated length; int() refuses what is much longer."""


def too_long(length: str) -> bool:
    """Whether a Content-Length states more than is read, or no length."""
    return not length.isascii() or not length.isdigit() or len(length) > MOST_DIGITS or int(length) > MAX_BYTES


async def _read(request: Request) -> bytes:
    if "transfer-encoding" in request.headers or too_long(request.headers.get("content-length", "0")):
        raise InputRefused(f"the request is over {MAX_BYTES} bytes, or does not state its length")
    return await request.body()


async def parsed_body(request: Request) -> Parsed:
    """The body's values. InputRefused where it is too large, or of no kind that is read."""
    return parse_body(request.headers.get("content-type", ""), await _read(request))


def readable(request: Request) -> bool:
    """Whether the body is of a kind whose values are read."""
    return media_type(request.headers.get("content-type", "")) in {FORM, JSON}
