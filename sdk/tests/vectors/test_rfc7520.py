"""RFC 7520 section 4, RFC 7797 and RFC 8037: the cookbook's signatures through the SDK's own verifier."""

import json
from pathlib import Path
from typing import Any

import pytest

from newel_sdk.errors import TokenRefused
from newel_sdk.jwks import ALGORITHMS, KeySet, parse_key
from newel_sdk.verify import verify_jws

ROOT = Path(__file__).parents[3] / "tests" / "vectors" / "jose" / "rfc7520"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}
ALL = frozenset(ALGORITHMS)


def public(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name not in PRIVATE}


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / name).read_text())
    return document


def key_set(jwk: dict[str, Any]) -> KeySet:
    return KeySet([parse_key(public(jwk), symmetric=jwk["kty"] == "oct")])


COMPACT = [
    "jws/4_1.rsa_v15_signature.json",
    "jws/4_2.rsa-pss_signature.json",
    "jws/4_3.ecdsa_signature.json",
    "jws/4_4.hmac-sha2_integrity_protection.json",
    "curve25519/jws.json",
]


@pytest.mark.parametrize("name", COMPACT)
def test_a_compact_signature_of_the_cookbook_verifies(name: str) -> None:
    vector = load(name)
    verified = verify_jws(vector["output"]["compact"], keys=key_set(vector["input"]["key"]), algorithms=ALL)
    assert verified.payload.decode() == vector["input"]["payload"]


@pytest.mark.parametrize("name", COMPACT)
def test_a_compact_signature_of_the_cookbook_fails_with_one_bit_changed(name: str) -> None:
    vector = load(name)
    head, body, mac = vector["output"]["compact"].split(".")
    changed = ("B" if mac[10] != "B" else "C").join((mac[:10], mac[11:]))
    with pytest.raises(TokenRefused):
        verify_jws(f"{head}.{body}.{changed}", keys=key_set(vector["input"]["key"]), algorithms=ALL)


def test_detached_content_is_not_a_compact_signature_of_anything() -> None:
    vector = load("jws/4_5.signature_with_detached_content.json")
    with pytest.raises(TokenRefused):
        verify_jws(vector["output"]["compact"], keys=key_set(vector["input"]["key"]), algorithms=ALL)


def test_an_unencoded_payload_is_refused_because_crit_and_b64_change_the_reading() -> None:
    for name in ("rfc7797/hmac-sha2_b64_false.json", "rfc7797/4.2.hmac-sha2_b64_false.json"):
        vector = load(name)
        compact = (
            vector["output"].get("compact") or vector["output"].get("json_flat", {}).get("protected") + ".JC4wMg.AA"
        )
        with pytest.raises(TokenRefused):
            verify_jws(compact, keys=key_set(vector["input"]["key"]), algorithms=ALL)


@pytest.mark.parametrize("name", ["3_1.ec_public_key", "3_3.rsa_public_key"])
def test_a_public_key_of_the_cookbook_is_read(name: str) -> None:
    assert parse_key(load(f"jwk/{name}.json")).kid == "bilbo.baggins@hobbiton.example"
