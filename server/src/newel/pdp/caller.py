"""The caller: a registered client with a credential, as at the token endpoint (RFC 6749 section 2.3).

A secret comes as HTTP Basic. A client of `private_key_jwt` sends its assertion (RFC 7523) as `Authorization: Bearer`,
because a JSON body has no place for it; it is for the issuer, the token endpoint or the address called, and used once.
"""

import hashlib

from newel.domain.client import Client
from newel.domain.errors import InvalidClient
from newel.flows.client_authentication import ASSERTION_TYPE, authenticate
from newel.flows.known import known_client
from newel.http.request import Request
from newel.services import Services

BEARER = "bearer"
MOST = 1024


class Callers:
    """Headers with a secret that were found to be a client's, by their SHA-256.

    Each stands for the very registration that it was compared with: a client whose registration was read anew, because
    the epoch says that one changed, proves itself anew.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Client] = {}

    def seen(self, digest: bytes) -> Client | None:
        """Whose header this was; it still is where that very registration is the one in force."""
        return self._known.get(digest)

    def keep(self, digest: bytes, client: Client) -> None:
        """Remember a header that was compared."""
        if len(self._known) >= MOST:
            self._known = {}
        self._known[digest] = client


async def caller_of(services: Services, request: Request, callers: Callers) -> Client:
    """The client that asks. InvalidClient for anything else."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise InvalidClient("the caller authenticates with its own credential")
    digest = hashlib.sha256(authorization.encode()).digest()
    known = callers.seen(digest)
    if known is not None and await known_client(services, known.id) is known:
        return known
    endpoint = services.config.issuer + request.path
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() == BEARER:
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": credential.strip()}
        return await authenticate(services, form, None, endpoint=endpoint)
    client = await authenticate(services, {}, authorization, endpoint=endpoint)
    callers.keep(digest, client)
    return client
