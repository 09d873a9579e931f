"""RFC 9470 challenges, written and read."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel_sdk.challenge import (
    Challenge,
    Unauthorized,
    parse_challenge,
    parse_problem,
    parse_www_authenticate,
    problem,
    www_authenticate,
)
from newel_sdk.encoding import base64url
from newel_sdk.errors import ChallengeMalformed

DETAIL = {"type": "bank.transfer", "actions": ["send"], "fields": {"payee": 'Maria "Ex" Müller'}}
FULL = Challenge(acr_values=("aal2", "phr"), max_age=300, authorization_details=(DETAIL,), because="A new payee")


def test_docs_wire_the_header_carries_the_details_as_base64url() -> None:
    header = www_authenticate(FULL)
    assert header.startswith(
        'Bearer error="insufficient_user_authentication", error_description="A new payee", '
        'acr_values="aal2 phr", max_age="300", authorization_details="'
    )
    assert parse_challenge(header) == FULL


def test_docs_wire_the_body_says_the_same() -> None:
    assert problem(FULL) == {
        "type": "/problems/insufficient-user-authentication",
        "title": "More proof is needed",
        "status": 401,
        "detail": "A new payee",
        "error": "insufficient_user_authentication",
        "acr_values": "aal2 phr",
        "max_age": 300,
        "authorization_details": [DETAIL],
    }
    assert {"acr_values", "max_age", "authorization_details"}.isdisjoint(problem(Challenge()))


def test_rfc6750_section_3_1_without_a_token_no_error_is_named() -> None:
    nothing = Unauthorized(error="", because="no access token")
    assert www_authenticate(nothing) == "Bearer"
    assert "error" not in problem(nothing)
    wrong = Unauthorized(error="invalid_token", because="expired")
    assert www_authenticate(wrong) == 'Bearer error="invalid_token", error_description="expired"'
    assert problem(wrong)["error"] == "invalid_token"


def test_rfc6750_section_3_a_description_holds_only_what_it_may() -> None:
    header = www_authenticate(Challenge(because='Ünsafe "quotes"\r\nX: y \\'))
    assert header.isascii()
    assert "\r" not in header
    assert parse_challenge(header) is not None


@pytest.mark.parametrize("age", ["max_age=5", 'max_age="5"', 'MAX_AGE = "5"', 'max_age="\\5"'])
def test_rfc9470_section_3_max_age_may_be_a_token_or_quoted(age: str) -> None:
    challenge = parse_challenge(f'Bearer error="insufficient_user_authentication", {age}')
    assert challenge == Challenge(max_age=5)


def test_rfc9110_section_11_6_1_several_challenges_stand_in_one_header() -> None:
    header = (
        ', Basic realm="a, \\"b\\" Bearer", Negotiate YWJj==,, DPoP algs="ES256" , '
        'Bearer error=insufficient_user_authentication, acr_values="aal2",'
    )
    assert [each.scheme for each in parse_www_authenticate(header)] == ["basic", "negotiate", "dpop", "bearer"]
    assert parse_www_authenticate(header)[0].parameters == {"realm": 'a, "b" Bearer'}
    assert parse_challenge(header) == Challenge(acr_values=("aal2",))


@pytest.mark.parametrize("header", ["", "Bearer", 'Basic error="insufficient_user_authentication"', "Bearer error=x"])
def test_another_challenge_is_not_a_step_up(header: str) -> None:
    assert parse_challenge(header) is None


STEP = 'Bearer error="insufficient_user_authentication", '


@pytest.mark.parametrize(
    "header",
    [
        "Bearer " + "x" * 20_000,
        ", ".join(["Bearer"] * 17),
        'Bearer a="1" b="2"',
        'Bearer a="unterminated',
        "Bearer a=1, a=2",
        "Bearer a=1, A=2",
        "Bearer @",
        "@",
        "Bearer;x",
        "Bearer a=1, b=",
        'Bearer a="\x00"',
        STEP + "max_age=-1",
        STEP + "max_age=1e3",
        STEP + 'max_age="٣"',
        STEP + "max_age=" + "9" * 11,
        STEP + 'max_age=""',
        STEP + 'acr_values="a\\"b"',
        STEP + "authorization_details=A",
        STEP + "authorization_details=" + base64url(b"{}"),
        STEP + "authorization_details=" + base64url(b"[1]"),
        STEP + "authorization_details=" + base64url(b'[{"a":1,"a":2}]'),
    ],
)
def test_a_hostile_header_is_refused(header: str) -> None:
    with pytest.raises(ChallengeMalformed):
        parse_challenge(header)


@given(st.text(alphabet='Bearer ,="\\a1\t;é', max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(header: str) -> None:
    with suppress(ChallengeMalformed):
        parse_www_authenticate(header)


acrs = st.text(alphabet="abz09:/._-", min_size=1, max_size=8)
challenges = st.builds(
    Challenge,
    acr_values=st.lists(acrs, max_size=4).map(tuple),
    max_age=st.one_of(st.none(), st.integers(0, 10**9)),
    authorization_details=st.lists(
        st.fixed_dictionaries({"type": st.text(alphabet='a"\\é東', max_size=5)}), max_size=2
    ).map(tuple),
    because=st.text(alphabet="abc !.", min_size=1, max_size=9),
)


@given(challenges)
def test_what_is_written_is_read_back(challenge: Challenge) -> None:
    assert parse_challenge(www_authenticate(challenge)) == challenge
    assert parse_problem(json.dumps(problem(challenge)).encode()) == challenge


def test_spaces_of_an_amount_stay_spaces_in_the_header() -> None:
    said = www_authenticate(
        Challenge(
            acr_values=("aal2",), max_age=None, authorization_details=(), because="above 30.00\u00a0EUR \u2013 confirm"
        )
    )
    assert 'error_description="above 30.00 EUR ? confirm"' in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"acr_values": 1},
        {"acr_values": 'a"b'},
        {"detail": 1},
        {"max_age": "5"},
        {"max_age": -1},
        {"max_age": True},
        {"authorization_details": {}},
    ],
)
def test_a_hostile_body_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ChallengeMalformed):
        parse_problem(json.dumps({"error": "insufficient_user_authentication"} | wrong).encode())


def test_another_body_is_no_step_up() -> None:
    assert parse_problem(b'{"error":"invalid_token"}') is None
    with pytest.raises(ChallengeMalformed):
        parse_problem(b"<html>")


def test_s35_large_details_stand_in_the_body_alone() -> None:
    large = Challenge(authorization_details=({"type": "x" * 4096},))
    assert "authorization_details" not in www_authenticate(large)
    assert problem(large)["authorization_details"] == [{"type": "x" * 4096}]
