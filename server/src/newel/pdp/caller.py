"""The caller: a registered client with a credential, as at the token endpoint (RFC 6749 section 2.3).

A secret comes as HTTP Basic. A client of `private_key_jwt` sends its assertion (RFC 7523) as `Authorization: Bearer`,
because a JSON body has no place for it; it is for the issuer, the token endpoint or the address called, and used once.
"""

from newel.domain.client import Client
from newel.domain.errors import InvalidClient
from newel.flows.client_authentication import ASSERTION_TYPE, authenticate
from newel.http.request import Request
from newel.services import Services

BEARER = "bearer"


async def caller_of(services: Services, request: Request) -> Client:
    """The client that asks. InvalidClient for anything else."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise InvalidClient("the caller authenticates with its own credential")
    endpoint = services.config.issuer + request.path
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != BEARER:
        return await authenticate(services, {}, authorization, endpoint=endpoint)
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": credential.strip()}
    return await authenticate(services, form, None, endpoint=endpoint)
