"""S26: nothing is believed because a token says so: `none`, HMAC under a public key, keys from outside, other types."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.security.signing import Asserting, Key, asserting, claims_of, header_of, unsigned, with_hmac
from tests.security.stage import Do
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.crypto import base64url

Forge = Callable[[str, dict[str, Any]], str]


def published(server: Running) -> dict[str, Any]:
    return dict(server.http.get(f"{server.issuer}/jwks").json())


def none(token: str, _jwks: dict[str, Any]) -> str:
    return unsigned({**header_of(token), "alg": "none"}, claims_of(token)) + "."


def none_with_signature(token: str, jwks: dict[str, Any]) -> str:
    return none(token, jwks) + token.rsplit(".", 1)[1]


def hmac_under_the_public_key(token: str, jwks: dict[str, Any]) -> str:
    key = next(each for each in jwks["keys"] if each["kid"] == header_of(token)["kid"])
    return with_hmac(header_of(token), claims_of(token), json.dumps(key).encode())


def hmac_under_the_point(token: str, jwks: dict[str, Any]) -> str:
    key = next(each for each in jwks["keys"] if each["kid"] == header_of(token)["kid"])
    return with_hmac(header_of(token), claims_of(token), base64url.decode(key["x"]))


def own_key_embedded(token: str, _jwks: dict[str, Any]) -> str:
    key = Key(kid=header_of(token)["kid"])
    return key.sign(claims_of(token), typ=header_of(token)["typ"], jwk=key.jwk)


def own_key_by_address(token: str, _jwks: dict[str, Any]) -> str:
    key = Key(kid=header_of(token)["kid"])
    return key.sign(claims_of(token), typ=header_of(token)["typ"], jku="http://localhost:9/jwks")


def own_key_under_its_kid(token: str, _jwks: dict[str, Any]) -> str:
    return Key(kid=header_of(token)["kid"]).sign(claims_of(token), typ=header_of(token)["typ"])


def lenient_base64(token: str, _jwks: dict[str, Any]) -> str:
    return token + "="


def trailing_bits(token: str, _jwks: dict[str, Any]) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def changed_claims(token: str, _jwks: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    body = base64url.encode(json.dumps({**claims_of(token), "acr": "phr"}).encode())
    return f"{head}.{body}.{signature}"


def zero_signature(token: str, _jwks: dict[str, Any]) -> str:
    return f"{token.rsplit('.', 1)[0]}.{base64url.encode(bytes(64))}"


FORGERIES: list[Forge] = [
    none,
    none_with_signature,
    hmac_under_the_public_key,
    hmac_under_the_point,
    own_key_embedded,
    own_key_by_address,
    own_key_under_its_kid,
    lenient_base64,
    trailing_bits,
    changed_claims,
    zero_signature,
]


@pytest.fixture
def tokens(sign_in: Do, bank: Relying, sam: Person) -> dict[str, str]:
    return dict(bank.redeem(sign_in(sam).answer["code"]).json())


def believed(server: Running, bank: Relying, token: str) -> tuple[int, bool]:
    answer = server.http.get(f"{server.issuer}/userinfo", headers={"authorization": f"Bearer {token}"})
    return answer.status_code, bool(bank.introspect(token)["active"])


@pytest.mark.parametrize("forge", FORGERIES)
def test_s26_a_forged_access_token_is_not_believed(
    server: Running, bank: Relying, tokens: dict[str, str], forge: Forge
) -> None:
    assert believed(server, bank, tokens["access_token"]) == (200, True)
    assert believed(server, bank, forge(tokens["access_token"], published(server))) == (401, False)


@pytest.mark.parametrize("forge", [each for each in FORGERIES if each is not lenient_base64])
def test_s26_a_forged_id_token_is_no_hint(server: Running, ask: Do, tokens: dict[str, str], forge: Forge) -> None:
    assert "error" not in ask(prompt="none", id_token_hint=tokens["id_token"]).answer
    forged = forge(tokens["id_token"], published(server))
    assert ask(prompt="none", id_token_hint=forged).answer["error"] == "invalid_request"


def test_s26_a_token_of_another_type_is_not_believed(
    server: Running, bank: Relying, ask: Do, browser: Browser, tokens: dict[str, str]
) -> None:
    epoch = server.http.get(f"{server.issuer}/epoch").text
    for other in (tokens["id_token"], epoch):
        assert believed(server, bank, other) == (401, False)
    assert ask(prompt="none", id_token_hint=tokens["access_token"]).answer["error"] == "invalid_request"
    own = server.client("own-audience", audience="own-audience")
    code = browser.get(authorize_url(own.id, own.redirect_uri)).answer["code"]
    hint = own.redeem(code).json()["access_token"]
    told = browser.get(authorize_url(own.id, own.redirect_uri, prompt="none", id_token_hint=hint))
    assert told.answer["error"] == "invalid_request"


@pytest.fixture(scope="module")
def there(server: Running) -> Asserting:
    return asserting(server, "assertions-26")


def test_s26_an_assertion_is_believed_under_the_registered_key_alone(there: Asserting) -> None:
    assert there.status(there.key.sign(there.assertion())) == 200
    other = Key()
    public = json.dumps(there.key.jwk).encode()
    for forged in (
        other.sign(there.assertion()),
        other.sign(there.assertion(), jwk=other.jwk),
        other.sign(there.assertion(), x5u="http://localhost:9/cert"),
        unsigned({"alg": "none"}, there.assertion()) + ".",
        with_hmac({"kid": "one"}, there.assertion(), public),
        there.key.sign(there.assertion(), typ="at+jwt"),
        there.key.sign(there.assertion(), crit=["b64"], b64=False),
        there.key.sign(there.assertion(aud="https://elsewhere.example")),
        there.key.sign(there.assertion(exp=int(time.time()) - 60)),
        there.key.sign(there.assertion(exp=int(time.time()) + 3600)),
        there.key.sign(there.assertion(sub="bank-web")),
        there.key.sign({name: value for name, value in there.assertion().items() if name != "jti"}),
    ):
        assert there.status(forged) == 401


def test_s26_a_client_cannot_be_registered_with_a_weak_or_ambiguous_key(server: Running) -> None:
    key = Key().jwk
    weak = {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": "weak",
        "n": base64url.encode(b"\xc1" * 128),
        "e": "AQAB",
    }
    symmetric = {"kty": "oct", "alg": "HS256", "kid": "s", "k": base64url.encode(b"k" * 32)}
    for number, keys in enumerate(([weak], [symmetric], [key, key])):
        file = server.folder / f"keys-{number}.json"
        file.write_text(json.dumps({"keys": keys}))
        options = ("--auth", "private_key_jwt", "--jwks", str(file), "--redirect-uri", "https://app.example/cb")
        told = server.cli("client", "add", f"weak-{number}", *options)
        assert told.returncode != 0, told.stdout
