"""Who may ask, what a request may look like, and the identifier that comes back (AuthZEN sections 9 to 12, S35)."""

import json
import time
from base64 import b64encode
from typing import Any

import pytest
from joserfc.jwk import ECKey
from server.tests.protocol.exchange import assertion, refusal
from server.tests.protocol.pdp.asking import EVALUATION, EVALUATIONS, RELEASE, Caller, subject
from tests.simulators.running import Relying, Running

from newel.cli.opening import Open
from newel.crypto.hashing import secret_hash
from newel.domain.client import Authentication
from newel.domain.value import replace
from newel.storage.base import Unit
from newel.storage.sql.clients import client, remove_client, replace_client

KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
QUESTION = {"subject": subject("x"), "action": {"name": "read"}, "resource": {"type": "bank.report", "id": "1"}}
SEARCHES = tuple(f"/access/v1/search/{each}" for each in ("subject", "resource", "action"))
ENDPOINTS = (EVALUATION, EVALUATIONS, *SEARCHES, RELEASE)
METADATA = "/.well-known/authzen-configuration"


@pytest.fixture(scope="session")
def signer(server: Running) -> Relying:
    return server.client(
        "signer", authentication=Authentication.PRIVATE_KEY_JWT, jwks={"keys": [KEY.as_dict(private=False)]}
    )


def basic(name: str, secret: str) -> str:
    return "Basic " + b64encode(f"{name}:{secret}".encode()).decode()


@pytest.mark.parametrize("path", ENDPOINTS)
def test_whoever_does_not_authenticate_is_told_401_before_anything_else(
    server: Running, bank: Caller, path: str
) -> None:
    public = server.client(f"public-{path.rpartition('/')[2]}", authentication=Authentication.NONE)
    wrong = (
        "",
        "Basic",
        "Basic ???",
        basic("bank-api", "wrong"),
        basic("bank-api", ""),
        basic("nobody", "x"),
        basic(public.id, ""),
        basic("\u00fc", "x"),
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        f"Bearer {'x' * 9000}",
        "Digest x",
    )
    for each in wrong:
        told = server.http.post(server.issuer + path, content=b"{", headers={"authorization": each})
        assert refusal(told) == (401, "invalid_client"), each
        assert told.headers["www-authenticate"].startswith("Basic")
    assert refusal(server.http.post(server.issuer + path, json=QUESTION)) == (401, "invalid_client")
    assert bank.post(path, {}).status_code == 400


def test_a_secret_in_the_body_or_in_a_form_is_no_authentication(server: Running, bank: Caller) -> None:
    named = {"client_id": bank.client.id, "client_secret": bank.client.secret}
    url = server.issuer + EVALUATION
    assert server.http.post(url, json={**QUESTION, **named}).status_code == 401
    assert server.http.post(url, data=named).status_code == 401


def test_a_client_with_a_key_sends_its_assertion_as_bearer_once(server: Running, signer: Relying) -> None:
    def ask(value: str) -> int:
        headers = {"authorization": f"Bearer {value}"}
        return int(server.http.post(server.issuer + EVALUATION, json=QUESTION, headers=headers).status_code)

    good = assertion(KEY, signer.id, server.issuer)
    assert [ask(good), ask(good)] == [200, 401]
    assert ask(assertion(KEY, signer.id, server.issuer + EVALUATION)) == 200
    for value in (
        assertion(OTHER, signer.id, server.issuer),
        assertion(KEY, signer.id, "https://other.example"),
        assertion(KEY, signer.id, server.issuer + RELEASE),
        assertion(KEY, signer.id, server.issuer, exp=1),
        assertion(KEY, "bank-api", server.issuer),
        assertion(KEY, "nobody", server.issuer),
    ):
        assert ask(value) == 401


def test_a_disabled_client_is_nobody(server: Running) -> None:
    gone = server.client("gone-api", disabled=True)
    assert server.http.post(server.issuer + EVALUATION, json=QUESTION, headers=gone.basic).status_code == 401


@pytest.mark.parametrize("changed", [{"disabled": True}, {"secret_hash": secret_hash("another")}, None])
def test_a_secret_that_was_seen_before_ends_with_what_it_was_compared_with(
    server: Running, changed: dict[str, Any] | None
) -> None:
    asks = server.client(f"seen-before-{'-'.join(changed or {'removed': None})}")

    def ask() -> int:
        return server.http.post(server.issuer + EVALUATION, json=QUESTION, headers=asks.basic).status_code

    async def change(everything: Open) -> None:
        found = await everything.store.one(client(asks.id))
        assert found is not None
        statements = remove_client(asks.id) if changed is None else replace_client(replace(found, **changed))
        await everything.store.commit(Unit(statements))

    assert (ask(), ask()) == (200, 200)
    server.open(change)
    later = time.monotonic() + 5
    while ask() == 200:
        assert time.monotonic() < later
    assert (ask(), ask()) == (401, 401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": QUESTION["action"], "resource": QUESTION["resource"]},
        {"subject": QUESTION["subject"], "resource": QUESTION["resource"]},
        {"subject": QUESTION["subject"], "action": QUESTION["action"]},
        {**QUESTION, "subject": "alice"},
        {**QUESTION, "subject": None},
        {**QUESTION, "subject": [QUESTION["subject"]]},
        {**QUESTION, "subject": {"id": "alice"}},
        {**QUESTION, "subject": {"type": "user"}},
        {**QUESTION, "subject": {"type": "user", "id": 5}},
        {**QUESTION, "subject": {"type": "user", "id": ""}},
        {**QUESTION, "subject": {"type": "user", "id": "x" * 1025}},
        {**QUESTION, "subject": {"type": ["user"], "id": "x"}},
        {**QUESTION, "subject": {"type": "user", "id": "x", "properties": []}},
        {**QUESTION, "subject": {"type": "user", "id": "x", "properties": None}},
        {**QUESTION, "action": {}},
        {**QUESTION, "action": {"name": 123}},
        {**QUESTION, "action": {"name": "x" * 257}},
        {**QUESTION, "action": "read"},
        {**QUESTION, "action": {"name": "read", "properties": "soft"}},
        {**QUESTION, "resource": {"id": "1"}},
        {**QUESTION, "resource": {"type": "bank.report"}},
        {**QUESTION, "resource": {"type": "bank.report", "id": False}},
        {**QUESTION, "context": "home"},
        {**QUESTION, "context": None},
        {**QUESTION, "context": {f"n{number}": 1 for number in range(501)}},
        [],
        [QUESTION],
        None,
        5,
        "x",
    ],
)
def test_a_wrong_type_and_what_is_missing_are_400(bank: Caller, body: Any) -> None:
    told = bank.post(EVALUATION, body)
    assert refusal(told) == (400, "invalid_request")
    assert told.json()["error_description"].isascii()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}{}",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"subject": {"type": "user", "type": "user", "id": "x"}}',
        json.dumps({**QUESTION, "subject": {"type": "user", "id": "\ud800"}}).encode(),
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a":' * 13 + b"1" + b"}" * 13,
        b'{"context": {"amount": ' + b"9" * 5000 + b"}}",
        b"\x00",
        b"'",
    ],
)
def test_s35_what_is_not_one_json_object_is_400_and_never_500(bank: Caller, content: bytes) -> None:
    assert refusal(bank.raw(content)) == (400, "invalid_request")
    assert refusal(bank.raw(content, EVALUATIONS)) == (400, "invalid_request")


def test_s35_a_body_over_the_limit_is_413(bank: Caller) -> None:
    told = bank.raw(json.dumps({**QUESTION, "context": {"x": "y" * 70_000}}), x_request_id="big")
    assert (told.status_code, told.headers["x-request-id"]) == (413, "big")


def test_s35_values_of_any_shape_that_no_fact_takes_change_nothing(bank: Caller) -> None:
    odd = {
        "": 1,
        "a.b": {"c.d": [[[[1]]]]},
        "\u212a": "kelvin",
        "__proto__": {"admin": True},
        "x" * 5000: 1e999,
        "big": 10**40,
        "deep": {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}},
        "null": None,
        "'": "\u202e\u0000",
    }
    told = bank.raw(json.dumps({**QUESTION, "context": odd}).replace("Infinity", "1e999"))
    assert told.json()["decision"] is True
    assert told.json()["context"]["newel"]["ignored"] == len(odd)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_a_body_of_another_type_is_400(bank: Caller, media_type: str) -> None:
    assert bank.raw(json.dumps(QUESTION), content_type=media_type).status_code == 400


def test_json_may_name_its_character_set(bank: Caller) -> None:
    assert bank.raw(json.dumps(QUESTION), content_type="application/JSON; charset=utf-8").status_code == 200


@pytest.mark.parametrize("path", ENDPOINTS)
def test_other_methods_are_405(server: Running, bank: Caller, path: str) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        told = server.http.request(method, server.issuer + path, headers={**bank.client.basic, "x-request-id": "r"})
        assert (told.status_code, told.headers["allow"], told.headers["x-request-id"]) == (405, "POST", "r")


def test_the_request_identifier_comes_back_on_answers_and_on_errors(server: Running, bank: Caller) -> None:
    sent = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    for body, status in ((QUESTION, 200), ({}, 400)):
        told = bank.post(EVALUATION, body, X_Request_ID=sent)
        assert (told.status_code, told.headers["x-request-id"]) == (status, sent)
    nobody = server.http.post(server.issuer + EVALUATION, json=QUESTION, headers={"x-request-id": sent})
    assert (nobody.status_code, nobody.headers["x-request-id"]) == (401, sent)
    assert server.http.get(server.issuer + METADATA, headers={"x-request-id": sent}).headers["x-request-id"] == sent
    assert "x-request-id" not in bank.post(EVALUATION, QUESTION).headers


def test_an_identifier_that_no_log_could_hold_does_not_come_back(server: Running, bank: Caller) -> None:
    for odd in (b"x" * 300, b"caf\xe9", b"a\tb"):
        headers = [(b"x-request-id", odd), (b"authorization", bank.client.basic["authorization"].encode())]
        told = server.http.post(server.issuer + EVALUATION, json=QUESTION, headers=headers)
        assert (told.status_code, "x-request-id" in told.headers) == (200, False)


def test_the_metadata_names_the_decision_point_and_its_endpoints(server: Running) -> None:
    told = server.http.get(server.issuer + METADATA)
    issuer = server.issuer
    assert told.headers["content-type"] == "application/json"
    assert told.json() == {
        "policy_decision_point": issuer,
        "access_evaluation_endpoint": issuer + EVALUATION,
        "access_evaluations_endpoint": issuer + EVALUATIONS,
        "search_subject_endpoint": issuer + SEARCHES[0],
        "search_resource_endpoint": issuer + SEARCHES[1],
        "search_action_endpoint": issuer + SEARCHES[2],
        "newel_reservation_release_endpoint": issuer + RELEASE,
    }
    assert server.http.post(server.issuer + METADATA).status_code == 405
