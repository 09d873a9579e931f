"""How clients authenticate (RFC 6749 section 2.3, RFC 7521, RFC 7523, OpenID Connect Core section 9)."""

import json
from base64 import b64encode
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey
from server.tests.protocol.exchange import asserted, assertion, refusal
from tests.simulators.running import Relying, Running

from newel.domain.client import Authentication

KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


@pytest.fixture(scope="session")
def signer(server: Running) -> Relying:
    return server.client(
        "signer", authentication=Authentication.PRIVATE_KEY_JWT, jwks={"keys": [KEY.as_dict(private=False)]}
    )


@pytest.fixture(scope="session")
def exact(server: Running) -> Relying:
    """A client whose assertions name the issuer alone."""
    keys = {"keys": [KEY.as_dict(private=False)]}
    return server.client("exact", authentication=Authentication.PRIVATE_KEY_JWT, jwks=keys, strict_audience=True)


def call(client: Relying, value: str, path: str = "/introspect", **more: str) -> httpx2.Response:
    return client.server.http.post(client.server.issuer + path, data={"token": "x", **asserted(value), **more})


def accepted(answer: httpx2.Response) -> bool:
    if answer.status_code == 200:
        return True
    assert refusal(answer) == (401, "invalid_client")
    return False


def test_an_assertion_authenticates_at_every_endpoint_with_or_without_client_id(signer: Relying) -> None:
    issuer = signer.server.issuer
    for path in ("/introspect", "/revoke"):
        assert accepted(call(signer, assertion(KEY, "signer", issuer), path))
        assert accepted(call(signer, assertion(KEY, "signer", issuer), path, client_id="signer"))
    for path, error in (("/token", "unsupported_grant_type"), ("/par", "invalid_request")):
        assert refusal(call(signer, assertion(KEY, "signer", issuer), path)) == (400, error)


def test_the_audience_is_the_issuer_the_endpoint_or_the_token_endpoint(signer: Relying) -> None:
    issuer = signer.server.issuer
    good: tuple[Any, ...] = (issuer, [issuer], f"{issuer}/introspect", f"{issuer}/token", [issuer, f"{issuer}/token"])
    bad: tuple[Any, ...] = (
        f"{issuer}/",
        f"{issuer}/par",
        "https://other.example",
        [issuer, "https://other.example"],
        [],
        {},
        None,
        5,
        [{}],
    )
    assert all(accepted(call(signer, assertion(KEY, "signer", each))) for each in good)
    assert not any(accepted(call(signer, assertion(KEY, "signer", each))) for each in bad)


def test_a_strict_client_names_the_issuer_alone_as_one_string(exact: Relying) -> None:
    issuer = exact.server.issuer
    assert accepted(call(exact, assertion(KEY, "exact", issuer)))
    for audience in ([issuer], f"{issuer}/introspect", f"{issuer}/token", [issuer, f"{issuer}/token"]):
        assert not accepted(call(exact, assertion(KEY, "exact", audience)))


def test_an_assertion_is_used_once(signer: Relying) -> None:
    value = assertion(KEY, "signer", signer.server.issuer)
    assert accepted(call(signer, value))
    assert not accepted(call(signer, value))
    assert not accepted(call(signer, value, "/revoke"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"exp": None},
        {"exp": 1_700_000_000},
        {"exp": 4_000_000_000},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"iss": "bank-web"},
        {"sub": "bank-web"},
        {"sub": None},
        {"iss": None},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "unknown"}},
        {"header": {"jwk": OTHER.as_dict(private=False)}},
    ],
)
def test_whatever_is_wrong_with_an_assertion_is_invalid_client(signer: Relying, wrong: dict[str, Any]) -> None:
    assert not accepted(call(signer, assertion(KEY, "signer", signer.server.issuer, **wrong)))


def test_s26_the_algorithm_is_pinned_to_the_registered_keys(signer: Relying) -> None:
    issuer = signer.server.issuer
    assert not accepted(call(signer, assertion(OTHER, "signer", issuer)))
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    assert not accepted(call(signer, assertion(secret, "signer", issuer, header={"alg": "HS256"})))  # type: ignore[arg-type]  # a symmetric key on purpose
    head, body, _ = assertion(KEY, "signer", issuer).split(".")
    assert not accepted(call(signer, f"eyJhbGciOiJub25lIn0.{body}."))
    assert not accepted(call(signer, f"{head}.{body}."))


@pytest.mark.parametrize("value", ["x", "a.b.c", "..", "\u00fc.\u00fc.\u00fc", "x" * 20_000, "e30.e30.e30"])
def test_a_malformed_assertion_is_invalid_client(signer: Relying, value: str) -> None:
    assert not accepted(call(signer, value))
    assert not accepted(call(signer, value, client_id="signer"))


def test_an_assertion_of_one_client_is_none_of_another(signer: Relying) -> None:
    assert not accepted(call(signer, assertion(KEY, "signer", signer.server.issuer), client_id="bank-web"))
    assert not accepted(call(signer, assertion(KEY, "bank-web", signer.server.issuer)))


def test_the_type_of_an_assertion_is_named(signer: Relying) -> None:
    url, value = signer.server.issuer + "/introspect", assertion(KEY, "signer", signer.server.issuer)
    post = signer.server.http.post
    assert refusal(post(url, data={"token": "x", "client_assertion": value})) == (400, "invalid_request")
    saml = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}
    assert refusal(post(url, data={"token": "x", "client_assertion": value, **saml})) == (400, "invalid_request")


def test_client_secret_post_goes_into_the_body_and_nowhere_else(server: Running) -> None:
    client = server.client("poster", authentication=Authentication.POST)
    url, body = server.issuer + "/introspect", {"token": "x", "client_id": "poster"}
    assert server.http.post(url, data={**body, "client_secret": client.secret}).json() == {"active": False}
    assert refusal(server.http.post(url, data={**body, "client_secret": "wrong"})) == (401, "invalid_client")
    assert refusal(server.http.post(url, data=body)) == (401, "invalid_client")
    assert refusal(server.http.post(url, data={"token": "x"}, headers=client.basic)) == (401, "invalid_client")


def test_two_methods_at_once_are_invalid_request(server: Running, bank: Relying, signer: Relying) -> None:
    url, value = server.issuer + "/introspect", assertion(KEY, "signer", server.issuer)
    post = server.http.post
    both = {"token": "x", "client_id": bank.id, "client_secret": bank.secret}
    assert refusal(post(url, data=both, headers=bank.basic)) == (400, "invalid_request")
    assert refusal(post(url, data={"token": "x", **asserted(value)}, headers=bank.basic)) == (400, "invalid_request")
    assert refusal(post(url, data={**both, **asserted(value)})) == (400, "invalid_request")


def test_rfc6749_both_halves_of_basic_are_form_encoded(server: Running) -> None:
    client = server.client("bank+web:1")
    pair = b64encode(f"bank%2Bweb%3A1:{client.secret}".encode()).decode()
    answer = server.http.post(
        server.issuer + "/introspect", data={"token": "x"}, headers={"authorization": f"Basic {pair}"}
    )
    assert answer.json() == {"active": False}


@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic !!!",
        "Basic eA==",
        "Bearer x",
        "Basic " + b64encode(b"bank-web:wrong").decode(),
        "Basic " + b64encode(b"\xff:x").decode(),
        "Basic " + "A" * 9000,
    ],
)
def test_a_broken_or_wrong_header_is_401_with_a_challenge(server: Running, value: str) -> None:
    answer = server.http.post(
        server.issuer + "/token", data={"grant_type": "refresh_token"}, headers={"authorization": value}
    )
    assert refusal(answer) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_client_id_in_the_body_agrees_with_the_header(server: Running, bank: Relying) -> None:
    url = server.issuer + "/introspect"
    same = server.http.post(url, data={"token": "x", "client_id": bank.id}, headers=bank.basic)
    assert same.json() == {"active": False}
    assert refusal(server.http.post(url, data={"token": "x", "client_id": "shop"}, headers=bank.basic)) == (
        401,
        "invalid_client",
    )


def test_a_disabled_client_is_unknown(server: Running) -> None:
    client = server.client("gone", disabled=True)
    assert refusal(client.post("/introspect", token="x")) == (401, "invalid_client")
    assert (
        server.http.get(f"{server.issuer}/authorize?client_id=gone&redirect_uri={client.redirect_uri}").status_code
        == 400
    )
