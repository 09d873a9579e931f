"""Client authentication at the token, PAR, introspection and revocation endpoints.

Exactly one method, the registered one (RFC 6749 section 2.3). An assertion is verified under the client's own keys and
used once (RFC 7523): its jti is spent by one conditional statement.
"""

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import unquote_plus

from newel.crypto import base64url, jwt
from newel.crypto.hashing import equal, secret_hash
from newel.crypto.jwk import KeyRefused
from newel.crypto.strict_json import loads_object
from newel.domain.client import Authentication, Client
from newel.domain.errors import InvalidClient, InvalidRequest
from newel.domain.value import dataclass
from newel.flows.known import client_keys, known_client
from newel.services import Services
from newel.storage.base import Refused, Unit
from newel.storage.sql.limits import spend

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIVES = 300
UNKNOWN = "the client could not be authenticated"


@dataclass(frozen=True, slots=True)
class Presented:
    """The credentials a request carried: the method they belong to, whose they are, and the secret or assertion."""

    method: Authentication
    client_id: str
    unverified_secret: str = ""


def read_credentials(form: Mapping[str, str], authorization: str | None) -> Presented:
    """What the request presents. InvalidRequest for more than one method, InvalidClient for what cannot be read."""
    found: list[Presented] = []
    if authorization is not None:
        found.append(_basic(authorization))
    if "client_assertion" in form or "client_assertion_type" in form:
        found.append(_assertion(form))
    if "client_secret" in form:
        found.append(Presented(Authentication.POST, form.get("client_id", ""), form["client_secret"]))
    if len(found) > 1:
        raise InvalidRequest("more than one client authentication method")
    presented = found[0] if found else Presented(Authentication.NONE, form.get("client_id", ""))
    named = form.get("client_id")
    if not presented.client_id or (named is not None and named != presented.client_id):
        raise InvalidClient(UNKNOWN)
    return presented


async def authenticate(
    services: Services, form: Mapping[str, str], authorization: str | None, *, endpoint: str
) -> Client:
    """The client that a request proves to be. `endpoint` is the exact address called."""
    presented = read_credentials(form, authorization)
    client = await known_client(services, presented.client_id)
    if client is None or client.authentication is not presented.method:
        raise InvalidClient(UNKNOWN)
    if client.public:
        return client
    if client.authentication is Authentication.PRIVATE_KEY_JWT:
        await _verify_assertion(services, client, presented.unverified_secret, endpoint)
    elif not equal(secret_hash(presented.unverified_secret), client.secret_hash):
        raise InvalidClient(UNKNOWN)
    return client


def _basic(authorization: str) -> Presented:
    """RFC 6749 section 2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("the Authorization header must be Basic here")
    try:
        name, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, or not UTF-8 inside
        raise InvalidClient(UNKNOWN) from None
    if not colon:
        raise InvalidClient(UNKNOWN)
    return Presented(Authentication.BASIC, unquote_plus(name), unquote_plus(secret))


def _assertion(form: Mapping[str, str]) -> Presented:
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise InvalidRequest("client_assertion goes with client_assertion_type jwt-bearer")
    assertion = form["client_assertion"]
    return Presented(Authentication.PRIVATE_KEY_JWT, form.get("client_id") or _unverified_issuer(assertion), assertion)


def _unverified_issuer(assertion: str) -> str:
    """Whose assertion it says it is: only to find the keys that verify it."""
    try:
        claims = loads_object(base64url.decode(assertion.split(".")[1]))
    except (ValueError, IndexError):
        return ""
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else ""


async def _verify_assertion(services: Services, client: Client, assertion: str, endpoint: str) -> None:
    now = services.now()
    try:
        keys = client_keys(services, client)
        claims = jwt.verify(
            assertion, keys, algorithms=jwt.ASYMMETRIC, typ=("jwt", "client-authentication+jwt", None), now=now
        )
    except (jwt.TokenRefused, KeyRefused) as refused:
        raise InvalidClient(UNKNOWN) from refused
    jti, exp = claims.get("jti"), claims.get("exp")
    whose = claims.get("iss") == client.id and claims.get("sub") == client.id
    if not (whose and isinstance(jti, str) and jti and isinstance(exp, int) and exp <= now + ASSERTION_LIVES):
        raise InvalidClient(UNKNOWN)
    if not _for_us(services, client, claims.get("aud"), endpoint):
        raise InvalidClient(UNKNOWN)
    outcome = await services.store.commit(Unit((spend("assertion", f"{client.id}:{jti}", exp + 60),)))
    if isinstance(outcome, Refused):
        raise InvalidClient("the assertion was used before")


def _for_us(services: Services, client: Client, audience: object, endpoint: str) -> bool:
    """The issuer; unless the client is marked strict also the address called and the token endpoint, alone in a list."""
    issuer = services.config.issuer
    if client.strict_audience:
        return audience == issuer
    ours = {issuer, endpoint, f"{issuer}/token"}
    named = audience if isinstance(audience, list) else [audience]
    return bool(named) and all(isinstance(each, str) and each in ours for each in named)
