"""One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037 section 2), believed only when it is sound and ours to use.

Invariants: the key's own `use`, `key_ops` and `alg` bound what it may verify; RSA has at least 2048 bits; a point lies
on its curve; a symmetric secret is as long as its hash; a private part never arrives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from newel_sdk.encoding import unbase64url
from newel_sdk.errors import KeyRefused, KeyUnusable
from newel_sdk.jwks.algorithm import ALGORITHMS
from newel_sdk.jwks.weak import has_roca_fingerprint

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}

Material = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A key with the only algorithms it may be used with; `material` is bytes for a symmetric secret."""

    kid: str | None
    algorithms: frozenset[str]
    material: Material

    @property
    def symmetric(self) -> bool:
        """Say whether whoever can verify with it can also sign."""
        return isinstance(self.material, bytes)


def parse_key(jwk: Mapping[str, Any], *, symmetric: bool = False) -> VerificationKey:
    """Read one JWK; an `oct` key only where `symmetric` says that a shared secret was meant.

    Raises KeyUnusable for a key of another kind or purpose, KeyRefused for one that is malformed or weak.
    """
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise KeyRefused("kid is not a text")
    if _PRIVATE & jwk.keys():
        raise KeyRefused("a private key was published")
    _check_purpose(jwk)
    permitted = _permitted(jwk)
    material: Material
    match jwk["kty"]:
        case "EC":
            material = _ec(jwk)
        case "RSA":
            material = _rsa(jwk)
        case "OKP":
            material = _okp(jwk)
        case _:
            return _symmetric(jwk, kid, permitted, meant=symmetric)
    return VerificationKey(kid=kid, algorithms=permitted, material=material)


def _permitted(jwk: Mapping[str, Any]) -> frozenset[str]:
    """Return the algorithms of a key's type and curve, or the one it names itself (RFC 7517 section 4.4)."""
    kty, crv, alg = jwk.get("kty"), jwk.get("crv", ""), jwk.get("alg")
    permitted = frozenset(a.name for a in ALGORITHMS.values() if a.kty == kty and crv == a.crv)
    if not permitted:
        raise KeyUnusable(f"key type {kty!r} {crv!r} is not known here")
    if alg is None or (kty == "OKP" and alg in permitted):
        return permitted  # RFC 9864: EdDSA and Ed25519 are two names of one thing for this curve
    if alg not in permitted:
        raise KeyUnusable(f"alg {alg!r} does not belong to this key")
    return frozenset({alg})


def _check_purpose(jwk: Mapping[str, Any]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise KeyUnusable("use is not sig")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or not all(isinstance(operation, str) for operation in operations):
        raise KeyRefused("key_ops is not a list of texts")
    if len(set(operations)) != len(operations):
        raise KeyRefused("key_ops repeats itself")
    if "verify" not in operations:
        raise KeyUnusable("key_ops does not allow verify")


def _member(jwk: Mapping[str, Any], name: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise KeyRefused(f"{name} is missing")
    try:
        return unbase64url(value)
    except ValueError as problem:
        raise KeyRefused(f"{name}: {problem}") from problem


def _ec(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    curve = _CURVES[jwk["crv"]]
    x, y = _member(jwk, "x"), _member(jwk, "y")
    if {len(x), len(y)} != {(curve.key_size + 7) // 8}:
        raise KeyRefused("a coordinate has the wrong length")
    try:
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve).public_key()
    except ValueError as problem:
        raise KeyRefused("the point is not on the curve") from problem


def _rsa(jwk: Mapping[str, Any]) -> rsa.RSAPublicKey:
    n, e = _member(jwk, "n"), _member(jwk, "e")
    if n[:1] in {b"", b"\0"} or e[:1] in {b"", b"\0"}:
        raise KeyRefused("n or e is empty or has a leading zero")
    modulus = int.from_bytes(n)
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        raise KeyRefused(f"RSA key of {modulus.bit_length()} bits")
    if has_roca_fingerprint(modulus):
        raise KeyRefused("RSA key with the mark of CVE-2017-15361")
    try:
        return rsa.RSAPublicNumbers(int.from_bytes(e), modulus).public_key()
    except ValueError as problem:
        raise KeyRefused(f"RSA key: {problem}") from problem


def _okp(jwk: Mapping[str, Any]) -> ed25519.Ed25519PublicKey:
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(_member(jwk, "x"))
    except ValueError as problem:
        raise KeyRefused(f"Ed25519 key: {problem}") from problem


def _symmetric(jwk: Mapping[str, Any], kid: str | None, permitted: frozenset[str], *, meant: bool) -> VerificationKey:
    if not meant:
        raise KeyRefused("a symmetric secret among public keys")
    secret = _member(jwk, "k")
    # RFC 7518 section 3.2: a key of at least the hash's size.
    long_enough = frozenset(n for n in permitted if (h := ALGORITHMS[n].hash) and len(secret) >= h.digest_size)
    if not long_enough:
        raise KeyRefused("a symmetric secret shorter than its hash")
    return VerificationKey(kid=kid, algorithms=long_enough, material=secret)
