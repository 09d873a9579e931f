"""Offline verification: one strict reading of a signature, then of an access token, remembered and revocable."""

from newel_sdk.verify.access_token import check_claims, verify_access_token, verify_token_signature
from newel_sdk.verify.cache import TokenCache
from newel_sdk.verify.epoch import Epoch, EpochWatch, read_epoch
from newel_sdk.verify.jws import VerifiedJws, unverified_kid, verify_jws

__all__ = [
    "Epoch",
    "EpochWatch",
    "TokenCache",
    "VerifiedJws",
    "check_claims",
    "read_epoch",
    "unverified_kid",
    "verify_access_token",
    "verify_jws",
    "verify_token_signature",
]
