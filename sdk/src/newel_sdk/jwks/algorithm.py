"""The signature algorithms known here (RFC 7518 section 3, RFC 8037, RFC 9864) and the four relied on by default."""

from dataclasses import dataclass
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One `alg` value: the key type and curve it belongs to, and its hash (None where the scheme has its own)."""

    name: str
    kty: str
    crv: str
    hash: hashes.HashAlgorithm | None


_TABLE = (
    Algorithm("ES256", "EC", "P-256", hashes.SHA256()),
    Algorithm("ES384", "EC", "P-384", hashes.SHA384()),
    Algorithm("ES512", "EC", "P-521", hashes.SHA512()),
    Algorithm("RS256", "RSA", "", hashes.SHA256()),
    Algorithm("RS384", "RSA", "", hashes.SHA384()),
    Algorithm("RS512", "RSA", "", hashes.SHA512()),
    Algorithm("PS256", "RSA", "", hashes.SHA256()),
    Algorithm("PS384", "RSA", "", hashes.SHA384()),
    Algorithm("PS512", "RSA", "", hashes.SHA512()),
    Algorithm("EdDSA", "OKP", "Ed25519", None),
    Algorithm("Ed25519", "OKP", "Ed25519", None),
    Algorithm("HS256", "oct", "", hashes.SHA256()),
    Algorithm("HS384", "oct", "", hashes.SHA384()),
    Algorithm("HS512", "oct", "", hashes.SHA512()),
)
ALGORITHMS = MappingProxyType({algorithm.name: algorithm for algorithm in _TABLE})

# What a token may be signed with unless the caller names others: one choice per kind of key, none symmetric.
ASYMMETRIC = frozenset({"ES256", "RS256", "PS256", "EdDSA", "Ed25519"})
