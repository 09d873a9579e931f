"""Discovery, keys and /epoch (OpenID Connect Discovery 1.0, RFC 8414, RFC 7517, RFC 7638, docs/wire.md)."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt as jose
from joserfc.jwk import KeySet
from server.tests.protocol.exchange import claims, part
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying, Running

Tokens = Callable[..., dict[str, Any]]
Do = Callable[..., Page]


@pytest.fixture
def metadata(server: Running) -> dict[str, Any]:
    return dict(server.http.get(server.issuer + "/.well-known/openid-configuration").json())


def published(server: Running) -> dict[str, Any]:
    return {key["kid"]: key for key in server.http.get(server.issuer + "/jwks").json()["keys"]}


def epoch(server: Running) -> dict[str, Any]:
    """The epoch's claims, verified by another library."""
    answer = server.http.get(server.issuer + "/epoch")
    assert answer.headers["content-type"] == "application/jwt"
    assert part(answer.text, 0)["typ"] == "newel-epoch+jwt"
    keys = KeySet.import_key_set(server.http.get(server.issuer + "/jwks").json())
    return dict(jose.decode(answer.text, keys, algorithms=["ES256"]).claims)


def test_both_documents_are_equal_public_and_name_the_issuer(server: Running, metadata: dict[str, Any]) -> None:
    other = server.http.get(server.issuer + "/.well-known/oauth-authorization-server")
    assert other.json() == metadata
    assert metadata["issuer"] == server.issuer
    assert other.headers["access-control-allow-origin"] == "*"
    assert "max-age" in other.headers["cache-control"]


def test_every_address_it_names_answers_there(server: Running, metadata: dict[str, Any]) -> None:
    named = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(named) >= 8
    for address in named:
        assert address.startswith(server.issuer)
        assert server.http.get(address).status_code in {200, 400, 401, 405}


def test_where_private_key_jwt_is_offered_its_algorithms_are_too(metadata: dict[str, Any]) -> None:
    for endpoint in ("token", "introspection", "revocation"):
        assert "private_key_jwt" in metadata[f"{endpoint}_endpoint_auth_methods_supported"]
        algorithms = metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert "ES256" in algorithms
        assert "none" not in algorithms


def test_what_is_required_by_the_standards_is_there(metadata: dict[str, Any]) -> None:
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["subject_types_supported"] == ["public"]
    assert "openid" in metadata["scopes_supported"]
    assert metadata["request_parameter_supported"] is False
    assert metadata["request_uri_parameter_supported"] is False


def test_every_grant_type_and_prompt_it_offers_works(metadata: dict[str, Any], bank: Relying, ask: Do) -> None:
    assert metadata["grant_types_supported"] == ["authorization_code", "refresh_token"]
    for grant in metadata["grant_types_supported"]:
        assert (
            bank.post("/token", grant_type=grant).json()["error"] == "invalid_request"
        )  # its own parameter is missing
    assert {"none", "login"} <= set(metadata["prompt_values_supported"])
    for prompt in metadata["prompt_values_supported"]:
        assert ask(prompt=prompt).answer.get("error") in {None, "login_required"}


def test_every_class_it_offers_is_known(metadata: dict[str, Any], ask: Do) -> None:
    for acr in metadata["acr_values_supported"]:
        page = ask(prompt="none", claims=json.dumps({"id_token": {"acr": {"essential": True, "value": acr}}}))
        assert page.answer["error"] == "login_required"


def test_keys_are_public_named_by_thumbprint_and_for_one_use(server: Running) -> None:
    for kid, key in published(server).items():
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
        assert key["use"] == "sig"
        assert next(iter(KeySet.import_key_set({"keys": [key]}))).thumbprint() == kid
    assert {key["alg"] for key in published(server).values()} == {"ES256", "RS256"}


def test_a_rotation_announces_the_next_key_and_keeps_the_previous_published(
    tokens: Tokens, server: Running, bank: Relying
) -> None:
    old = tokens()["access_token"]
    before, counted = set(published(server)), epoch(server)["epoch"]["keys"]
    assert server.cli("keys", "rotate", "--alg", "ES256").returncode == 0
    announced = set(published(server)) - before
    assert len(announced) == 1
    assert part(tokens()["access_token"], 0)["kid"] in before
    assert server.cli("keys", "rotate", "--alg", "ES256", "--at-once").returncode == 0
    fresh = tokens()["access_token"]
    assert part(fresh, 0)["kid"] not in before | announced
    assert part(old, 0)["kid"] in published(server)
    assert bank.introspect(old)["active"]
    assert bank.introspect(fresh)["active"]
    assert epoch(server)["epoch"]["keys"] > counted


def test_a_compromised_key_is_withdrawn_with_all_it_signed(tokens: Tokens, server: Running, bank: Relying) -> None:
    old = tokens()["access_token"]
    assert server.cli("keys", "rotate", "--compromised").returncode == 0
    assert part(old, 0)["kid"] not in published(server)
    assert bank.introspect(old) == {"active": False}
    assert bank.introspect(tokens()["access_token"])["active"]


def test_the_epoch_is_short_lived_and_never_stored(server: Running) -> None:
    said = epoch(server)
    assert said["iss"] == server.issuer
    assert abs(said["iat"] - time.time()) < 5
    assert said["exp"] == said["iat"] + 30
    assert set(said["epoch"]) == {"keys", "policy", "revocations"}
    assert server.http.get(server.issuer + "/epoch").headers["cache-control"] == "no-store"


def test_the_epoch_lists_revoked_tokens_families_and_sessions(
    sign_in: Do, browser: Browser, tokens: Tokens, server: Running, bank: Relying, sam: Person
) -> None:
    before = epoch(server)["epoch"]["revocations"]
    access = tokens()["access_token"]
    bank.post("/revoke", token=access)
    refresh = tokens(scope="openid offline_access")["refresh_token"]
    bank.post("/revoke", token=refresh)
    session = claims(bank.redeem(sign_in(sam).answer["code"]).json()["access_token"])["sid"]
    page = browser.get("/sign-out")
    browser.post("/sign-out", {**page.form("csrf")["fields"], "decision": "sign_out"})
    said = epoch(server)
    assert claims(access)["jti"] in said["revoked_tokens"]
    assert refresh.partition(".")[0] in said["revoked_families"]
    assert session in [lineage for lineage, _ in said["revoked_sessions"]]
    assert said["epoch"]["revocations"] > before


def test_heads_answer_and_other_methods_are_405(server: Running) -> None:
    for path in ("/jwks", "/epoch", "/.well-known/openid-configuration"):
        assert server.http.head(server.issuer + path).status_code == 200
        assert server.http.post(server.issuer + path).status_code == 405
