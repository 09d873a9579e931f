"""Validation of an ID token (OpenID Connect Core 1.0 section 3.1.3.7)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newel_sdk.encoding import base64url, parse_object
from newel_sdk.errors import TokenRefused
from newel_sdk.jwks.algorithm import ALGORITHMS
from newel_sdk.jwks.key_set import KeySet
from newel_sdk.verify.jws import verify_jws

# Never at+jwt: an access token must not pass for an ID token (RFC 8725 section 3.11).
TYPES = frozenset({"", "jwt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """Who signed in, in which session, how; missing values are the weakest."""

    subject: str
    lineage: str
    acr: str
    auth_time: int


def verify_id_token(
    token: str,
    *,
    keys: KeySet,
    issuer: str,
    client_id: str,
    now: int,
    nonce: str | None,
    access_token: str = "",
    max_age: int | None = None,
    leeway: int = 5,
) -> IdToken:
    """Return a believed ID token; `nonce` None only where none was sent (a refresh). Raises TokenRefused."""
    verified = verify_jws(token, keys=keys, types=TYPES)
    try:
        claims = parse_object(verified.payload)
    except ValueError as problem:
        raise TokenRefused(f"ID token: {problem}") from problem
    _check_parties(claims, issuer=issuer, client_id=client_id)
    issued_at, expires_at = _seconds(claims, "iat"), _seconds(claims, "exp")
    if not issued_at - leeway <= now < expires_at + leeway:
        raise TokenRefused("ID token: not in force")
    stated = claims.get("nonce")
    if nonce is not None and not (isinstance(stated, str) and hmac.compare_digest(stated.encode(), nonce.encode())):
        raise TokenRefused("ID token: not for this request (nonce)")
    if "at_hash" in claims and claims["at_hash"] != _at_hash(access_token, verified.header["alg"]):
        raise TokenRefused("ID token: issued with another access token (at_hash)")
    auth_time = _seconds(claims, "auth_time", 0)
    # Section 3.1.2.1: when max_age was asked, auth_time must be there and recent.
    if max_age is not None and auth_time + max_age + leeway < issued_at:
        raise TokenRefused("ID token: older evidence than was asked for (auth_time)")
    return IdToken(
        subject=_text(claims, "sub"),
        lineage=_text(claims, "sid", ""),
        acr=_text(claims, "acr", ""),
        auth_time=auth_time,
    )


def _check_parties(claims: Mapping[str, Any], *, issuer: str, client_id: str) -> None:
    audience = claims.get("aud")
    if claims.get("iss") != issuer:
        raise TokenRefused("ID token: from another issuer")
    if audience not in (client_id, [client_id]) and not (isinstance(audience, list) and client_id in audience):
        raise TokenRefused("ID token: for another client")
    authorized = claims.get("azp", None if isinstance(audience, list) and len(audience) > 1 else client_id)
    if authorized != client_id:
        raise TokenRefused("ID token: authorized for another client (azp)")


def _at_hash(access_token: str, alg: str) -> str:
    # Section 3.1.3.6: the left half of the hash of the algorithm; Ed25519 uses SHA-512.
    chosen = ALGORITHMS[alg].hash
    digest = hashlib.new(chosen.name if chosen else "sha512", access_token.encode("ascii", "replace")).digest()
    return base64url(digest[: len(digest) // 2])


def _text(claims: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = claims.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise TokenRefused(f"ID token: {name} is not a text")
    return value


def _seconds(claims: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = claims.get(name, default)
    if type(value) is not int:
        raise TokenRefused(f"ID token: {name} is not a time in whole seconds")
    return value
