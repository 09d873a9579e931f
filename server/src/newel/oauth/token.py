"""/token: the client is authenticated, then its grant type answers (RFC 6749 section 5)."""

from typing import Any

from newel.domain.errors import InvalidRequest, ProtocolError, UnsupportedGrantType
from newel.flows.client_authentication import authenticate
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.oauth.errors import refused
from newel.oauth.grants.table import GRANTS
from newel.services import Services


async def token_endpoint(services: Services, request: Request) -> Response:
    """Exchange a grant for tokens."""
    try:
        return json(await _exchange(services, request))
    except ProtocolError as error:
        return refused(error)


async def _exchange(services: Services, request: Request) -> dict[str, Any]:
    if request.repeated:
        raise InvalidRequest(f"a parameter came twice: {min(request.repeated)[:40]}")
    if request.query:
        raise InvalidRequest("parameters go into the body")
    client = await authenticate(
        services, request.form, request.headers.get("authorization"), endpoint=f"{services.config.issuer}/token"
    )
    grant = GRANTS.get(request.form.get("grant_type", ""))
    if grant is None:
        raise UnsupportedGrantType("grant_type is authorization_code or refresh_token")
    return await grant(services, client, request)
