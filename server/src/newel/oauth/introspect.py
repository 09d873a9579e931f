"""/introspect (RFC 7662): for authenticated callers; anything wrong is exactly {"active": false}."""

from newel.domain.client import Client
from newel.domain.errors import InvalidClient, InvalidRequest, ProtocolError
from newel.flows.bearer import standing_refresh, standing_token
from newel.flows.client_authentication import authenticate
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.oauth.errors import refused
from newel.services import Services


async def introspect_endpoint(services: Services, request: Request) -> Response:
    """What an active token says, to its client, its audience, or a client that may introspect."""
    try:
        if request.repeated or "token" not in request.form:
            raise InvalidRequest("exactly one token is required")
        client = await authenticate(
            services,
            request.form,
            request.headers.get("authorization"),
            endpoint=f"{services.config.issuer}/introspect",
        )
        if client.public:
            raise InvalidClient("introspection is for clients with a credential")
    except ProtocolError as error:
        return refused(error)
    token = request.form["token"]
    found = await standing_token(services, token)
    if found is not None and _may_see(client, found.claims):
        return json({"active": True, "token_type": "Bearer", **found.claims})
    refresh = None if found is not None else await standing_refresh(services, token)
    if refresh is not None and refresh["client_id"] == client.id:
        return json({"active": True, **refresh})
    return json({"active": False})


def _may_see(client: Client, claims: dict[str, object]) -> bool:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return client.introspects or claims.get("client_id") == client.id or client.id in named or client.audience in named
