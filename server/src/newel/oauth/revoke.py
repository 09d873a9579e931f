"""/revoke (RFC 7009): 200 for whatever is no longer valid afterwards, also for the unknown."""

from newel.domain.errors import InvalidRequest, ProtocolError
from newel.flows.client_authentication import authenticate
from newel.flows.revoke import revoke
from newel.http.request import Request
from newel.http.responses import Response, empty
from newel.oauth.errors import refused
from newel.services import Services


async def revoke_endpoint(services: Services, request: Request) -> Response:
    """Take back a token of the calling client."""
    try:
        if request.repeated or "token" not in request.form:
            raise InvalidRequest("exactly one token is required")
        client = await authenticate(
            services, request.form, request.headers.get("authorization"), endpoint=f"{services.config.issuer}/revoke"
        )
    except ProtocolError as error:
        return refused(error)
    await revoke(services, client, request.form["token"])
    return empty(200)
