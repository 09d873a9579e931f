"""Raw signatures: joserfc is the oracle for their every shape, the vectors hold the rest."""

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey

from newel_sdk.encoding import base64url, unbase64url
from newel_sdk.errors import TokenRefused
from newel_sdk.jwks import ALGORITHMS, parse_key
from newel_sdk.testing import Issuer
from newel_sdk.verify.signature import check_signature


def shape(half: bytes) -> str:
    """How a half begins decides how DER writes it: with a zero octet, a first bit of 0, a first bit of 1."""
    return "zero" if not half[0] else "high" if half[0] >> 7 else "low"


def accepts(alg: str, key: ECKey, signed: str, signature: bytes) -> bool:
    material = parse_key(key.as_dict(private=False)).material
    try:
        check_signature(ALGORITHMS[alg], material, signature, signed.encode())
    except TokenRefused:
        return False
    return True


def joserfc_accepts(alg: str, key: ECKey, signed: str, signature: bytes) -> bool:
    try:
        jws.deserialize_compact(f"{signed}.{base64url(signature)}", key, algorithms=[alg])
    except BadSignatureError:
        return False
    return True


# All shapes but two zero octets at once, which come once in 65,536 signatures.
@pytest.mark.parametrize(
    ("alg", "crv", "shapes"), [("ES256", "P-256", 8), ("ES384", "P-384", 1), ("ES512", "P-521", 1)]
)
def test_every_shape_of_an_ecdsa_signature_is_answered_as_joserfc_answers(alg: str, crv: str, shapes: int) -> None:
    key = ECKey.generate_key(crv)
    seen: set[tuple[str, str]] = set()
    while len(seen) < shapes:
        signed, _, mac = jws.serialize_compact({"alg": alg}, b"x", key, algorithms=[alg]).rpartition(".")
        signature = unbase64url(mac)
        r, s = signature[: len(signature) // 2], signature[len(signature) // 2 :]
        if (shape(r), shape(s)) in seen:
            continue
        seen.add((shape(r), shape(s)))
        zero = bytes(len(r))
        for other in (signature, s + r, zero + s, r + zero, signature[:-1] + bytes([signature[-1] ^ 1])):
            assert accepts(alg, key, signed, other) is joserfc_accepts(alg, key, signed, other) is (other == signature)


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_an_ecdsa_signature_has_two_halves_in_range(signature: bytes) -> None:
    with pytest.raises(TokenRefused):
        check_signature(ALGORITHMS["ES256"], Issuer().keys.keys[0].material, signature, b"x")
