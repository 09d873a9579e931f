"""/access/v1/evaluation: facts from their sources, evidence from the token, the answer's shapes (AuthZEN sections 5 and 6)."""

from collections.abc import Callable
from typing import Any

import pytest
from server.tests.protocol.pdp.asking import EVALUATION, SEND, TRANSFER, Caller, recorded, subject
from tests.simulators.running import Person, Running

Token = Callable[..., str]
SMALL = {"amount": 2000, "payee_known": True, "country": "DE"}
PREPARE = {"name": "prepare"}
READ = {"name": "read"}
STATEMENT = {"type": "bank.statement", "id": "s-1"}


def newel(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(answer["context"]["newel"])


def test_a_token_that_proves_enough_is_permitted_and_the_answer_says_by_which_policy(
    bank: Caller, alex: Person, token: Token
) -> None:
    told = bank.evaluate(subject(alex.id, token(alex)), SEND, TRANSFER, **SMALL)
    assert told["decision"] is True
    assert set(told["context"]) == {"newel"}
    assert len(newel(told).pop("policy")) == 64
    assert {**newel(told), "policy": ""} == {
        "bind": [],
        "bound": [],
        "denied": False,
        "reasons": ["transfer-any"],
        "policy": "",
        "unmet": [],
        "ignored": 0,
    }


def test_without_a_token_there_is_no_evidence_and_both_shapes_say_what_to_ask_for(bank: Caller, alex: Person) -> None:
    told = bank.evaluate(subject(alex.id), READ, STATEMENT)
    assert told["decision"] is False
    assert told["context"]["obligations"] == [
        {"id": "newel:step-up", "type": "step-up", "properties": {"acr_value": "aal1", "max_age": 600}}
    ]
    assert told["context"]["acr_values"] == "aal1 aal2 phr aal3"
    assert "amr_values" not in told["context"]
    assert (newel(told)["acr"], newel(told)["max_age"], newel(told)["denied"]) == ("aal1", 600, False)


def test_what_is_missing_is_the_smallest_pair_and_the_fields_still_to_be_confirmed(
    bank: Caller, alex: Person, token: Token
) -> None:
    told = bank.evaluate(subject(alex.id, token(alex)), SEND, TRANSFER, **{**SMALL, "amount": 5000})
    properties = {"acr_value": "aal2", "amr_values": ["mfa"], "max_age": 300}
    assert told["context"]["obligations"] == [{"id": "newel:step-up", "type": "step-up", "properties": properties}]
    assert (told["context"]["acr_values"], told["context"]["amr_values"]) == ("aal2 phr aal3", "mfa")
    assert (newel(told)["bind"], newel(told)["bound"]) == (["amount", "payee"], ["amount", "payee"])
    assert "payment law asks for amount and payee in the authentication" in newel(told)["reasons"]


def test_a_deny_carries_no_obligation(bank: Caller, alex: Person, token: Token) -> None:
    told = bank.evaluate(subject(alex.id, token(alex)), SEND, TRANSFER, **{**SMALL, "country": "KP"})
    assert set(told["context"]) == {"newel"}
    assert (told["decision"], newel(told)["denied"]) == (False, True)
    assert "sanctioned-country" in newel(told)["reasons"]


@pytest.mark.parametrize(
    ("resource", "action"),
    [
        ("bank.transfer", "steal"),
        ("bank.vault", "open"),
        ("newel.session", "sign_in"),
        ("newel.console", "policy"),
        ("newel.scope", "openid"),
        ("bank.transfer:send", "x"),
        ("bank", "transfer:send"),
    ],
)
def test_what_no_policy_declares_and_what_the_server_decides_for_itself_is_denied(
    bank: Caller, alex: Person, token: Token, resource: str, action: str
) -> None:
    told = bank.evaluate(subject(alex.id, token(alex)), {"name": action}, {"type": resource, "id": "1"})
    assert (told["decision"], newel(told)["denied"]) == (False, True)


def test_what_is_not_built_yet_is_said_in_words_and_asks_for_no_step_up(
    bank: Caller, alex: Person, token: Token
) -> None:
    who = subject(alex.id, token(alex, acr_values="aal2"))
    share = bank.evaluate(who, {"name": "share"}, STATEMENT)
    assert newel(share)["unmet"] == ["2 approvals by treasury would be needed, and approvals cannot be given yet"]
    audit = bank.evaluate(who, {"name": "audit"}, STATEMENT)
    assert newel(audit)["unmet"] == [
        "the entitlement gold would be needed, and entitlements cannot be granted yet",
        "1 from the meter articles would be needed, and meters are not counted yet",
    ]
    sign = bank.evaluate(who, {"name": "sign"}, STATEMENT)
    assert newel(sign)["unmet"] == ["a key-bound access token is demanded, and none is issued yet"]
    for told in (share, audit, sign):
        assert (told["decision"], set(told["context"]), newel(told)["denied"]) == (False, {"newel"}, False)


def test_a_demand_that_nothing_enrolled_can_lead_to_is_unmet(bank: Caller, server: Running, token: Token) -> None:
    sam = server.person("sam-with-a-password", password="meadow kettle 31")
    told = bank.evaluate(subject(sam.id, token(sam)), PREPARE, TRANSFER, **SMALL, channel="phone")
    assert newel(told)["acr"] == "phr"
    assert newel(told)["unmet"] == ["nothing that this person has enrolled can meet the demand"]
    assert newel(told)["no_way"] is True
    assert "obligations" not in told["context"]


def test_s09_a_declared_fallback_is_demanded_of_whoever_cannot_meet_the_demand_and_is_told_and_recorded(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    told = bank.evaluate(subject(alex.id, token(alex)), {"name": "seal"}, STATEMENT)
    assert (told["decision"], newel(told)["acr"]) == (False, "aal2")
    lesser = bank.evaluate(subject(alex.id, token(alex, acr_values="aal2")), {"name": "seal"}, STATEMENT)
    assert lesser["decision"] is True
    assert any("fallback" in reason for reason in newel(lesser)["reasons"])
    assert recorded(server, "pdp.evaluated")[-1].body["fallen"] is True
    nobody = bank.evaluate(subject(alex.id), {"name": "seal"}, STATEMENT)
    assert newel(nobody)["acr"] == "phr"  # of somebody unknown nothing less is demanded


def test_facts_of_another_source_are_ignored_and_counted(bank: Caller, alex: Person, token: Token) -> None:
    who = subject(alex.id, token(alex), groups=["treasury"], role="admin")
    told = bank.evaluate(
        who,
        SEND,
        {**TRANSFER, "properties": {"colour": "red"}},
        **SMALL,
        risk={"score": 99},
        **{"risk.score": 99, "now": 0, "velocity": {"transfer_24h": 0}, "evidence": {"acr": "phr"}},
    )
    assert told["decision"] is True  # a risk score of 99 would have demanded a passkey
    assert newel(told)["ignored"] == 8


def test_a_caller_that_is_registered_for_nothing_states_nothing(
    server: Running, bank: Caller, stranger: Caller, alex: Person, token: Token
) -> None:
    other = server.client("other-web", audience="http://localhost:9/other")
    told = stranger.evaluate(subject(alex.id, token(alex, other)), SEND, TRANSFER, **SMALL)
    assert newel(told)["ignored"] == 3
    assert newel(told)["denied"]  # the country is missing, and what cannot be told counts as a match
    assert bank.evaluate(subject(alex.id, token(alex)), SEND, TRANSFER, **SMALL)["decision"]


def test_a_missing_fact_can_only_add(bank: Caller, alex: Person, token: Token) -> None:
    who = subject(alex.id, token(alex))
    told = bank.evaluate(who, SEND, TRANSFER, amount=2000, country="DE")
    assert newel(told)["bind"] == ["amount", "payee"]
    assert newel(bank.evaluate(who, SEND, TRANSFER, amount=2000, payee_known=True))["denied"]


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ({"amount": "2000"}, "ctx.amount"),
        ({"amount": 2000.0}, "ctx.amount"),
        ({"amount": True}, "ctx.amount"),
        ({"amount": None}, "ctx.amount"),
        ({"amount": -1}, "ctx.amount"),
        ({"amount": 10**12 + 1}, "ctx.amount"),
        ({"amount": 10**400}, "ctx.amount"),
        ({"amount": []}, "ctx.amount"),
        ({"payee_known": "true"}, "ctx.payee_known"),
        ({"payee_known": 1}, "ctx.payee_known"),
        ({"country": 49}, "ctx.country"),
        ({"channel": "fax"}, "context.channel"),
        ({"channel": ["web"]}, "context.channel"),
    ],
)
def test_a_declared_fact_of_a_wrong_type_or_out_of_range_is_400(
    bank: Caller, context: dict[str, Any], named: str
) -> None:
    body = {"subject": subject("x"), "action": SEND, "resource": TRANSFER, "context": {**SMALL, **context}}
    told = bank.post(EVALUATION, body)
    assert (told.status_code, told.json()["error"]) == (400, "invalid_request")
    assert named in told.json()["error_description"]


def typed(bank: Caller, **places: dict[str, Any]) -> int:
    """The status of a question with properties of action, resource and subject."""
    body = {
        "subject": {**subject("x"), "properties": places.get("subject", {})},
        "action": {**SEND, "properties": places.get("action", {})},
        "resource": {**TRANSFER, "properties": places.get("resource", {})},
        "context": SMALL,
    }
    return bank.post(EVALUATION, body).status_code


@pytest.mark.parametrize(
    ("place", "name", "good", "bad"),
    [
        ("action", "at", ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00+01:00", 0], ["noon", "2026-02-31T00:00:00Z", 1.5, -1]),
        ("action", "within", ["5m", "30d", 60], ["5 minutes", True, "999999999999d"]),
        ("resource", "seen_from", ["192.0.2.7", "2001:db8::1"], ["300.1.1.1", 7, "fe80::1%eth0"]),
        ("subject", "tags", [[], ["a", "b"]], ["a", [1], {"a": 1}, [None]]),
    ],
)  # fmt: skip
def test_facts_stand_at_the_path_that_authzen_gives_them_and_have_their_declared_kind(
    bank: Caller, place: str, name: str, good: list[Any], bad: list[Any]
) -> None:
    assert [typed(bank, **{place: {name: each}}) for each in good] == [200] * len(good)
    assert [typed(bank, **{place: {name: each}}) for each in bad] == [400] * len(bad)


def test_the_names_of_properties_are_read_in_lower_case_and_said_once(bank: Caller) -> None:
    assert typed(bank, action={"At": "noon"}) == 400
    assert typed(bank, action={"at": 1, "AT": 1}) == 400


def test_a_name_that_only_looks_like_a_facts_states_nothing(bank: Caller, alex: Person, token: Token) -> None:
    stated = {"amount": 2000, "country": "DE", "payee_\N{KELVIN SIGN}nown": True}
    told = bank.evaluate(subject(alex.id, token(alex)), SEND, TRANSFER, **stated)
    assert (newel(told)["bind"], newel(told)["ignored"]) == (["amount", "payee"], 1)


def test_a_fact_may_stand_in_its_field_too_and_both_must_agree(bank: Caller, alex: Person, token: Token) -> None:
    fields = {"amount": {"minor": 2000, "currency": "EUR"}, "payee": {"id": "DE89", "name": "M", "country": "DE"}}
    who = subject(alex.id, token(alex))
    told = bank.evaluate(who, SEND, {**TRANSFER, "properties": fields}, payee_known=True)
    assert (told["decision"], newel(told)["ignored"]) == (True, 0)
    body = {"subject": who, "action": SEND, "resource": {**TRANSFER, "properties": fields}, "context": {"amount": 1}}
    assert bank.post(EVALUATION, body).status_code == 400


def test_unknown_members_are_ignored(bank: Caller, alex: Person, token: Token) -> None:
    body = {
        "subject": {**subject(alex.id, token(alex)), "nickname": 7},
        "action": {**SEND, "verb": None},
        "resource": {**TRANSFER, "label": []},
        "context": SMALL,
        "futureField": {"nested": True},
    }
    assert bank.post(EVALUATION, body).json()["decision"] is True


def test_asking_again_gives_the_same_answer(bank: Caller, alex: Person, token: Token) -> None:
    who = subject(alex.id, token(alex))
    answers = [bank.evaluate(who, SEND, TRANSFER, **SMALL) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_s33_every_answer_leaves_a_record_and_whom_it_is_about_can_be_forgotten(
    server: Running, bank: Caller, alex: Person, token: Token
) -> None:
    shown = token(alex)
    bank.evaluate(subject(alex.id, shown), SEND, TRANSFER, **SMALL)
    rows = recorded(server, "pdp.evaluated")
    entry = rows[-1]
    assert entry.decision is not None
    assert (entry.body["caller"], entry.decision.targets, entry.decision.outcome) == (
        "bank-api",
        ("bank.transfer:send",),
        "met",
    )
    assert entry.decision.conditions["transfer-any"] is True
    assert (entry.personal["subject"], entry.personal["ctx.amount"]) == (alex.id, 2000)
    kept = repr((entry.body, entry.decision))
    assert alex.id not in kept
    assert "ctx.amount" not in kept
    assert shown not in kept + repr(entry.personal)
