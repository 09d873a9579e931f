"""One compact JWS, read one way only (RFC 7515 section 5.2, RFC 8725).

1. Three canonical base64url parts within the limit. 2. A header of known members: nothing in it may bring a key or an
extension. 3. `alg` is on the caller's list and on the key's own. 4. `typ` is what the caller expects. 5. The signature.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

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


class VerifiedJws(NamedTuple):
    """A signature that held: the protected header, the payload's bytes and the key."""

    header: Mapping[str, Any]
    payload: bytes
    key: VerificationKey


class UnverifiedHeader(NamedTuple):
    """A header that may be acted on, whether or not its signature holds; `typ` as it is compared."""

    members: Mapping[str, Any]
    alg: str | None
    kid: str | None
    typ: str


@lru_cache(maxsize=256)
def _unverified_header(part: bytes) -> UnverifiedHeader:
    # Remembered, since every token of a key begins with the same bytes.
    try:
        members = parse_object(unbase64url(part), max_depth=MAX_HEADER_DEPTH)
    except ValueError as problem:
        raise TokenRefused(f"header: {problem}") from problem
    if strange := members.keys() - HEADER_MEMBERS:
        raise TokenRefused(f"header member {min(strange)!r} is refused")
    if not all(isinstance(value, str) for value in members.values()):
        raise TokenRefused("header: a member is not a text")
    # RFC 7515 section 4.1.9: without a slash, "application/" is to be read in front; media types ignore case.
    typ = members.get("typ", "").lower().removeprefix("application/")
    return UnverifiedHeader(MappingProxyType(members), members.get("alg"), members.get("kid"), typ)


def _split(compact: str, limit: int) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the bytes that were signed, and the three parts."""
    if len(compact) > limit:
        raise TokenRefused(f"over {limit} bytes")
    try:
        signed, _, mac = compact.encode("ascii").rpartition(b".")
    except UnicodeEncodeError as problem:
        raise TokenRefused("not a compact JWS") from problem
    protected, dot, body = signed.partition(b".")
    if not dot:
        raise TokenRefused("not a compact JWS")
    # A fourth part would leave a full stop in the second, which is not base64url.
    return signed, protected, body, mac


def unverified_kid(compact: str) -> str | None:
    """Read which key a JWS names, to know which to fetch; raises TokenRefused when it cannot be read."""
    return _unverified_header(_split(compact, MAX_BYTES)[1]).kid


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
    signed, protected, body, mac = _split(compact, limit)
    members, alg, kid, typ = _unverified_header(protected)
    if alg is None or alg not in algorithms or alg not in ALGORITHMS:
        raise TokenRefused(f"algorithm {alg!r} is refused")
    if types is not None and typ not in types:
        raise TokenRefused(f"type {members.get('typ')!r} is refused")
    key = keys.find(kid, alg)
    try:
        payload, signature = unbase64url(body), unbase64url(mac)
    except ValueError as problem:
        raise TokenRefused(str(problem)) from problem
    check_signature(ALGORITHMS[alg], key.material, signature, signed)
    return VerifiedJws(members, payload, key)
