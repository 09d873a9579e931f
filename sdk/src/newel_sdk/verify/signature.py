"""The raw check of one signature by one key, per family of algorithms (RFC 7518 section 3, RFC 8037)."""

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from newel_sdk.errors import TokenRefused
from newel_sdk.jwks.algorithm import ALGORITHMS, Algorithm
from newel_sdk.jwks.key import Material

P256_OCTETS = 32
# Made once: an object per check would cost a tenth of a verification. With each the octets of half a signature.
_ECDSA = {
    "ES256": (ec.ECDSA(hashes.SHA256()), P256_OCTETS),
    "ES384": (ec.ECDSA(hashes.SHA384()), 48),
    "ES512": (ec.ECDSA(hashes.SHA512()), 66),
}
# What stands before r and s in DER when neither begins with a zero octet: a first bit that is set takes one in front.
_P256_DER = {
    (0, 0): (b"\x30\x44\x02\x20", b"\x02\x20"),
    (0, 1): (b"\x30\x45\x02\x20", b"\x02\x21\0"),
    (1, 0): (b"\x30\x45\x02\x21\0", b"\x02\x20"),
    (1, 1): (b"\x30\x46\x02\x21\0", b"\x02\x21\0"),
}
_PSS = {
    a.name: padding.PSS(mgf=padding.MGF1(a.hash), salt_length=a.hash.digest_size)
    for a in ALGORITHMS.values()
    if a.name.startswith("PS") and a.hash
}


def check_signature(algorithm: Algorithm, material: Material, signature: bytes, message: bytes) -> None:
    """Return when `signature` is the key's over `message`; raises TokenRefused."""
    try:
        _CHECKS[algorithm.kty](algorithm, material, signature, message)
    except InvalidSignature as problem:
        raise TokenRefused("the signature is wrong") from problem


def _ed25519(_: Algorithm, key: ed25519.Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    key.verify(signature, message)


def _ecdsa(algorithm: Algorithm, key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> None:
    scheme, half = _ECDSA[algorithm.name]
    if len(signature) != 2 * half:
        raise TokenRefused("the signature has the wrong length")
    r, s = signature[:half], signature[half:]
    # Octets before and after: making numbers of them costs more than all the rest of this function.
    if half == P256_OCTETS and r[0] and s[0]:
        before_r, before_s = _P256_DER[r[0] >> 7, s[0] >> 7]
        der = before_r + r + before_s + s
    else:
        der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    key.verify(der, message, scheme)


def _rsa(algorithm: Algorithm, key: rsa.RSAPublicKey, signature: bytes, message: bytes) -> None:
    assert algorithm.hash is not None
    if len(signature) != (key.key_size + 7) // 8:
        raise TokenRefused("the signature has the wrong length")
    key.verify(signature, message, _PSS.get(algorithm.name) or padding.PKCS1v15(), algorithm.hash)


def _hmac(algorithm: Algorithm, secret: bytes, signature: bytes, message: bytes) -> None:
    assert algorithm.hash is not None
    if not hmac.compare_digest(hmac.digest(secret, message, algorithm.hash.name), signature):
        raise TokenRefused("the signature is wrong")


# A key's algorithms follow from its type (jwks.key), so the algorithm's family says what `material` is.
_CHECKS: Mapping[str, Callable[[Algorithm, Any, bytes, bytes], None]] = {
    "EC": _ecdsa,
    "RSA": _rsa,
    "OKP": _ed25519,
    "oct": _hmac,
}
