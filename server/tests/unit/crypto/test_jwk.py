import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto.base64url import encode
from newel.crypto.jwk import KeyRefused, KeySet, parse, rsa_key, thumbprint

KNOWN = json.loads((Path(__file__).parents[4] / "tests" / "vectors" / "oauth" / "rfc-known-answers.json").read_text())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


def ec_jwk(curve: ec.EllipticCurve, name: str, **more: object) -> dict[str, Any]:
    point = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    x, y = (encode(value.to_bytes(size, "big")) for value in (point.x, point.y))
    return {"kty": "EC", "crv": name, "x": x, "y": y, **more}


P256 = ec_jwk(ec.SECP256R1(), "P-256")
ED25519 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()),
}
RSA = {name: KNOWN["jwk_thumbprint_rfc7638"]["jwk"][name] for name in ("kty", "n", "e")}


def test_rfc_7638_section_3_1() -> None:
    known = KNOWN["jwk_thumbprint_rfc7638"]
    assert thumbprint(known["jwk"]) == known["thumbprint"]


def test_rfc_8037_appendix_a_3() -> None:
    known = KNOWN["ed25519_rfc8037"]
    assert thumbprint(known["jwk"]) == known["thumbprint"]


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (P256, {"ES256"}),
        (ec_jwk(ec.SECP384R1(), "P-384"), {"ES384"}),
        (ec_jwk(ec.SECP521R1(), "P-521"), {"ES512"}),
        (RSA, {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        (RSA | {"alg": "PS256"}, {"PS256"}),
        (ED25519, {"EdDSA"}),
        (P256 | {"use": "sig", "key_ops": ["verify"], "kid": "k"}, {"ES256"}),
    ],
)
def test_s26_a_key_may_be_used_with_the_algorithms_of_its_kind(jwk: dict[str, Any], algorithms: set[str]) -> None:
    parsed = parse(jwk)
    assert parsed is not None
    assert parsed.algorithms == algorithms
    assert parsed.kid == jwk.get("kid")


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "ES384"},
        {"alg": "ES521"},
        {"alg": "HS256"},
        {"alg": ["ES256"]},
        {"kty": "AKP"},
        {"crv": "secp256k1"},
        {"crv": {"P-256": 1}},
    ],
)
def test_a_key_for_something_else_is_passed_over(more: dict[str, object]) -> None:
    assert parse(P256 | more) is None
    assert KeySet.from_jwks({"keys": [P256 | more]}) == KeySet(())


@pytest.mark.parametrize(
    "jwk",
    [
        P256 | {"d": P256["x"]},
        {"kty": "oct", "k": "AAAA"},
        P256 | {"x": P256["y"], "y": P256["x"]},
        P256 | {"x": P256["x"] + "="},
        P256 | {"x": "AAAA"},
        P256 | {"y": 5},
        P256 | {"kid": 1},
        P256 | {"key_ops": ["verify", "verify"]},
        P256 | {"key_ops": "verify"},
        RSA | {"e": "AQ"},
        RSA | {"e": "Ag"},
        RSA | {"e": ""},
        RSA | {"n": "AA" + RSA["n"]},
        RSA | {"n": encode(b"\xff" * 128)},
        RSA | {"n": encode(b"\xff" * 1100)},
        ED25519 | {"x": "AAAA"},
        {"x": "AAAA"},
        "kty",
        None,
    ],
)
def test_s26_a_broken_weak_private_or_symmetric_key_refuses_its_set(jwk: Any) -> None:
    with pytest.raises(KeyRefused):
        KeySet.from_jwks({"keys": [P256, jwk]})


def test_s26_two_keys_of_one_kid_refuse_their_set() -> None:
    with pytest.raises(KeyRefused):
        KeySet.from_jwks({"keys": [P256 | {"kid": "k"}, RSA | {"kid": "k"}]})


@pytest.mark.parametrize("keys", [None, {}, "keys", [P256] * 33])
def test_a_set_is_a_list_of_a_few_keys(keys: object) -> None:
    with pytest.raises(KeyRefused):
        KeySet.from_jwks({"keys": keys})


def test_without_a_kid_a_key_is_taken_only_where_there_is_no_choice() -> None:
    both = KeySet.from_jwks({"keys": [P256 | {"kid": "a"}, ec_jwk(ec.SECP256R1(), "P-256", kid="b"), RSA]})
    assert both.select(None, "ES256") is None
    assert both.select(None, "RS256") is not None
    chosen = both.select("b", "ES256")
    assert chosen is not None
    assert chosen.kid == "b"
    assert both.select("b", "RS256") is None
    assert both.select("c", "ES256") is None


def test_s26_a_key_with_the_mark_of_cve_2017_15361_is_refused() -> None:
    primorial = 962947420735983927056946215901134429196419130606213075415963491270
    modulus = pow(65537, 1234, primorial)
    modulus += primorial * (2**2047 // primorial + 1)
    with pytest.raises(KeyRefused, match="CVE-2017-15361"):
        rsa_key(modulus, 65537)


def test_a_sound_rsa_key_does_not_carry_that_mark() -> None:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key().public_numbers()
    assert rsa_key(numbers.n, numbers.e).key_size == 2048


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "key_ops", "kid"]), JSON))
def test_any_object_is_a_key_or_passed_over_or_refused(members: dict[str, Any]) -> None:
    for kty in ("EC", "RSA", "OKP"):
        try:
            parse(P256 | members | {"kty": kty})
        except KeyRefused:
            continue


def test_an_even_modulus_is_no_rsa_key() -> None:
    with pytest.raises(KeyRefused, match="not an RSA key"):
        rsa_key(2**2048 - 2, 65537)
