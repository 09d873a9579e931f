"""JSON Web Tokens in compact form (RFC 7515, 7519, 8725): signed with the server's keys, verified strictly (S26).

`verify` answers three questions and no more: is it one well-formed JWS, did a key of this set sign it with an allowed
algorithm, is it of the expected type and in time. Issuer, audience, subject and single use are the caller's.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from newel.crypto import base64url, strict_json
from newel.crypto.algorithm import ALGORITHMS
from newel.crypto.jwk import KeySet
from newel.crypto.keys import KeyRing, Signer

MAX_TOKEN = 16_384
"""Characters of a token at most (S35); an elevation with its text stays far below."""
MAX_HEADER = 2_048
LEEWAY = 10
"""Seconds by which clocks may differ (FAPI 2.0 Security Profile section 5.3)."""
ASYMMETRIC = frozenset(ALGORITHMS)
_KEY_FROM_OUTSIDE = frozenset({"jku", "jwk", "x5u", "x5c"})
_NOT_UNDERSTOOD = frozenset({"crit", "b64"})
_PARTS = 3
_P256_BYTES = 32
_ECDSA = ec.ECDSA(SHA256())
_PKCS1 = padding.PKCS1v15()
_SHA256 = SHA256()

Reason = Literal[
    "malformed",
    "too_large",
    "foreign_key",
    "extension",
    "algorithm",
    "type",
    "unknown_key",
    "signature",
    "claims",
    "expired",
]


class TokenRefused(ValueError):
    """A token that is not believed; `reason` says which rule it broke and goes to logs, never to whoever sent it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@lru_cache(maxsize=64)
def _header(kid: str, alg: str, typ: str) -> bytes:
    return base64url.encode(msgspec.json.encode({"alg": alg, "kid": kid, "typ": typ})).encode()


def sign(ring: KeyRing, claims: Mapping[str, Any], *, typ: str, alg: str = "ES256") -> str:
    """`claims` as a JWS of type `typ`, signed by the ring's present key for `alg`. LookupError where it has none."""
    signer = ring.signer(alg)
    payload = base64url.encode(msgspec.json.encode(claims)).encode()
    signed = _header(signer.kid, signer.alg, typ) + b"." + payload
    return f"{signed.decode()}.{base64url.encode(_signature(signer, signed))}"


def _signature(signer: Signer, data: bytes) -> bytes:
    if isinstance(signer.private, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(signer.private.sign(data, _ECDSA))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
    return signer.private.sign(data, _PKCS1, _SHA256)


def verify(
    token: str,
    keys: KeySet,
    *,
    algorithms: frozenset[str],
    typ: tuple[str | None, ...],
    now: int | None,
    leeway: int = LEEWAY,
) -> dict[str, Any]:
    """The claims of `token`. TokenRefused unless every check of this module holds.

    `typ` lists the types that are meant, in lower case and without "application/"; None in it allows a header without one. With `now`
    (Unix seconds) exp is required and nbf and iat, if any, must have come; with None, time is ignored, as OpenID Connect
    RP-Initiated Logout section 2 asks for an id_token_hint.
    """
    claims = _object(verify_jws(token, keys, algorithms=algorithms, typ=typ), "claims")
    if now is not None:
        _check_times(claims, now, leeway)
    return claims


def verify_jws(token: str, keys: KeySet, *, algorithms: frozenset[str], typ: tuple[str | None, ...]) -> bytes:
    """The payload of a compact JWS, whatever it is. TokenRefused as in `verify`, apart from claims and times."""
    if len(token) > MAX_TOKEN:
        raise TokenRefused("too_large")
    parts = token.split(".")
    if len(parts) != _PARTS or len(parts[0]) > MAX_HEADER:
        raise TokenRefused("malformed")
    try:
        head, payload, signature = (base64url.decode(part) for part in parts)
    except ValueError:
        raise TokenRefused("malformed") from None
    header = _object(head, "malformed")
    alg = _check_header(header, algorithms, typ)
    key = keys.select(header.get("kid"), alg)
    if key is None:
        raise TokenRefused("unknown_key")
    try:
        ALGORITHMS[alg].check(key.key, signature, token[: len(parts[0]) + len(parts[1]) + 1].encode())
    except InvalidSignature:
        raise TokenRefused("signature") from None
    return payload


def _object(data: bytes, reason: Reason) -> dict[str, Any]:
    try:
        return strict_json.loads_object(data)
    except ValueError:
        raise TokenRefused(reason) from None


def _check_header(header: Mapping[str, Any], algorithms: frozenset[str], typ: tuple[str | None, ...]) -> str:
    """The algorithm of a header whose every member is one that is understood and allowed."""
    if _KEY_FROM_OUTSIDE & header.keys():
        raise TokenRefused("foreign_key")
    if _NOT_UNDERSTOOD & header.keys():
        raise TokenRefused("extension")
    if not isinstance(header.get("kid", ""), str):
        raise TokenRefused("malformed")
    given = header.get("typ")
    named = given.lower().removeprefix("application/") if isinstance(given, str) else given
    if named not in typ:
        raise TokenRefused("type")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in algorithms or alg not in ALGORITHMS:
        raise TokenRefused("algorithm")
    return alg


def _check_times(claims: Mapping[str, Any], now: int, leeway: int) -> None:
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    for value in times.values():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise TokenRefused("claims")
    if "exp" not in times:
        raise TokenRefused("claims")
    if now >= times["exp"] + leeway or any(times.get(name, now) > now + leeway for name in ("nbf", "iat")):
        raise TokenRefused("expired")
