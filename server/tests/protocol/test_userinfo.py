"""/userinfo (OpenID Connect Core section 5.3, RFC 6750)."""

from collections.abc import Callable
from typing import Any

from server.tests.protocol.exchange import claims, signed_here
from tests.simulators.running import Person, Relying, Running

Tokens = Callable[..., dict[str, Any]]


def header(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_get_post_with_a_header_and_post_with_a_body_say_the_same(
    tokens: Tokens, server: Running, robin: Person
) -> None:
    token, url = tokens(scope="openid profile email")["access_token"], server.issuer + "/userinfo"
    answers = [
        server.http.get(url, headers=header(token)),
        server.http.post(url, headers=header(token)),
        server.http.post(url, data={"access_token": token}),
        server.http.get(url, headers={"authorization": f"bearer {token}"}),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json() == {
            "sub": robin.id,
            "name": "Robin Doe",
            "preferred_username": "robin",
            "email": "robin@example.org",
        }


def test_only_what_the_scopes_name_is_told(tokens: Tokens, server: Running, robin: Person) -> None:
    token = tokens(scope="openid")["access_token"]
    assert server.http.get(server.issuer + "/userinfo", headers=header(token)).json() == {"sub": robin.id}


def test_rfc6750_a_token_in_the_query_twice_or_in_two_places_is_invalid_request(
    tokens: Tokens, server: Running
) -> None:
    token, url = tokens()["access_token"], server.issuer + "/userinfo"
    form = {"content-type": "application/x-www-form-urlencoded"}
    answers = [
        server.http.get(f"{url}?access_token={token}"),
        server.http.get(f"{url}?access_token={token}", headers=header(token)),
        server.http.post(url, data={"access_token": token}, headers=header(token)),
        server.http.post(url, content=f"access_token={token}&access_token=x", headers=form),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_without_a_token_the_challenge_names_no_error(server: Running) -> None:
    for headers in ({}, {"authorization": "Basic eDp5"}, {"authorization": "DPoP x"}):
        answer = server.http.get(server.issuer + "/userinfo", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_without_openid_has_insufficient_scope(tokens: Tokens, server: Running) -> None:
    token = tokens(scope="profile")["access_token"]
    answer = server.http.get(server.issuer + "/userinfo", headers=header(token))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_whatever_is_not_an_access_token_that_stands_is_invalid_token(tokens: Tokens, server: Running) -> None:
    answer = tokens()
    token, said = answer["access_token"], claims(answer["access_token"])
    changed = (
        {"exp": 1_700_000_000},
        {"nbf": said["exp"]},
        {"iss": "https://other.example"},
        {"cnf": {"jkt": "x"}},
        {"sub": "nobody"},
    )
    signed = signed_here(server, *({**said, **each} for each in changed), typ="at+jwt")
    wrong_typ = signed_here(server, said, typ="JWT")
    for presented in ("nonsense", answer["id_token"], token[:-2], token + "A" * 10_000, *signed, *wrong_typ):
        refused = server.http.get(server.issuer + "/userinfo", headers=header(presented))
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token"), presented
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_a_token_that_was_revoked_is_invalid(tokens: Tokens, server: Running, bank: Relying) -> None:
    token = tokens()["access_token"]
    bank.post("/revoke", token=token)
    assert server.http.get(server.issuer + "/userinfo", headers=header(token)).status_code == 401
