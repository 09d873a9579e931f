"""grant_type=refresh_token (RFC 6749 section 6, RFC 9700 section 4.14, S06, S29)."""

from collections.abc import Callable
from typing import Any

import pytest
from server.tests.protocol.exchange import claims, execute, refusal
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying, Running

Tokens = Callable[..., dict[str, Any]]
Do = Callable[..., Page]
OFFLINE = "openid profile offline_access"


def forget(server: Running, token: str, seconds: int = 31) -> None:
    """Let the 30 seconds in which a predecessor is forgiven pass."""
    sql = "UPDATE families SET rotated_at = rotated_at - :seconds WHERE id = :id"
    execute(server, sql, seconds=seconds, id=token.partition(".")[0])


def test_a_refresh_token_only_for_offline_access(tokens: Tokens, app: Relying) -> None:
    assert "refresh_token" not in tokens(scope="openid profile")
    assert "refresh_token" not in tokens(app, scope="openid")
    assert "refresh_token" in tokens(scope=OFFLINE)


def test_a_confidential_clients_token_does_not_rotate(tokens: Tokens, bank: Relying) -> None:
    first = tokens(scope=OFFLINE)
    for _ in range(2):
        again = bank.refresh(first["refresh_token"])
        assert again.headers["cache-control"] == "no-store"
        assert again.json()["refresh_token"] == first["refresh_token"]
        assert again.json()["access_token"] != first["access_token"]


def test_acr_auth_time_sub_and_sid_do_not_move_and_there_is_no_nonce(tokens: Tokens, bank: Relying) -> None:
    first = tokens(scope=OFFLINE)
    again = bank.refresh(first["refresh_token"]).json()
    before, after = claims(first["id_token"]), claims(again["id_token"])
    for name in ("acr", "auth_time", "amr", "sub", "sid", "aud", "azp", "iss"):
        assert after[name] == before[name]
    assert "nonce" not in after


def test_s06_a_step_up_after_it_never_raises_an_older_refresh_token(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    old = bank.redeem(sign_in(alex, scope=OFFLINE).answer["code"]).json()
    page = browser.submit(ask(acr_values="aal2", scope=OFFLINE), otp=alex.code())
    new = bank.redeem(page.answer["code"]).json()
    assert claims(bank.refresh(new["refresh_token"]).json()["access_token"])["acr"] == "aal2"
    assert claims(bank.refresh(old["refresh_token"]).json()["access_token"])["acr"] == "aal1"
    assert old["refresh_token"].partition(".")[0] != new["refresh_token"].partition(".")[0]


def test_an_acr_whose_authenticator_was_removed_is_gone(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = browser.submit(ask(acr_values="aal2", scope=OFFLINE + " payments"), otp=alex.code())
    first = bank.redeem(page.answer["code"]).json()
    execute(server, "DELETE FROM authenticators WHERE subject = :subject AND method = 'totp'", subject=alex.id)
    again = bank.refresh(first["refresh_token"]).json()
    assert (claims(again["access_token"])["acr"], "payments" in again["scope"]) == ("aal1", False)
    execute(server, "DELETE FROM authenticators WHERE subject = :subject", subject=alex.id)
    assert refusal(bank.refresh(first["refresh_token"])) == (400, "invalid_grant")


def test_scope_may_narrow_for_one_answer_and_never_widen(tokens: Tokens, bank: Relying) -> None:
    token = tokens(scope=OFFLINE)["refresh_token"]
    assert bank.refresh(token, scope="profile").json()["scope"] == "profile"
    assert bank.refresh(token).json()["scope"] == OFFLINE
    assert refusal(bank.refresh(token, scope="openid email")) == (400, "invalid_scope")
    assert refusal(bank.refresh(token, resource="https://other.example")) == (400, "invalid_target")


def test_a_public_clients_token_rotates(tokens: Tokens, app: Relying) -> None:
    first = tokens(app, scope=OFFLINE)["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    assert second != first
    assert app.refresh(second).status_code == 200


def test_a_refused_request_does_not_turn_the_token(tokens: Tokens, app: Relying, server: Running) -> None:
    first = tokens(app, scope=OFFLINE)["refresh_token"]
    assert refusal(app.refresh(first, scope="openid email")) == (400, "invalid_scope")
    assert refusal(app.refresh(first, resource="https://other.example")) == (400, "invalid_target")
    forget(server, first)
    assert app.refresh(first).status_code == 200


def test_within_30_seconds_the_previous_token_gets_a_new_successor(tokens: Tokens, app: Relying) -> None:
    first = tokens(app, scope=OFFLINE)["refresh_token"]
    lost = app.refresh(first).json()["refresh_token"]
    found = app.refresh(first).json()["refresh_token"]
    assert found not in {first, lost}
    assert app.refresh(found).status_code == 200


def test_after_30_seconds_reuse_ends_the_family_and_its_access_tokens(
    tokens: Tokens, app: Relying, bank: Relying, server: Running
) -> None:
    answer = tokens(app, scope=OFFLINE)
    second = app.refresh(answer["refresh_token"]).json()
    forget(server, second["refresh_token"])
    assert refusal(app.refresh(answer["refresh_token"])) == (400, "invalid_grant")
    assert refusal(app.refresh(second["refresh_token"])) == (400, "invalid_grant")
    header = {"authorization": f"Bearer {second['access_token']}"}
    assert server.http.get(server.issuer + "/userinfo", headers=header).status_code == 401


def test_s29_what_was_never_issued_is_no_reuse_and_ends_nothing(tokens: Tokens, app: Relying) -> None:
    first, other = (tokens(app, scope=OFFLINE)["refresh_token"] for _ in range(2))
    family, _, secret = first.partition(".")
    foreign = other.partition(".")[2]
    made_up = ("garbage", secret[:64], "0" * len(secret), secret[:-1] + ("0" if secret[-1] != "0" else "1"), foreign)
    for guess in (*made_up, "\u00e9" * 96):
        assert refusal(app.refresh(f"{family}.{guess}")) == (400, "invalid_grant")
    assert app.refresh(first).status_code == 200


def test_once_the_successor_was_used_its_predecessor_is_reuse_even_at_once(tokens: Tokens, app: Relying) -> None:
    first = tokens(app, scope=OFFLINE)["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    third = app.refresh(second).json()["refresh_token"]
    assert refusal(app.refresh(first)) == (400, "invalid_grant")
    assert refusal(app.refresh(third)) == (400, "invalid_grant")


@pytest.mark.parametrize("owner", ["bank", "app"])
def test_another_client_cannot_use_a_token_and_does_not_end_it(
    tokens: Tokens, request: pytest.FixtureRequest, shop: Relying, server: Running, owner: str
) -> None:
    client: Relying = request.getfixturevalue(owner)
    token = tokens(client, scope=OFFLINE)["refresh_token"]
    assert refusal(shop.refresh(token)) == (400, "invalid_grant")
    assert client.refresh(token).status_code == 200


def test_an_expired_token_is_invalid_grant(tokens: Tokens, bank: Relying, server: Running) -> None:
    token = tokens(scope=OFFLINE)["refresh_token"]
    execute(server, "UPDATE families SET expires_at = 1 WHERE id = :id", id=token.partition(".")[0])
    assert refusal(bank.refresh(token)) == (400, "invalid_grant")


def test_s29_signing_out_ends_everything_below_the_session(
    sign_in: Do, browser: Browser, bank: Relying, sam: Person
) -> None:
    answer = bank.redeem(sign_in(sam, scope=OFFLINE).answer["code"]).json()
    page = browser.get("/sign-out")
    browser.post("/sign-out", {**page.form("csrf")["fields"], "decision": "sign_out"})
    assert refusal(bank.refresh(answer["refresh_token"])) == (400, "invalid_grant")
    assert bank.introspect(answer["access_token"]) == {"active": False}
