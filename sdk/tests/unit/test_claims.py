"""Claims of an access token, typed."""

from typing import Any

import pytest

from newel_sdk.claims import read_claims
from newel_sdk.errors import TokenRefused

LEAST: dict[str, Any] = {"iss": "i", "sub": "s", "aud": "a", "iat": 1, "exp": 2}


def test_s02_missing_acr_amr_and_auth_time_are_the_weakest_values() -> None:
    claims = read_claims(LEAST)
    assert (claims.acr, claims.amr, claims.auth_time, claims.acrs, claims.ledger) == ("", (), 0, {}, ())
    assert claims.audience == ("a",)
    assert not claims.key_bound


def test_all_members_of_the_wire_are_read() -> None:
    event = {"method": "webauthn", "at": 5, "uv": True, "phr": True, "hw": False, "binding": "signed"}
    approved = {"resource": "r", "action": "a", "interaction": "i", "exp": 9, "fields": {"x": 1}}
    detail = {"type": "r", "actions": ["a"], "elevation": approved, "binding": "confirmed", "digest": "AAAA"}
    raw = LEAST | {
        "aud": ["a", "b"],
        "scope": "openid  pay",
        "acr": "phr",
        "auth_time": 5,
        "amr": ["swk"],
        "newel_acrs": {"phr": 5},
        "newel_ledger": [event],
        "authorization_details": [detail, {"type": "other"}],
        "cnf": {"jkt": "x"},
        "sid": "l",
        "jti": "f.t",
    }
    claims = read_claims(raw)
    assert claims.audience == ("a", "b")
    assert claims.scope == {"openid", "pay"}
    assert claims.ledger[0]._asdict() == event
    assert claims.elevations[0].fields == {"x": 1}
    assert claims.elevations[0].digest == b"\0\0\0"
    assert (claims.token_id, claims.family) == ("f.t", "f")
    assert claims.key_bound


GOOD: dict[str, Any] = {"resource": "r", "action": "a", "interaction": "i", "exp": 9, "fields": {}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": None},
        {"sub": 1},
        {"aud": []},
        {"aud": 1},
        {"aud": [1]},
        {"iat": True},
        {"exp": "2"},
        {"exp": 2.5},
        {"exp": -1},
        {"exp": 1 << 53},
        {"acr": ["aal2"]},
        {"auth_time": None},
        {"amr": "pwd"},
        {"scope": ["a"]},
        {"newel_acrs": []},
        {"newel_acrs": {"aal1": "x"}},
        {"newel_ledger": {}},
        {"newel_ledger": [1]},
        {"newel_ledger": [{"at": 1}]},
        {"newel_ledger": [{"method": "pwd", "at": 1, "binding": "maybe"}]},
        {"newel_ledger": [{"method": "pwd", "at": 1, "uv": 1}]},
        {"newel_ledger": [{"method": "pwd"}]},
        {"authorization_details": "x"},
        {"authorization_details": [{"elevation": 1, "binding": "signed"}]},
        {"authorization_details": [{"elevation": GOOD, "binding": "hoped"}]},
        {"authorization_details": [{"elevation": GOOD, "binding": "signed", "digest": "A"}]},
        {"authorization_details": [{"elevation": GOOD, "binding": "signed"}]},
        {"authorization_details": [{"elevation": GOOD | {"fields": 1}, "binding": "signed", "digest": ""}]},
    ],
)
def test_rfc9068_section_4_a_member_of_the_wrong_type_refuses_the_token(wrong: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        read_claims(LEAST | wrong)
