"""Public keys of WebAuthn credentials (COSE_Key: RFC 9052 section 7, RFC 9053, RFC 8230) and their signatures."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from newel.crypto import cbor
from newel.crypto.algorithm import PublicKey
from newel.crypto.jwk import KeyRefused, rsa_key
from newel.domain.value import dataclass

ES256, EDDSA, RS256 = -7, -8, -257
ALLOWED = (ES256, EDDSA, RS256)
"""The COSE algorithms that are offered and accepted, the preferred one first."""
_KTY, _ALG = 1, 3
_CRV, _X, _Y = -1, -2, -3
_N, _E = -1, -2
_OKP, _EC2, _RSA = 1, 2, 3
_P256, _ED25519 = 1, 6
_P256_BYTES = 32
_ECDSA = ec.ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class CoseKey:
    """A credential's public key and its one COSE algorithm."""

    alg: int
    key: PublicKey


@lru_cache(maxsize=4096)
def load(encoded: bytes) -> CoseKey:
    """The key of an encoded COSE_Key, kept for the next assertion. KeyRefused for any that is not sound and allowed."""
    try:
        members = cbor.decode_whole(encoded)
    except cbor.CborRefused:
        raise KeyRefused("not a COSE key") from None
    if not isinstance(members, dict):
        raise KeyRefused("not a COSE key")
    kty, alg = members.get(_KTY), members.get(_ALG)
    if type(kty) is not int or type(alg) is not int or (kty, alg) not in _READERS:
        raise KeyRefused("not an algorithm that was offered")
    return CoseKey(alg, _READERS[kty, alg](members))


def signed_by(key: CoseKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature` (WebAuthn section 6.5.5: DER for ECDSA) over `data` is of `key`."""
    try:
        _check(key.key, signature, data)
    except InvalidSignature:
        return False
    return True


def _check(key: PublicKey, signature: bytes, data: bytes) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, _ECDSA)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    else:
        key.verify(signature, data)


def _bytes(members: Mapping[Any, Any], name: int, length: int | None = None) -> bytes:
    value = members.get(name)
    if not isinstance(value, bytes) or len(value) != (length or len(value)):
        raise KeyRefused("a COSE key without its numbers")
    return value


def _ec2(members: Mapping[Any, Any]) -> ec.EllipticCurvePublicKey:
    if members.get(_CRV) != _P256:
        raise KeyRefused("not on P-256")
    point = b"\x04" + _bytes(members, _X, _P256_BYTES) + _bytes(members, _Y, _P256_BYTES)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise KeyRefused("the point is not on its curve") from None


def _okp(members: Mapping[Any, Any]) -> ed25519.Ed25519PublicKey:
    if members.get(_CRV) != _ED25519:
        raise KeyRefused("not an Ed25519 key")
    return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(members, _X, _P256_BYTES))


def _rsa(members: Mapping[Any, Any]) -> rsa.RSAPublicKey:
    return rsa_key(int.from_bytes(_bytes(members, _N), "big"), int.from_bytes(_bytes(members, _E), "big"))


_READERS: Mapping[tuple[int, int], Callable[[Mapping[Any, Any]], PublicKey]] = {
    (_EC2, ES256): _ec2,
    (_OKP, EDDSA): _okp,
    (_RSA, RS256): _rsa,
}
