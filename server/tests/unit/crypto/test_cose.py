from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto import cose
from newel.crypto.jwk import KeyRefused

POINT = ec.generate_private_key(ec.SECP256R1())
XY = POINT.public_key().public_numbers()
EC2: dict[int, Any] = {1: 2, 3: -7, -1: 1, -2: XY.x.to_bytes(32, "big"), -3: XY.y.to_bytes(32, "big")}
EDWARDS = ed25519.Ed25519PrivateKey.generate()
OKP = {1: 1, 3: -8, -1: 6, -2: EDWARDS.public_key().public_bytes_raw()}


def test_an_es256_signature_is_of_its_key() -> None:
    key = cose.load(cbor2.dumps(EC2))
    signature = POINT.sign(b"data", ec.ECDSA(hashes.SHA256()))
    assert key.alg == cose.ES256
    assert cose.signed_by(key, signature, b"data")
    assert not cose.signed_by(key, signature, b"Data")
    assert not cose.signed_by(key, b"", b"data")


def test_an_eddsa_signature_is_of_its_key() -> None:
    key = cose.load(cbor2.dumps(OKP))
    assert cose.signed_by(key, EDWARDS.sign(b"data"), b"data")
    assert not cose.signed_by(key, EDWARDS.sign(b"Data"), b"data")


def test_an_rs256_signature_is_of_its_key() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    n = private.public_key().public_numbers().n
    key = cose.load(cbor2.dumps({1: 3, 3: -257, -1: n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}))
    signature = private.sign(b"data", padding.PKCS1v15(), hashes.SHA256())
    assert cose.signed_by(key, signature, b"data")
    assert not cose.signed_by(key, signature, b"Data")


@pytest.mark.parametrize(
    "members",
    [
        EC2 | {3: -35},
        EC2 | {3: -8},
        EC2 | {1: 1},
        EC2 | {-1: 2},
        EC2 | {-2: bytes(32)},
        EC2 | {-2: b"\x00" + EC2[-2]},
        EC2 | {-3: 5},
        OKP | {-1: 7},
        OKP | {-2: b"short"},
        {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
        {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01"},
        {1: 3, 3: -37, -1: b"\xff" * 256, -2: b"\x01\x00\x01"},
        {1: [2], 3: -7},
        {},
    ],
)
def test_s26_a_key_that_is_unsound_or_was_not_offered_is_refused(members: dict[int, object]) -> None:
    with pytest.raises(KeyRefused):
        cose.load(cbor2.dumps(members))


@given(st.binary(max_size=80))
def test_bytes_that_are_no_key_are_refused(data: bytes) -> None:
    with pytest.raises(KeyRefused):
        cose.load(data)
