"""Raw signatures of the wrong length; everything else is held by the vectors."""

import pytest

from newel_sdk.errors import TokenRefused
from newel_sdk.jwks import ALGORITHMS
from newel_sdk.testing import Issuer
from newel_sdk.verify.signature import check_signature


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_an_ecdsa_signature_has_two_halves_in_range(signature: bytes) -> None:
    with pytest.raises(TokenRefused):
        check_signature(ALGORITHMS["ES256"], Issuer().keys.keys[0].material, signature, b"x")
