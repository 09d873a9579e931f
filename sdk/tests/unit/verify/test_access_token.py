"""RFC 9068 section 4."""

from typing import Any

import pytest
from joserfc import jws

from newel_sdk.errors import TokenRefused
from newel_sdk.testing import Issuer
from newel_sdk.verify import check_claims, verify_access_token

NOW = 1_790_000_000
ISSUER = Issuer()
KEYS = ISSUER.keys


def verify(token: str, now: int = NOW, **changed: Any) -> Any:
    expected: dict[str, Any] = {"issuer": ISSUER.issuer, "audience": ISSUER.audience, "leeway": 5} | changed
    return verify_access_token(token, keys=KEYS, now=now, **expected)


def test_a_token_for_this_resource_server_is_believed() -> None:
    claims = verify(ISSUER.token(now=NOW, acr="phr", aud=["other", ISSUER.audience]))
    assert (claims.subject, claims.acr, claims.auth_time) == ("alice", "phr", NOW)


def test_life_has_a_leeway_of_five_seconds_and_no_more() -> None:
    token = ISSUER.token(now=NOW)
    assert verify(token, NOW + 304)
    assert verify(token, NOW - 5)
    for now in (NOW + 305, NOW - 6):
        with pytest.raises(TokenRefused):
            verify(token, now)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://issuer.example/"},
        {"aud": "https://rs.example/"},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"nbf": NOW + 6},
        {"exp": NOW - 5},
        {"cnf": {"jkt": "x"}},
        {"cnf": None, "exp": "soon"},
    ],
)
def test_issuer_audience_life_and_binding_are_checked(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verify(ISSUER.token(now=NOW, **claims))


def test_s28_a_key_bound_token_sent_as_bearer_is_refused_even_with_an_empty_binding() -> None:
    with pytest.raises(TokenRefused, match="bound to a key"):
        verify(ISSUER.token(now=NOW, cnf={}))


def test_an_id_token_is_no_access_token() -> None:
    with pytest.raises(TokenRefused, match="type"):
        verify(ISSUER.sign({"iss": ISSUER.issuer}, typ="JWT"))


@pytest.mark.parametrize("payload", [b"[]", b"{", b'{"iss":"a","iss":"b"}', b"\xff", b'{"a":' * 20 + b"1" + b"}" * 20])
def test_claims_that_are_not_one_plain_object_are_refused(payload: bytes) -> None:
    header = {"alg": "ES256", "kid": ISSUER.kid, "typ": "at+jwt"}
    with pytest.raises(TokenRefused, match="claims"):
        verify(jws.serialize_compact(header, payload, ISSUER._key))


def test_checks_run_on_remembered_claims_too() -> None:
    claims = verify(ISSUER.token(now=NOW))
    with pytest.raises(TokenRefused, match="audience"):
        check_claims(claims, issuer=ISSUER.issuer, audience="x", now=NOW)
    with pytest.raises(TokenRefused, match="expired"):
        check_claims(claims, issuer=ISSUER.issuer, audience=ISSUER.audience, now=NOW + 400)
