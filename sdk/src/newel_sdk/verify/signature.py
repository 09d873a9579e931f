"""The raw check of one signature by one key, per family of algorithms (RFC 7518 section 3, RFC 8037)."""

import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from newel_sdk.errors import TokenRefused
from newel_sdk.jwks.algorithm import ALGORITHMS, Algorithm
from newel_sdk.jwks.key import Material

# Made once: an object per check would cost a tenth of a verification.
_ECDSA = {a.name: ec.ECDSA(a.hash) for a in ALGORITHMS.values() if a.kty == "EC" and a.hash}
_PSS = {
    a.name: padding.PSS(mgf=padding.MGF1(a.hash), salt_length=a.hash.digest_size)
    for a in ALGORITHMS.values()
    if a.name.startswith("PS") and a.hash
}


def check_signature(algorithm: Algorithm, material: Material, signature: bytes, message: bytes) -> None:
    """Return when `signature` is the key's over `message`; raises TokenRefused."""
    try:
        _check(algorithm, material, signature, message)
    except InvalidSignature as problem:
        raise TokenRefused("the signature is wrong") from problem


def _check(algorithm: Algorithm, material: Any, signature: bytes, message: bytes) -> None:
    # A key's algorithms follow from its type (jwks.key), so the algorithm's family says what `material` is.
    match algorithm.kty:
        case "EC":
            _ecdsa(algorithm, material, signature, message)
        case "RSA":
            _rsa(algorithm, material, signature, message)
        case "OKP":
            _ed25519(material, signature, message)
        case _:
            _hmac(algorithm, material, signature, message)


def _ed25519(key: ed25519.Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    key.verify(signature, message)


def _ecdsa(algorithm: Algorithm, key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> None:
    half = (key.key_size + 7) // 8
    if len(signature) != 2 * half:
        raise TokenRefused("the signature has the wrong length")
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    key.verify(encode_dss_signature(r, s), message, _ECDSA[algorithm.name])


def _rsa(algorithm: Algorithm, key: rsa.RSAPublicKey, signature: bytes, message: bytes) -> None:
    assert algorithm.hash is not None
    if len(signature) != (key.key_size + 7) // 8:
        raise TokenRefused("the signature has the wrong length")
    key.verify(signature, message, _PSS.get(algorithm.name) or padding.PKCS1v15(), algorithm.hash)


def _hmac(algorithm: Algorithm, secret: bytes, signature: bytes, message: bytes) -> None:
    assert algorithm.hash is not None
    if not hmac.compare_digest(hmac.digest(secret, message, algorithm.hash.name), signature):
        raise TokenRefused("the signature is wrong")
