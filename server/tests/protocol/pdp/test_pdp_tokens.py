"""The person's access token: verified as at introspection, meant for who asks, and evidence of what its grant proved."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import msgpack
from server.tests.protocol.exchange import claims, execute, signed_here
from server.tests.protocol.pdp.asking import EVALUATION, SEND, TRANSFER, Caller, subject
from tests.simulators.running import Person, Relying, Running

from newel.cli.opening import Open
from newel.storage.base import Params, Query, Statement, Unit

Token = Callable[..., str]
READ, STATEMENT = {"name": "read"}, {"type": "bank.statement", "id": "s-1"}
NOT_ACTIVE = "the access token is not active, or not meant for this resource server"
PAYEE = {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"}
FIELDS: dict[str, Any] = {"amount": {"minor": 500_000, "currency": "EUR"}, "payee": PAYEE}
LARGE = {"amount": 500_000, "payee_known": False, "country": "DE"}


def payment(action: str = "send", **fields: Any) -> str:
    """The authorization_details of a transfer."""
    return json.dumps([{"type": "bank.transfer", "actions": [action], "fields": {**FIELDS, **fields}}])


def refused(bank: Caller, who: dict[str, Any]) -> None:
    """The token gives nothing: the answer is no, says why, and asks for a sign-in."""
    told = bank.evaluate(who, READ, STATEMENT)
    assert told["decision"] is False
    assert NOT_ACTIVE in told["context"]["newel"]["reasons"]
    assert told["context"]["obligations"][0]["properties"]["acr_value"] == "aal1"


def test_a_token_for_another_resource_server_gives_nothing_here(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    elsewhere = server.client("elsewhere-web", audience="http://localhost:9/elsewhere")
    refused(bank, subject(alex.id, token(alex, elsewhere)))
    nowhere = server.client("nowhere-web")
    refused(bank, subject(alex.id, token(alex, nowhere)))


def test_a_client_that_may_ask_for_tokens_of_a_resource_server_is_not_that_resource_server(
    server: Running, alex: Person, token: Token
) -> None:
    shown, api = token(alex), "http://localhost:9/bank"
    asking = server.client("asks-for-tokens", resources=(api,), audience="http://localhost:9/its-own")
    refused(Caller(asking), subject(alex.id, shown))


def test_a_token_that_names_several_audiences_is_for_each_of_them(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    said = claims(token(alex))
    [several, strange] = signed_here(
        server, {**said, "aud": ["x", said["aud"]]}, {**said, "aud": {"aud": said["aud"]}}, typ="at+jwt"
    )
    assert bank.evaluate(subject(alex.id, several), READ, STATEMENT)["decision"]
    refused(bank, subject(alex.id, strange))


def test_whatever_is_no_access_token_of_this_server_gives_nothing(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    good = token(alex)
    said = claims(good)
    changed = ({"exp": 1_700_000_000}, {"iss": "https://other.example"}, {"jti": 5}, {"sid": None}, {"sub": "other"})
    forged = signed_here(server, *({**said, **each} for each in changed), typ="at+jwt")
    wrong_typ = signed_here(server, said, typ="newel-epoch+jwt")
    for each in ("", "x", "a.b.c", "x" * 20_000, good[:-2], good + ".", "\u2603.x.y", *forged, *wrong_typ):
        refused(bank, subject(alex.id, each))
    assert bank.evaluate(subject(alex.id, good), READ, STATEMENT)["decision"]


def test_a_token_that_is_not_active_is_refused_even_where_nothing_is_demanded(bank: Caller, alex: Person) -> None:
    report = {"type": "bank.report", "id": "1"}
    told = bank.evaluate(subject(alex.id, "x.y.z"), READ, report)
    assert (told["decision"], told["context"]["acr_values"]) == (False, "aal1 aal2 phr aal3")
    assert bank.evaluate(subject(alex.id), READ, report)["decision"] is True


@pytest.mark.parametrize("wrong", [5, None, ["x"], {"token": "x"}, True])
def test_a_token_of_a_wrong_type_is_400(bank: Caller, wrong: Any) -> None:
    who = {"type": "user", "id": "x", "properties": {"access_token": wrong}}
    assert bank.post(EVALUATION, {"subject": who, "action": READ, "resource": STATEMENT}).status_code == 400


def test_s29_a_revoked_token_gives_nothing_at_once_although_it_was_seen_before(
    bank: Caller, alex: Person, token: Token, web: Relying
) -> None:
    shown = token(alex)
    assert bank.evaluate(subject(alex.id, shown), READ, STATEMENT)["decision"]
    web.post("/revoke", token=shown)
    refused(bank, subject(alex.id, shown))


def test_s29_a_session_that_ended_takes_its_tokens_along(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    shown = token(alex)
    assert bank.evaluate(subject(alex.id, shown), READ, STATEMENT)["decision"]
    revoke = "INSERT INTO revocations (id, kind, at, expires_at) VALUES (:id, 'session', 1, 9999999999)"
    execute(server, revoke, id=claims(shown)["sid"])
    refused(bank, subject(alex.id, shown))


def test_a_session_that_is_over_gives_nothing(server: Running, bank: Caller, alex: Person, token: Token) -> None:
    shown = token(alex)
    execute(server, "UPDATE sessions SET expires_at = 1 WHERE lineage = :sid", sid=claims(shown)["sid"])
    refused(bank, subject(alex.id, shown))


def test_a_disabled_subject_proves_nothing(server: Running, bank: Caller, alex: Person, token: Token) -> None:
    shown = token(alex)
    assert bank.evaluate(subject(alex.id, shown), READ, STATEMENT)["decision"]
    body = server.rows("SELECT body FROM subjects WHERE id = :id", id=alex.id)[0][0]
    disabled = msgpack.encode({**msgpack.decode(body), "disabled": True})
    execute(server, "UPDATE subjects SET body = :body WHERE id = :id", body=disabled, id=alex.id)
    refused(bank, subject(alex.id, shown))


def test_the_token_of_one_person_says_nothing_about_another(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    sam = server.person("sam-another")
    told = bank.evaluate(subject(sam.id, token(alex)), READ, STATEMENT)
    assert (told["decision"], set(told["context"])) == (False, {"newel"})
    assert told["context"]["newel"]["unmet"] == ["the access token is another subject's"]
    free = bank.evaluate(subject(sam.id, token(alex)), READ, {"type": "bank.report", "id": "1"})
    assert free["decision"] is False  # although nothing is demanded


def test_old_evidence_no_longer_counts_and_the_exact_age_is_asked_for(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    shown = token(alex)
    aged(server, claims(shown)["jti"].partition(".")[0], 601)
    told = bank.evaluate(subject(alex.id, shown), READ, STATEMENT)
    properties = {"acr_value": "aal1", "max_age": 600}
    assert told["context"]["obligations"][0]["properties"] == properties


def test_s06_a_token_from_before_the_step_up_does_not_rise_with_its_session(
    bank: Caller, alex: Person, token: Token
) -> None:
    before = token(alex)
    after = token(alex, acr_values="aal2")
    answers = [bank.evaluate(subject(alex.id, each), SEND, TRANSFER, **LARGE) for each in (before, after)]
    assert [each["context"]["newel"].get("max_age") for each in answers] == [300, None]  # only the binding is missing
    assert [each["decision"] for each in answers] == [False, False]


def test_s25_an_authenticator_that_is_gone_takes_its_evidence_along(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    shown = token(alex)
    assert bank.evaluate(subject(alex.id, shown), READ, STATEMENT)["decision"]
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'password'", s=alex.id)
    assert bank.evaluate(subject(alex.id, shown), READ, STATEMENT)["decision"] is False


def test_s17_a_confirmed_action_satisfies_the_binding_of_exactly_that_action(
    bank: Caller, alex: Person, token: Token
) -> None:
    who = subject(alex.id, token(alex, authorization_details=payment()))
    told = bank.evaluate(who, SEND, TRANSFER, **LARGE)
    assert (told["decision"], told["context"]["newel"]["bound"]) == (True, ["amount", "payee"])
    whole = bank.evaluate(who, SEND, {**TRANSFER, "properties": FIELDS}, payee_known=False)
    assert whole["decision"] is True


@pytest.mark.parametrize(
    "properties",
    [
        {"amount": {"minor": 500_001, "currency": "EUR"}, "payee": PAYEE},
        {"amount": {"minor": 500_000, "currency": "USD"}, "payee": PAYEE},
        {"amount": {"minor": 500_000, "currency": "EUR"}, "payee": {**PAYEE, "id": "DE00"}},
        {"amount": {"minor": 500_000, "currency": "EUR"}},
        {**FIELDS, "reference": "one more field"},
        {"payee": PAYEE, "amount": {"minor": 500_000, "currency": "EUR", "exact": True}},
    ],
)
def test_s17_other_fields_than_the_confirmed_ones_are_not_confirmed(
    bank: Caller, alex: Person, token: Token, properties: dict[str, Any]
) -> None:
    who = subject(alex.id, token(alex, authorization_details=payment()))
    told = bank.evaluate(who, SEND, {**TRANSFER, "properties": properties}, payee_known=False, country="DE")
    assert told["decision"] is False
    assert told["context"]["newel"]["bind"] == ["amount", "payee"]


def test_s17_a_stated_amount_that_differs_from_the_confirmed_one_is_not_confirmed(
    bank: Caller, alex: Person, token: Token
) -> None:
    who = subject(alex.id, token(alex, authorization_details=payment()))
    for changed in ({"amount": 500_001}, {"country": "FR"}):
        assert bank.evaluate(who, SEND, TRANSFER, **{**LARGE, **changed})["decision"] is False


def test_s17_a_confirmed_action_is_for_its_own_token_person_and_time(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    said = claims(token(alex, authorization_details=payment()))
    [entry] = said["authorization_details"]
    changes: list[dict[str, Any]] = [
        {"exp": 1},
        {"sub": "another"},
        {"client_id": "another"},
        {"iss": "https://other.example"},
        {"aud": "http://localhost:9/other"},
        {"action": "prepare"},
        {"resource": "bank.vault"},
        {"fields": {"amount": FIELDS["amount"]}},
        {"fields": "all"},
        {"exp": "soon"},
        {"interaction": "another"},
        {"nonce": 1.5},
    ]
    changed = [[{**entry, "elevation": {**entry["elevation"], **each}}] for each in changes]
    odd: list[Any] = [[], [entry, entry], "x", [5], [{}], {"0": entry}]
    tokens = signed_here(server, *({**said, "authorization_details": each} for each in (*changed, *odd)), typ="at+jwt")
    for each in tokens:
        told = bank.evaluate(subject(alex.id, each), SEND, TRANSFER, **LARGE)
        assert told["decision"] is False, claims(each)["authorization_details"]


def test_s17_what_was_confirmed_for_one_action_is_not_confirmed_for_another_with_the_same_fields(
    bank: Caller, alex: Person, token: Token
) -> None:
    for confirmed, other in (("send", "schedule"), ("schedule", "send")):
        who = subject(alex.id, token(alex, authorization_details=payment(confirmed)))
        told = bank.evaluate(who, {"name": other}, TRANSFER, **LARGE)
        assert (told["decision"], told["context"]["newel"]["bind"]) == (False, ["amount", "payee"])
        assert bank.evaluate(who, {"name": confirmed}, TRANSFER, **LARGE)["decision"] is True


def test_a_browser_that_only_signed_in_again_has_confirmed_nothing(bank: Caller, alex: Person, token: Token) -> None:
    token(alex, authorization_details=payment())
    later = token(alex)
    told = bank.evaluate(subject(alex.id, later), SEND, TRANSFER, **LARGE)
    assert told["context"]["newel"]["bind"] == ["amount", "payee"]


def aged(server: Running, family: str, seconds: int) -> None:
    """Move the evidence of a grant into the past."""

    async def work(everything: Open) -> None:
        found = await everything.store.one(Query("SELECT body FROM families WHERE id = :id", {"id": family}, tuple))
        assert found is not None
        grant = msgpack.decode(found[0])
        earlier = [{**event, "at": event["at"] - seconds} for event in grant["evidence"]]
        params: Params = {"body": msgpack.encode({**grant, "evidence": earlier}), "id": family}
        await everything.store.commit(Unit((Statement("UPDATE families SET body = :body WHERE id = :id", params),)))

    server.open(work)
