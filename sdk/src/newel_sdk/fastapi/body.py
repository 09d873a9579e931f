"""The body of a request, read within limits (docs/sdk.md)."""

from fastapi import Request

from newel_sdk.errors import InputRefused
from newel_sdk.guard.body import FORM, JSON, MAX_BYTES, media_type, parse_body
from newel_sdk.guard.check import Parsed


async def _read(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdigit() or int(length) > MAX_BYTES:
        raise InputRefused(f"the request is over {MAX_BYTES} bytes, or does not state its length")
    return await request.body()


async def parsed_body(request: Request) -> Parsed:
    """The body's values. InputRefused where it is too large, or of no kind that is read."""
    return parse_body(request.headers.get("content-type", ""), await _read(request))


def readable(request: Request) -> bool:
    """Whether the body is of a kind whose values are read."""
    return media_type(request.headers.get("content-type", "")) in {FORM, JSON}
