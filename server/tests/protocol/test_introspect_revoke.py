"""/introspect (RFC 7662) and /revoke (RFC 7009)."""

from collections.abc import Callable
from typing import Any

import pytest
from server.tests.protocol.exchange import claims, refusal, signed_here
from tests.simulators.running import Relying, Running

Tokens = Callable[..., dict[str, Any]]
INACTIVE = {"active": False}


def test_an_active_token_says_its_claims_with_acr_and_auth_time(tokens: Tokens, bank: Relying) -> None:
    token = tokens()["access_token"]
    assert bank.introspect(token) == {"active": True, "token_type": "Bearer", **claims(token)}


def test_a_refresh_token_is_active_for_its_own_client(tokens: Tokens, bank: Relying, shop: Relying) -> None:
    token = tokens(scope="openid offline_access")["refresh_token"]
    told = bank.introspect(token)
    assert (told["active"], told["client_id"], told["scope"]) == (True, "bank-web", "openid offline_access")
    assert shop.introspect(token) == INACTIVE


def test_another_client_learns_nothing_but_a_resource_server_and_the_audience_do(
    tokens: Tokens, server: Running, shop: Relying
) -> None:
    token = tokens()["access_token"]
    assert shop.introspect(token) == INACTIVE
    assert server.client("guard", introspects=True, redirect_uris=("http://localhost:9/x",)).introspect(token)["active"]
    assert server.client("bank-api", audience="http://localhost:9").introspect(token)["active"]


def test_anything_wrong_is_exactly_active_false(tokens: Tokens, server: Running, bank: Relying) -> None:
    answer = tokens()
    token, said = answer["access_token"], claims(answer["access_token"])
    changed = (
        {"exp": 1_700_000_000},
        {"iss": "https://other.example"},
        {"jti": 5},
        {"sid": None},
        {"nbf": said["exp"]},
    )
    signed = signed_here(server, *({**said, **each} for each in changed), typ="at+jwt")
    wrong_typ = signed_here(server, said, typ="newel-epoch+jwt")
    for presented in ("x" * 3000, answer["id_token"], token[:-2], "\u00fc.\u2603.x", "a.b", *signed, *wrong_typ):
        assert bank.introspect(presented) == INACTIVE, presented


@pytest.mark.parametrize("path", ["/introspect", "/revoke"])
def test_the_caller_authenticates_and_sends_exactly_one_token(server: Running, bank: Relying, path: str) -> None:
    url = server.issuer + path
    assert refusal(server.http.post(url, data={"token": "x"})) == (401, "invalid_client")
    assert refusal(server.http.post(url, data={"token": "x", "client_id": bank.id})) == (401, "invalid_client")
    assert "www-authenticate" in server.http.post(url, data={"token": "x"}).headers
    assert refusal(bank.post(path)) == (400, "invalid_request")
    headers = {**bank.basic, "content-type": "application/x-www-form-urlencoded"}
    assert refusal(server.http.post(url, content="token=a&token=b", headers=headers)) == (400, "invalid_request")
    assert refusal(server.http.post(f"{url}?token=a", headers=bank.basic)) == (400, "invalid_request")
    assert server.http.post(url, content="token=" + "x" * 70_000, headers=headers).status_code == 413
    assert server.http.get(url).status_code == 405


def test_a_public_client_may_revoke_and_not_introspect(tokens: Tokens, app: Relying) -> None:
    token = tokens(app)["access_token"]
    assert refusal(app.post("/introspect", token=token)) == (401, "invalid_client")
    assert app.post("/revoke", token=token).status_code == 200


def test_revoking_the_unknown_the_expired_and_the_malformed_is_200(
    server: Running, bank: Relying, tokens: Tokens
) -> None:
    said = claims(tokens()["access_token"])
    [expired] = signed_here(server, {**said, "exp": 1_700_000_000}, typ="at+jwt")
    for token in ("unknown", "a.b", "a.b.c", expired, "\u2603"):
        answer = bank.post("/revoke", token=token, token_type_hint="anything")
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")


def test_revoking_an_access_token_ends_it_alone(tokens: Tokens, bank: Relying) -> None:
    answer = tokens(scope="openid offline_access")
    bank.post("/revoke", token=answer["access_token"], token_type_hint="refresh_token")
    assert bank.introspect(answer["access_token"]) == INACTIVE
    assert bank.introspect(bank.refresh(answer["refresh_token"]).json()["access_token"])["active"]


def test_revoking_a_refresh_token_ends_its_family(tokens: Tokens, bank: Relying) -> None:
    answer = tokens(scope="openid offline_access")
    later = bank.refresh(answer["refresh_token"]).json()["access_token"]
    bank.post("/revoke", token=answer["refresh_token"])
    for token in (answer["access_token"], later, answer["refresh_token"]):
        assert bank.introspect(token) == INACTIVE


def test_another_clients_tokens_are_left_untouched(tokens: Tokens, bank: Relying, shop: Relying) -> None:
    answer = tokens(scope="openid offline_access")
    for token in (answer["access_token"], answer["refresh_token"]):
        assert shop.post("/revoke", token=token).status_code == 200
    assert bank.introspect(answer["access_token"])["active"]
    assert bank.refresh(answer["refresh_token"]).status_code == 200
