"""grant_type=refresh_token (RFC 6749 section 6)."""

from typing import Any

from newel.domain.client import Client
from newel.domain.errors import InvalidRequest
from newel.flows.redeem import refresh
from newel.http.request import Request
from newel.oauth.grants.answer import answer
from newel.services import Services


async def refresh_token(services: Services, client: Client, request: Request) -> dict[str, Any]:
    """New tokens of a refresh token."""
    form = request.form
    if "refresh_token" not in form:
        raise InvalidRequest("refresh_token is missing")
    resources = request.lists.get("resource", ())
    return answer(await refresh(services, client, form["refresh_token"], form.get("scope"), resources))
