"""The signature algorithms that are believed (RFC 7518 section 3.1, RFC 8037): every one asymmetric."""

from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from newel.domain.value import dataclass

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One `alg`: the key type and curve it belongs to, and how a signature is checked."""

    name: str
    kty: str
    crv: str | None
    check: Callable[[Any, bytes, bytes], None]


def _es(digest: HashAlgorithm, size: int) -> Callable[[Any, bytes, bytes], None]:
    algorithm = ec.ECDSA(digest)

    def check(key: Any, signature: bytes, data: bytes) -> None:
        if len(signature) != 2 * size:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        key.verify(encode_dss_signature(r, s), data, algorithm)

    return check


def _rsa(pad: padding.AsymmetricPadding, digest: HashAlgorithm) -> Callable[[Any, bytes, bytes], None]:
    def check(key: Any, signature: bytes, data: bytes) -> None:
        key.verify(signature, data, pad, digest)

    return check


def _pss(digest: HashAlgorithm) -> Callable[[Any, bytes, bytes], None]:
    return _rsa(padding.PSS(padding.MGF1(digest), digest.digest_size), digest)


def _ed25519(key: Any, signature: bytes, data: bytes) -> None:
    key.verify(signature, data)


_ALL = (
    Algorithm("ES256", "EC", "P-256", _es(SHA256(), 32)),
    Algorithm("ES384", "EC", "P-384", _es(SHA384(), 48)),
    Algorithm("ES512", "EC", "P-521", _es(SHA512(), 66)),
    Algorithm("RS256", "RSA", None, _rsa(padding.PKCS1v15(), SHA256())),
    Algorithm("RS384", "RSA", None, _rsa(padding.PKCS1v15(), SHA384())),
    Algorithm("RS512", "RSA", None, _rsa(padding.PKCS1v15(), SHA512())),
    Algorithm("PS256", "RSA", None, _pss(SHA256())),
    Algorithm("PS384", "RSA", None, _pss(SHA384())),
    Algorithm("PS512", "RSA", None, _pss(SHA512())),
    Algorithm("EdDSA", "OKP", "Ed25519", _ed25519),
)
ALGORITHMS = {algorithm.name: algorithm for algorithm in _ALL}
