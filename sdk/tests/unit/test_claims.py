"""Claims of an access token, typed."""

import json
from typing import Any

import pytest

from newel_sdk.claims import Claims, read_claims
from newel_sdk.errors import TokenRefused


def read(members: dict[str, Any]) -> Claims:
    return read_claims(json.dumps(members).encode())


LEAST: dict[str, Any] = {"iss": "i", "sub": "s", "aud": "a", "iat": 1, "exp": 2}


def test_s02_missing_acr_amr_and_auth_time_are_the_weakest_values() -> None:
    claims = read(LEAST)
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
    claims = read(raw)
    assert claims.audience == ("a", "b")
    assert claims.scope == {"openid", "pay"}
    assert claims.ledger[0]._asdict() == event
    assert claims.elevations[0].fields == {"x": 1}
    assert claims.elevations[0].digest == b"\0\0\0"
    assert (claims.token_id, claims.family) == ("f.t", "f")
    assert claims.key_bound


def test_what_is_read_anew_is_nobodys_to_change() -> None:
    claims = read(LEAST | {"tenant": "x"})
    claims.raw["tenant"] = "y"
    assert claims.raw == LEAST | {"tenant": "x"}


@pytest.mark.parametrize("name", ["iss", "sub", "iat", "exp", "jti", "acr", "nbf"])
def test_a_refusal_names_the_member_that_is_wrong(name: str) -> None:
    with pytest.raises(TokenRefused, match=rf"^{name} is not"):
        read(LEAST | {name: None})


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"iss":"i","iss":"i"}', b"\xff", b'{"iss":"\\ud800"}'])
def test_a_payload_that_is_not_one_plain_object_is_refused(payload: bytes) -> None:
    with pytest.raises(TokenRefused, match=r"^claims: "):
        read_claims(payload)


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
        {"newel_ledger": [{"method": "pwd", "at": 1, "binding": ["signed"]}]},
        {"newel_ledger": [{"method": "pwd", "at": 1, "uv": 1}]},
        {"newel_ledger": [{"method": "pwd", "at": -1}]},
        {"newel_ledger": [{"method": 1, "at": 1}]},
        {"newel_acrs": {"aal1": -1}},
        {"newel_acrs": {"aal1": True}},
        {"nbf": 1 << 53},
        {"auth_time": -1},
        {"amr": ["pwd", 1]},
        {"authorization_details": [1]},
        {"authorization_details": [{"elevation": GOOD, "binding": {}}]},
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
        read(LEAST | wrong)
