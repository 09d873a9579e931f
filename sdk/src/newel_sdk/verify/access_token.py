"""A JWT access token (RFC 9068 section 4): what never changes is verified once, what does on every call (S27)."""

from newel_sdk.claims import Claims, read_claims
from newel_sdk.errors import TokenRefused
from newel_sdk.jwks.algorithm import ASYMMETRIC
from newel_sdk.jwks.key_set import KeySet
from newel_sdk.verify.jws import verify_jws

TYPES = frozenset({"at+jwt"})
LEEWAY = 5


def verify_token_signature(token: str, *, keys: KeySet, algorithms: frozenset[str] = ASYMMETRIC) -> Claims:
    """Check signature, `typ` and the members' types; says nothing about issuer, audience or time.

    Raises TokenRefused.
    """
    return read_claims(verify_jws(token, keys=keys, algorithms=algorithms, types=TYPES).payload)


def check_claims(claims: Claims, *, issuer: str, audience: str, now: int, leeway: int = LEEWAY) -> None:
    """Check issuer, audience, life and binding of verified claims at `now` (seconds); raises TokenRefused.

    A token bound to a key must not be taken as a bearer token (S28; RFC 9449 section 7.2, RFC 8705 section 3).
    """
    if claims.issuer != issuer:
        raise TokenRefused("from another issuer")
    if audience not in claims.audience:
        raise TokenRefused("for another audience")
    if now >= claims.expires_at + leeway:
        raise TokenRefused("expired")
    if now < claims.not_before - leeway or now < claims.issued_at - leeway:
        raise TokenRefused("not valid yet")
    if claims.key_bound:
        raise TokenRefused("bound to a key, and sent as a bearer token")


def verify_access_token(
    token: str,
    *,
    keys: KeySet,
    issuer: str,
    audience: str,
    now: int,
    leeway: int = LEEWAY,
    algorithms: frozenset[str] = ASYMMETRIC,
) -> Claims:
    """Return the claims of a token that this resource server may believe at `now`; raises TokenRefused."""
    claims = verify_token_signature(token, keys=keys, algorithms=algorithms)
    check_claims(claims, issuer=issuer, audience=audience, now=now, leeway=leeway)
    return claims
