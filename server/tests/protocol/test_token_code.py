"""grant_type=authorization_code (RFC 6749 sections 4.1.3 and 5, RFC 7636 section 4.6, RFC 9068)."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwt as jose
from joserfc.jwk import KeySet
from server.tests.protocol.exchange import claims, execute, part, refusal
from tests.simulators.person import VERIFIER
from tests.simulators.running import Relying, Running

Code = Callable[..., str]
Tokens = Callable[..., dict[str, Any]]


def test_a_code_is_exchanged_once_for_bearer_tokens_that_nobody_stores(code: Code, bank: Relying) -> None:
    answer = bank.redeem(code())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["token_type"] == "Bearer"
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope", "id_token"}


def test_rfc9068_the_access_token_says_who_for_whom_and_how(tokens: Tokens, server: Running, robin: object) -> None:
    answer = tokens(scope="openid profile")
    header, said = part(answer["access_token"], 0), claims(answer["access_token"])
    assert header["typ"] == "at+jwt"
    assert {"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "sid", "acr", "auth_time", "amr"} <= set(
        said
    )
    assert (said["iss"], said["client_id"], said["scope"]) == (server.issuer, "bank-web", "openid profile")
    assert said["exp"] - said["iat"] == answer["expires_in"]
    assert said["newel_acrs"] == {"aal1": said["auth_time"]}
    assert [line["method"] for line in said["newel_ledger"]] == ["password"]


def test_both_tokens_verify_under_the_published_keys(tokens: Tokens, server: Running) -> None:
    answer = tokens()
    keys = KeySet.import_key_set(server.http.get(server.issuer + "/jwks").json())
    for name in ("access_token", "id_token"):
        assert jose.decode(answer[name], keys, algorithms=["ES256"]).claims["iss"] == server.issuer


def test_an_id_token_only_for_scope_openid(tokens: Tokens) -> None:
    assert "id_token" not in tokens(scope="profile")


def test_a_client_registered_for_rs256_gets_its_id_token_so(tokens: Tokens, server: Running) -> None:
    assert part(tokens(server.client("rsa", id_signing="RS256"))["id_token"], 0)["alg"] == "RS256"
    assert part(tokens()["id_token"], 0)["alg"] == "ES256"


def test_rfc6749_a_code_presented_again_is_invalid_grant_and_ends_what_it_issued(code: Code, bank: Relying) -> None:
    used = code(scope="openid offline_access")
    first = bank.redeem(used).json()
    assert refusal(bank.redeem(used)) == (400, "invalid_grant")
    assert bank.introspect(first["access_token"]) == {"active": False}
    assert refusal(bank.refresh(first["refresh_token"])) == (400, "invalid_grant")


def test_another_clients_replay_ends_nothing(code: Code, bank: Relying, shop: Relying) -> None:
    used = code()
    access = bank.redeem(used).json()["access_token"]
    assert shop.redeem(used).json()["error"] == "invalid_grant"
    assert bank.introspect(access)["active"] is True


def test_another_client_cannot_redeem_a_code_and_does_not_spoil_it(code: Code, bank: Relying, shop: Relying) -> None:
    waiting = code()
    assert shop.redeem(waiting).json()["error"] == "invalid_grant"
    assert bank.redeem(waiting).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": ""},
        {"code_verifier": VERIFIER + "\u00fc"},
        {"redirect_uri": ""},
        {"redirect_uri": "http://localhost:9/callback/"},
    ],
)
def test_a_wrong_verifier_or_redirect_burns_the_code(code: Code, bank: Relying, wrong: dict[str, str]) -> None:
    waiting = code()
    assert refusal(bank.redeem(waiting, **wrong)) == (400, "invalid_grant")
    assert refusal(bank.redeem(waiting)) == (400, "invalid_grant")


def test_a_wrong_secret_part_leaves_the_code_to_its_client(code: Code, bank: Relying) -> None:
    waiting = code()
    assert bank.redeem(waiting[:-1] + "x").json()["error"] == "invalid_grant"
    assert bank.redeem(waiting).status_code == 200


def test_an_expired_code_is_invalid_grant(code: Code, bank: Relying, server: Running) -> None:
    waiting = code()
    now = int(time.time())
    execute(server, "UPDATE codes SET expires_at = :now WHERE id = :id", now=now, id=waiting.partition(".")[0])
    assert refusal(bank.redeem(waiting)) == (400, "invalid_grant")


def test_s13_of_many_who_redeem_one_code_at_once_one_succeeds(code: Code, bank: Relying) -> None:
    waiting = code()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bank.redeem(waiting), range(8)))
    assert sorted(each.status_code for each in answers) == [200, *[400] * 7]


def test_resource_narrows_the_audience_to_what_is_registered(code: Code, server: Running) -> None:
    wide = server.client("wide", audience="https://a.example", resources=("https://b.example", "https://c.example"))
    both = {"resource": "https://b.example"}
    assert claims(wide.redeem(code(wide)).json()["access_token"])["aud"] == "https://a.example"
    assert claims(wide.redeem(code(wide, **both)).json()["access_token"])["aud"] == "https://b.example"
    waiting = code(wide, **both)
    assert refusal(wide.redeem(waiting, resource="https://c.example")) == (400, "invalid_target")
    assert wide.redeem(waiting).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "robin", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x.y.z"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "\u00fc." + "a" * 5000}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "a" * 60_000}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "a.b"}, "invalid_grant"),
    ],
)
def test_what_cannot_be_exchanged_is_the_registered_error(bank: Relying, form: dict[str, str], error: str) -> None:
    assert refusal(bank.post("/token", **form)) == (400, error)


def test_parameters_twice_in_the_query_or_too_large_are_4xx(server: Running, bank: Relying) -> None:
    url, headers = server.issuer + "/token", {**bank.basic, "content-type": "application/x-www-form-urlencoded"}
    twice = server.http.post(url, content="grant_type=refresh_token&grant_type=x", headers=headers)
    assert refusal(twice) == (400, "invalid_request")
    assert (
        refusal(server.http.post(url + "?code=x", content="grant_type=authorization_code", headers=headers))[0] == 400
    )
    assert server.http.post(url, content="code=" + "x" * 70_000, headers=headers).status_code == 413
    for broken in ("code=%zz", "code=%ff", "code=%00", "a=1&" * 300):
        assert refusal(server.http.post(url, content=broken, headers=headers)) == (400, "invalid_request")
    assert server.http.post(url, json={"grant_type": "refresh_token"}, headers=bank.basic).status_code == 400
    assert server.http.get(url).status_code == 405
