"""One JSON Web Key."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from newel_sdk.encoding import base64url
from newel_sdk.errors import KeyRefused, KeyUnusable
from newel_sdk.jwks import parse_key

JWK = Path(__file__).parents[4] / "tests" / "vectors" / "jose" / "rfc7520" / "jwk"
RSA: dict[str, Any] = json.loads((JWK / "3_3.rsa_public_key.json").read_text())
EC: dict[str, Any] = json.loads((JWK / "3_1.ec_public_key.json").read_text())
OKP = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": base64url(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()),
}
OCT = {"kty": "oct", "k": base64url(bytes(48))}


def test_a_key_without_alg_may_verify_what_its_type_allows() -> None:
    assert parse_key(EC).algorithms == {"ES512"}
    assert parse_key(RSA).algorithms == {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    assert parse_key(OKP).algorithms == {"EdDSA", "Ed25519"}
    assert parse_key(OCT, symmetric=True).algorithms == {"HS256", "HS384"}
    assert parse_key(OCT, symmetric=True).symmetric


def test_rfc7517_section_4_4_a_key_s_own_alg_is_the_only_one() -> None:
    assert parse_key(RSA | {"alg": "PS256"}).algorithms == {"PS256"}
    assert parse_key(OKP | {"alg": "EdDSA"}).algorithms == {"EdDSA", "Ed25519"}


@pytest.mark.parametrize(
    "jwk",
    [
        RSA | {"use": "enc"},
        RSA | {"key_ops": ["encrypt"]},
        RSA | {"alg": "RSA-OAEP"},
        RSA | {"alg": "ES256"},
        OKP | {"crv": "X25519"},
        OKP | {"alg": "ES256"},
        EC | {"crv": "secp256k1"},
        {"kty": "AKP"},
        {},
    ],
)
def test_a_key_for_another_purpose_is_unusable(jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyUnusable):
        parse_key(jwk)


@pytest.mark.parametrize(
    "jwk",
    [
        RSA | {"kid": 1},
        RSA | {"d": "AQAB"},
        RSA | {"key_ops": "verify"},
        RSA | {"key_ops": [1]},
        RSA | {"key_ops": ["verify", "verify"]},
        RSA | {"n": 1},
        RSA | {"n": RSA["n"] + "="},
        RSA | {"n": ""},
        RSA | {"n": base64url(b"\0" + bytes([255]) * 256)},
        RSA | {"n": base64url(bytes([255]) * 255)},
        RSA | {"n": base64url(bytes([255]) * 1025)},
        RSA | {"e": "AQ"},
        RSA | {"e": "Ag"},
        RSA | {"e": "AAEAAQ"},
        EC | {"x": "AA"},
        EC | {"x": EC["y"], "y": EC["x"]},
        OKP | {"x": "AA"},
        OCT,
    ],
)
def test_s26_a_malformed_or_weak_key_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyRefused):
        parse_key(jwk)


def test_rfc7518_section_3_2_a_secret_shorter_than_the_hash_is_refused() -> None:
    with pytest.raises(KeyRefused):
        parse_key({"kty": "oct", "k": base64url(bytes(31))}, symmetric=True)
    with pytest.raises(KeyRefused):
        parse_key(OCT | {"alg": "HS512"}, symmetric=True)
