"""Wycheproof's JWS and JWK cases (C2SP) against `crypto.jwt`: what is not asymmetric is refused here even where valid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newel.crypto.jwk import KeyRefused, KeySet
from newel.crypto.jwt import ASYMMETRIC, TokenRefused, verify_jws

VECTORS = Path(__file__).parents[4] / "tests" / "vectors" / "wycheproof"
TYPES = (None, "jwt")
STRICTER = {
    "346-Figure20": "the key says alg PS256, the token PS384 (RFC 7517 section 4.4)",
    "347-Figure27": "the key says alg ES521, which does not exist (RFC 7518 section 3.1)",
    "350-Figure20": "as 346",
    "351-Figure27": "as 347",
}
"""Cases that Wycheproof calls valid and that are refused here, with the reason."""


def cases(name: str) -> Iterator[Any]:
    for group in json.loads((VECTORS / name).read_text())["testGroups"]:
        key = group.get("public", group["private"])
        keys = key.get("keys", [key])
        for case in group["tests"]:
            yield pytest.param(keys, case, id=f"{case['tcId']}-{case['comment']}")


def believed(keys: list[dict[str, Any]], token: str) -> bool:
    try:
        verify_jws(token, KeySet.from_jwks({"keys": keys}), algorithms=ASYMMETRIC, typ=TYPES)
    except (KeyRefused, TokenRefused):
        return False
    return True


@pytest.mark.parametrize(("keys", "case"), [*cases("json_web_signature_test.json"), *cases("json_web_key_test.json")])
def test_s26_a_case_is_believed_where_it_is_valid_and_asymmetric(
    keys: list[dict[str, Any]], case: dict[str, Any]
) -> None:
    usable = all(key["kty"] != "oct" for key in keys) and f"{case['tcId']}-{case['comment']}" not in STRICTER
    assert believed(keys, case["jws"]) == (case["result"] == "valid" and usable)
