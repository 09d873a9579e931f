"""/par: pushed authorization requests (RFC 9126)."""

from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.errors import InvalidRequest, ProtocolError
from newel.flows.client_authentication import authenticate
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.oauth.checks import Incoming, check
from newel.oauth.errors import refused
from newel.oauth.redirect import matches_redirect
from newel.services import Services
from newel.storage.base import Unit
from newel.storage.sql.pushed import add_pushed
from newel.storage.sql.pushed import pushed as pushed_query

PREFIX = "urn:ietf:params:oauth:request_uri:"
CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


async def par_endpoint(services: Services, request: Request) -> Response:
    """Check and keep a request; answer 201 with its request_uri."""
    try:
        client = await authenticate(
            services, request.form, request.headers.get("authorization"), endpoint=f"{services.config.issuer}/par"
        )
        checked = await _checked(services, client, request)
    except ProtocolError as error:
        return refused(error)
    identifier, lives = services.new_id(), services.config.lives.pushed_request
    await services.store.commit(Unit((add_pushed(identifier, client.id, checked, services.now() + lives),)))
    return json({"request_uri": f"{PREFIX}{identifier}", "expires_in": lives}, status=201)


async def _checked(services: Services, client: Client, request: Request) -> AuthorizationRequest:
    values = {name: value for name, value in request.form.items() if name not in CREDENTIALS}
    if request.query:
        raise InvalidRequest("parameters go into the body")
    if "request_uri" in values:
        raise InvalidRequest("request_uri cannot be pushed")
    redirect_uri = values.get("redirect_uri")
    if redirect_uri is None or not matches_redirect(client.redirect_uris, redirect_uri):
        raise InvalidRequest("redirect_uri is not registered for this client")
    incoming = Incoming(values=values, repeated=request.repeated, resources=request.lists.get("resource", ()))
    return await check(services, client, incoming, redirect_uri)


def pushed_id(request_uri: str | None) -> str | None:
    """The identifier inside one of our request_uris; None for anything else."""
    return request_uri.removeprefix(PREFIX) if request_uri and request_uri.startswith(PREFIX) else None


async def pushed_request(services: Services, client: Client, identifier: str) -> AuthorizationRequest | None:
    """The request this client pushed, while it lives and no answer was given, be it a no; a look at it does not use it up."""
    row = await services.store.one(pushed_query(identifier))
    if row is None or row.client_id != client.id or row.used_at is not None or row.expires_at <= services.now():
        return None
    return row.request
