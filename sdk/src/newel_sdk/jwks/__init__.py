"""Keys that verify: parsed strictly, refused when weak, fetched again when a newer one is needed."""

from newel_sdk.jwks.algorithm import ALGORITHMS, ASYMMETRIC, Algorithm
from newel_sdk.jwks.key import VerificationKey, parse_key
from newel_sdk.jwks.key_set import KeySet, parse_key_set
from newel_sdk.jwks.remote import RemoteKeys

__all__ = [
    "ALGORITHMS",
    "ASYMMETRIC",
    "Algorithm",
    "KeySet",
    "RemoteKeys",
    "VerificationKey",
    "parse_key",
    "parse_key_set",
]
