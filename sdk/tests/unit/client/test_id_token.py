"""OpenID Connect Core 1.0 section 3.1.3.7."""

import hashlib
from typing import Any

import pytest

from newel_sdk.client import verify_id_token
from newel_sdk.encoding import base64url
from newel_sdk.errors import TokenRefused
from newel_sdk.testing import Issuer

NOW = 1_790_000_000
ISSUER = Issuer()
KEYS = ISSUER.keys
GOOD: dict[str, Any] = {
    "iss": ISSUER.issuer,
    "sub": "alice",
    "aud": "client",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "n",
    "auth_time": NOW - 10,
    "acr": "aal1",
    "sid": "l",
}


def verify(changed: dict[str, Any], **expected: Any) -> Any:
    claims = {name: value for name, value in (GOOD | changed).items() if value is not None}
    given: dict[str, Any] = {"issuer": ISSUER.issuer, "client_id": "client", "now": NOW, "nonce": "n"} | expected
    return verify_id_token(ISSUER.sign(claims, typ="JWT"), keys=KEYS, **given)


def test_a_good_token_says_who_in_which_session_and_how() -> None:
    token = verify({})
    assert (token.subject, token.lineage, token.acr, token.auth_time) == ("alice", "l", "aal1", NOW - 10)
    assert verify({"aud": ["client", "other"], "azp": "client"}).subject == "alice"
    assert verify({"aud": ["client"], "acr": None, "sid": None, "auth_time": None}).acr == ""
    assert verify({"nonce": None}, nonce=None).subject == "alice"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"aud": ["client", "other"]},
        {"azp": "other"},
        {"exp": NOW - 5},
        {"exp": None},
        {"iat": NOW + 6},
        {"iat": True},
        {"nonce": "m"},
        {"nonce": None},
        {"nonce": 1},
        {"sub": ""},
        {"sub": None},
        {"acr": 1},
        {"at_hash": "x"},
    ],
)
def test_anything_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verify(changed)


def test_at_hash_binds_the_access_token() -> None:
    at_hash = base64url(hashlib.sha256(b"access").digest()[:16])
    assert verify({"at_hash": at_hash}, access_token="access")
    with pytest.raises(TokenRefused):
        verify({"at_hash": at_hash}, access_token="other")


def test_an_asked_max_age_needs_a_recent_auth_time() -> None:
    assert verify({}, max_age=10)
    for changed in ({"auth_time": NOW - 16}, {"auth_time": None}):
        with pytest.raises(TokenRefused):
            verify(changed, max_age=10)


def test_rfc8725_section_3_11_an_access_token_is_no_id_token() -> None:
    no_object: Any = []
    for token in (ISSUER.sign(GOOD, typ="at+jwt"), ISSUER.sign(no_object, typ="JWT")):
        with pytest.raises(TokenRefused):
            verify_id_token(token, keys=KEYS, issuer=ISSUER.issuer, client_id="client", now=NOW, nonce="n")
