"""/access/v1/reservations/release: what was reserved and not executed counts no longer; once, by the same client."""

from collections.abc import Mapping
from typing import Any

from newel.flows.evaluate import release
from newel.flows.inquiry import Inquiry
from newel.http.errors import RequestError
from newel.pdp.reading import MOST_KEY, Malformed

MOST_REASON = 500


async def release_reservation(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """Whether it was released: RequestError 404 for a key that is unknown, another client's, or released before."""
    key, reason = _text(body, "reservation", MOST_KEY), _text(body, "reason", MOST_REASON)
    if not await release(inquiry, key, reason):
        raise RequestError(404, "there is no such reservation to release", error="not_found")
    return {"released": True}


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise Malformed(f"{name} must be a string of 1 to {most} characters")
    return value
