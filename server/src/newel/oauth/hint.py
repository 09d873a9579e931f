"""id_token_hint (OpenID Connect Core section 3.1.2.1): one of our ID tokens for this client, expired or not."""

from newel.crypto import jwt
from newel.domain.client import Client
from newel.domain.errors import InvalidRequest
from newel.flows.known import signing_ring
from newel.services import Services


async def hinted_subject(services: Services, client: Client, unverified: str | None) -> str | None:
    """The subject of a genuine hint; InvalidRequest for one that is not ours or not this client's."""
    if unverified is None:
        return None
    ring = await signing_ring(services)
    try:
        claims = jwt.verify(unverified, ring.key_set, algorithms=jwt.ASYMMETRIC, typ=("jwt", None), now=None)
    except jwt.TokenRefused:
        raise InvalidRequest("id_token_hint is not an ID token of this issuer") from None
    if claims.get("iss") != services.config.issuer or claims.get("aud") not in (client.id, [client.id]):
        raise InvalidRequest("id_token_hint is not for this client")
    return str(claims.get("sub"))
