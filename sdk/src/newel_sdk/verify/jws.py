"""One compact JWS, read one way only (RFC 7515 section 5.2, RFC 8725).

1. Three canonical base64url parts within the limit. 2. A header of known members: nothing in it may bring a key or an
extension. 3. `alg` is on the caller's list and on the key's own. 4. `typ` is what the caller expects. 5. The signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from newel_sdk.encoding import parse_object, unbase64url
from newel_sdk.errors import TokenRefused
from newel_sdk.jwks.algorithm import ALGORITHMS, ASYMMETRIC
from newel_sdk.jwks.key import VerificationKey
from newel_sdk.jwks.key_set import KeySet
from newel_sdk.verify.signature import check_signature

MAX_BYTES = 16_384
MAX_HEADER_DEPTH = 4
# x5t and x5t#S256 only name a key and are not used; jku, jwk, x5u, x5c bring one, crit and b64 change the reading.
HEADER_MEMBERS = frozenset({"alg", "kid", "typ", "cty", "x5t", "x5t#S256"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedJws:
    """A signature that held: the protected header, the payload's bytes and the key."""

    header: Mapping[str, Any]
    payload: bytes
    key: VerificationKey


@lru_cache(maxsize=256)
def _header(part: str) -> Mapping[str, Any]:
    try:
        members = parse_object(unbase64url(part), max_depth=MAX_HEADER_DEPTH)
    except ValueError as problem:
        raise TokenRefused(f"header: {problem}") from problem
    if strange := members.keys() - HEADER_MEMBERS:
        raise TokenRefused(f"header member {min(strange)!r} is refused")
    if not all(isinstance(value, str) for value in members.values()):
        raise TokenRefused("header: a member is not a text")
    return MappingProxyType(members)


def _split(compact: str, limit: int) -> tuple[str, str, str]:
    if len(compact) > limit:
        raise TokenRefused(f"over {limit} bytes")
    parts = compact.split(".")
    if len(parts) != 3:  # ruff: ignore[magic-value-comparison] - RFC 7515 section 7.1
        raise TokenRefused("not a compact JWS")
    return parts[0], parts[1], parts[2]


def _normal_type(typ: str) -> str:
    # RFC 7515 section 4.1.9: without a slash, "application/" is to be read in front; media types ignore case.
    lowered = typ.lower()
    return lowered.removeprefix("application/")


def unverified_kid(compact: str) -> str | None:
    """Read which key a JWS names, to know which to fetch; raises TokenRefused when it cannot be read."""
    kid = _header(_split(compact, MAX_BYTES)[0]).get("kid")
    return kid if isinstance(kid, str) else None


def verify_jws(
    compact: str,
    *,
    keys: KeySet,
    algorithms: frozenset[str] = ASYMMETRIC,
    types: frozenset[str] | None = None,
    limit: int = MAX_BYTES,
) -> VerifiedJws:
    """Return what was signed, or raise TokenRefused.

    `types`: the acceptable `typ` values, lower case and without "application/"; an empty text allows it to be absent;
    None accepts any.
    """
    protected, body, mac = _split(compact, limit)
    header = _header(protected)
    alg = header.get("alg")
    if alg is None or alg not in algorithms or alg not in ALGORITHMS:
        raise TokenRefused(f"algorithm {alg!r} is refused")
    if types is not None and _normal_type(header.get("typ", "")) not in types:
        raise TokenRefused(f"type {header.get('typ')!r} is refused")
    key = keys.find(header.get("kid"), alg)
    try:
        payload, signature = unbase64url(body), unbase64url(mac)
    except ValueError as problem:
        raise TokenRefused(str(problem)) from problem
    check_signature(ALGORITHMS[alg], key.material, signature, f"{protected}.{body}".encode("ascii"))
    return VerifiedJws(header=header, payload=payload, key=key)
