"""JSON Web Key Sets."""

import json
from typing import Any

import pytest

from newel_sdk.encoding import base64url
from newel_sdk.errors import KeyRefused, KeyUnknown
from newel_sdk.jwks import KeySet, parse_key, parse_key_set
from newel_sdk.testing import Issuer

FIRST, SECOND = (Issuer(kid=kid).jwks()["keys"][0] for kid in ("a", "b"))
SECRET = {"kty": "oct", "kid": "s", "k": base64url(bytes(32))}


def test_a_key_is_found_by_kid_and_algorithm() -> None:
    keys = parse_key_set(json.dumps({"keys": [FIRST, SECOND]}))
    assert keys.find("b", "ES256").kid == "b"
    assert keys.knows("a")
    assert not keys.knows("c")
    for kid, alg in (("c", "ES256"), ("a", "RS256"), (None, "ES256"), (None, "RS256")):
        with pytest.raises(KeyUnknown):
            keys.find(kid, alg)


def test_without_a_kid_the_only_possible_key_is_taken() -> None:
    keys = parse_key_set({"keys": [FIRST]})
    assert keys.find(None, "ES256").kid == "a"


def test_rfc7517_section_5_keys_for_other_purposes_are_skipped() -> None:
    keys = parse_key_set({"keys": [FIRST, SECOND | {"use": "enc"}, {"kty": "AKP", "kid": "q"}]})
    assert [key.kid for key in keys.keys] == ["a"]


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "{}",
        {"keys": {}},
        {"keys": [1]},
        {"keys": [FIRST, FIRST]},
        {"keys": [FIRST, SECOND | {"kid": "a", "use": "enc"}]},
        {"keys": [FIRST, SECRET]},
        {"keys": [FIRST] + [{"kty": "AKP"}] * 64},
        {"keys": [FIRST, SECOND | {"x": "AA"}]},
    ],
)
def test_s26_a_set_that_is_ambiguous_mixed_or_weak_is_refused_whole(document: Any) -> None:
    with pytest.raises(KeyRefused):
        parse_key_set(document)


def test_s26_symmetric_and_public_keys_never_stand_in_one_set() -> None:
    with pytest.raises(KeyRefused):
        KeySet([parse_key(FIRST), parse_key(SECRET, symmetric=True)])
    with pytest.raises(KeyRefused):
        KeySet([parse_key(FIRST), parse_key(FIRST)])
    with pytest.raises(KeyRefused):
        parse_key_set({"keys": [FIRST, SECRET]}, symmetric=True)
