"""JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) of others: believed only when sound.

A key that is for something else (another `use`, an unknown type) is passed over; one that is broken, weak, symmetric,
private or not alone under its kid refuses the whole set (S26), because whoever published it made a mistake that nobody
should build on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from newel.crypto import base64url
from newel.crypto.algorithm import ALGORITHMS, PublicKey
from newel.domain.value import dataclass

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
MAX_KEYS = 32
_EXPONENTS = range(3, 2**32, 2)
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = {"P-256": (ec.SECP256R1(), 32), "P-384": (ec.SECP384R1(), 48), "P-521": (ec.SECP521R1(), 66)}
_THUMBPRINT = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}
_SMALL_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107),
    *(109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)


class KeyRefused(ValueError):
    """A key, or a set of keys, that must not be used."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and the only algorithms it may be used with."""

    kid: str | None
    algorithms: frozenset[str]
    key: PublicKey


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of one owner; no kid twice."""

    keys: tuple[VerificationKey, ...]

    @classmethod
    def from_jwks(cls, jwks: Mapping[str, Any]) -> "KeySet":
        """The keys of a JWK Set (RFC 7517 section 5). KeyRefused as this module says."""
        members = jwks.get("keys")
        if not isinstance(members, list) or len(members) > MAX_KEYS:
            raise KeyRefused(f"keys is not a list of at most {MAX_KEYS}")
        return key_set(parsed for jwk in members if (parsed := parse(jwk)) is not None)

    def select(self, kid: str | None, alg: str) -> VerificationKey | None:
        """The key that `kid` names, or without a kid the only one fit for `alg`; None where there is none or a choice."""
        fit = [each for each in self.keys if alg in each.algorithms and (kid is None or each.kid == kid)]
        return fit[0] if len(fit) == 1 else None


def key_set(keys: Iterable[VerificationKey]) -> KeySet:
    """The set of `keys`. KeyRefused where two have one kid."""
    held = tuple(keys)
    kids = [each.kid for each in held if each.kid is not None]
    if len(set(kids)) != len(kids):
        raise KeyRefused("two keys have one kid")
    return KeySet(held)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The JWK thumbprint with SHA-256 in base64url (RFC 7638 section 3)."""
    required = {name: jwk[name] for name in _THUMBPRINT[jwk["kty"]]}
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    return base64url.encode(hashlib.sha256(canonical).digest())


def parse(jwk: object) -> VerificationKey | None:
    """The key of one JWK; None for a key that is not for verifying with an algorithm known here."""
    if not isinstance(jwk, dict) or not isinstance(kty := jwk.get("kty"), str):
        raise KeyRefused("a key is an object with a kty")
    if _PRIVATE & jwk.keys():
        raise KeyRefused("a private or symmetric key among public keys")
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise KeyRefused("kid is not a text")
    crv = jwk.get("crv") if kty in {"EC", "OKP"} else None
    fit = frozenset(each.name for each in ALGORITHMS.values() if (each.kty, each.crv) == (kty, crv))
    if not fit or not _for_verifying(jwk):
        return None
    if "alg" in jwk:
        fit = frozenset(name for name in fit if name == jwk["alg"])
        if not fit:
            return None
    return VerificationKey(kid, fit, _READERS[kty](jwk))


def _for_verifying(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or not all(isinstance(each, str) for each in operations):
        raise KeyRefused("key_ops is not a list of texts")
    if len(set(operations)) != len(operations):
        raise KeyRefused("key_ops repeats itself")
    return jwk.get("use", "sig") == "sig" and "verify" in operations


def _member(jwk: Mapping[str, Any], name: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise KeyRefused(f"{name} is missing")
    try:
        return base64url.decode(value)
    except ValueError:
        raise KeyRefused(f"{name} is not base64url") from None


def _ec(jwk: Mapping[str, Any]) -> PublicKey:
    curve, size = _CURVES[jwk["crv"]]
    x, y = _member(jwk, "x"), _member(jwk, "y")
    if len(x) != size or len(y) != size:
        raise KeyRefused("a coordinate has the wrong length")
    try:
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve).public_key()
    except ValueError:
        raise KeyRefused("the point is not on its curve") from None


def _rsa(jwk: Mapping[str, Any]) -> PublicKey:
    n, e = _member(jwk, "n"), _member(jwk, "e")
    if n[:1] in {b"", b"\0"} or e[:1] in {b"", b"\0"}:
        raise KeyRefused("n or e is empty or has a leading zero")
    return rsa_key(int.from_bytes(n, "big"), int.from_bytes(e, "big"))


def rsa_key(modulus: int, exponent: int) -> rsa.RSAPublicKey:
    """The RSA key of these numbers. KeyRefused below 2048 or above 8192 bits, for an even or tiny exponent, for CVE-2017-15361."""
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        raise KeyRefused(f"an RSA key of {modulus.bit_length()} bits")
    if exponent not in _EXPONENTS:
        raise KeyRefused("the RSA exponent is out of range")
    if modulus % 2 == 0:
        raise KeyRefused("not an RSA key")
    if _carries_roca_mark(modulus):
        raise KeyRefused("an RSA key with the mark of CVE-2017-15361")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise KeyRefused("not an RSA key") from None


def _okp(jwk: Mapping[str, Any]) -> PublicKey:
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(_member(jwk, "x"))
    except ValueError:
        raise KeyRefused("not an Ed25519 key") from None


_READERS = {"EC": _ec, "RSA": _rsa, "OKP": _okp}


def _carries_roca_mark(modulus: int) -> bool:
    """Nemec et al., ACM CCS 2017, section 2: the modulus is a power of 65537 modulo every small prime."""
    return all(modulus % prime in powers for prime, powers in _POWERS)


def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))


_POWERS = tuple((prime, _powers(prime)) for prime in _SMALL_PRIMES)
