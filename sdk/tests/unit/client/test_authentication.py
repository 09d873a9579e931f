"""Client authentication at the back channel."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from newel_sdk.client.authentication import ASSERTION_TYPE, ClientSecret, PrivateKey, Public
from newel_sdk.errors import Misconfigured
from newel_sdk.jwks import KeySet, parse_key
from newel_sdk.verify import verify_jws

CALL: dict[str, Any] = {"client_id": "bank web", "issuer": "https://id.example", "now": 1000, "jti": "j"}


def test_a_public_client_only_names_itself() -> None:
    assert Public().prove(**CALL).parameters == {"client_id": "bank web"}


def test_rfc6749_section_2_3_1_name_and_secret_are_form_encoded_first() -> None:
    proof = ClientSecret("s:3 ß").prove(**CALL)
    scheme, _, encoded = proof.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded)) == ("Basic", b"bank+web:s%3A3+%C3%9F")
    assert not proof.parameters
    assert "s:3" not in repr(ClientSecret("s:3 ß"))


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (RSAKey.generate_key(2048), "PS256"),
    ],
)
def test_rfc7523_section_3_the_assertion_is_for_the_issuer_alone_and_short(key: Any, alg: str) -> None:
    proof = PrivateKey(key.as_dict(private=True) | {"kid": "k"}).prove(**CALL)
    assert proof.parameters["client_id"] == "bank web"
    assert proof.parameters["client_assertion_type"] == ASSERTION_TYPE
    keys = KeySet([parse_key(key.as_dict(private=False) | {"kid": "k"})])
    verified = verify_jws(proof.parameters["client_assertion"], keys=keys)
    assert verified.header["alg"] == alg
    assert json.loads(verified.payload) == {
        "iss": "bank web",
        "sub": "bank web",
        "aud": "https://id.example",
        "jti": "j",
        "iat": 1000,
        "exp": 1060,
    }


def test_the_key_s_own_alg_is_used_and_a_kid_is_optional() -> None:
    key = RSAKey.generate_key(2048).as_dict(private=True)
    proof = PrivateKey({name: value for name, value in key.items() if name != "kid"} | {"alg": "RS256"}).prove(**CALL)
    header = json.loads(base64.urlsafe_b64decode(proof.parameters["client_assertion"].split(".")[0] + "=="))
    assert header == {"alg": "RS256", "typ": "JWT"}


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "EC"},
        {"kty": "XX"},
        ECKey.generate_key("P-256").as_dict(private=False),
        OctKey.generate_key(256).as_dict(private=True),
    ],
)
def test_a_key_that_cannot_sign_for_a_client_stops_the_start(jwk: Any) -> None:
    with pytest.raises(Misconfigured):
        PrivateKey(jwk)
