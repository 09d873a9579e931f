"""Bound actions at the guard (S17)."""

import sqlite3
from collections.abc import Mapping
from typing import Any, Literal

import pytest

from newel_sdk.action import digest
from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.encoding import base64url
from newel_sdk.errors import ActionRefused, InputRefused
from newel_sdk.guard import ActionCheck, Allowed, Demand, Guard, MemorySpentStore, SqliteSpentStore
from newel_sdk.testing import Issuer

NOW = 1_790_000_000
TARGET = "bank.transfer:send"
FIELDS = {"minor": 500_000, "payee": "DE89"}
ISSUER = Issuer(clock=lambda: NOW)
UP = ("aal2", "phr", "aal3")


def demand(fields: Mapping[str, Any], facts: Mapping[str, Any]) -> Demand | None:
    if facts["known"] and fields["minor"] <= 100_000:
        return None
    return Demand(acr="aal2", max_age=300, bind=True, because="A new payee")


def made(
    asked: Demand | None = None, *, acr: str | None = "aal1", spend: Literal["guard", "effect"] = "guard", **more: Any
) -> ActionCheck:
    guard = Guard(
        issuer=ISSUER.issuer,
        audience=ISSUER.audience,
        keys=ISSUER.keys,
        spent=MemorySpentStore(lambda: NOW),
        clock=lambda: NOW,
    )
    return guard.require_action(
        TARGET,
        fields={"minor": "minor", "payee": "payee"},
        facts=lambda _parsed, claims: {"known": claims.subject == "bob"},
        demand=(lambda _fields, _facts: asked) if asked else demand,
        acr=acr,
        spend=spend,
        **more,
    )


def approved(fields: Mapping[str, Any] = FIELDS, acr: str = "aal2", **claims: Any) -> str:
    return ISSUER.token(acr=acr, action=(TARGET, fields), **claims)


def changed(fields: Mapping[str, Any] = FIELDS, *, exp: int = NOW + 60, **members: Any) -> str:
    """A token whose object A was made with other members, correctly digested by the server."""
    entry = ISSUER.elevation("alice", TARGET, fields, binding="signed", now=NOW)
    entry["elevation"] |= {"exp": exp} | members
    entry["digest"] = base64url(digest(entry["elevation"]))
    return ISSUER.token(acr="aal2", authorization_details=[entry])


def test_a_small_act_needs_no_approval_and_gives_the_fields_to_execute() -> None:
    small = {"minor": 100, "payee": "DE89"}
    outcome = made().decide(ISSUER.token(sub="bob"), small | {"other": "x"})
    assert isinstance(outcome, Allowed)
    assert (outcome.fields, outcome.facts, outcome.elevation) == (small, {"known": True}, None)
    assert made().reads_input


def test_a_large_act_asks_for_exactly_itself_with_the_reason() -> None:
    outcome = made().decide(ISSUER.token(), FIELDS)
    detail = {"type": "bank.transfer", "actions": ["send"], "fields": FIELDS}
    assert outcome == Challenge(acr_values=UP, max_age=300, authorization_details=(detail,), because="A new payee")


def test_enough_evidence_without_an_approval_is_challenged() -> None:
    assert isinstance(made().decide(ISSUER.token(acr="aal3"), FIELDS), Challenge)


def test_the_approval_of_exactly_these_values_is_spent_once() -> None:
    check, token = made(), approved()
    outcome = check.decide(token, FIELDS)
    assert isinstance(outcome, Allowed)
    assert outcome.elevation is not None
    assert outcome.elevation.binding == "signed"
    again = check.decide(token, FIELDS)
    assert isinstance(again, Challenge)
    assert again.because == "this approval was used before"


@pytest.mark.parametrize("sent", [FIELDS | {"minor": 500_001}, FIELDS | {"payee": "FR76"}])
def test_psd2_rts_article_5_any_change_voids_the_approval(sent: dict[str, Any]) -> None:
    check, token = made(), approved()
    outcome = check.decide(token, sent)
    assert isinstance(outcome, Challenge)
    assert outcome.because == "what was approved is not what was sent"
    assert isinstance(check.decide(token, FIELDS), Allowed), "a failed guard spends nothing"


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"iss": "https://other.example"},
        {"aud": "https://other.example"},
        {"client_id": "other"},
        {"sub": "mallory"},
        {"cnf": {"jkt": "x"}},
        {"extra": 1},
        {"exp": NOW},
    ],
)
def test_s17_an_approval_from_elsewhere_or_too_old_does_not_fit(members: dict[str, Any]) -> None:
    assert isinstance(made().decide(changed(), FIELDS), Allowed)
    assert isinstance(made().decide(changed(**members), FIELDS), Challenge)


def test_s17_an_approval_of_another_action_does_not_fit() -> None:
    other = ISSUER.elevation("alice", "bank.transfer:cancel", FIELDS, binding="signed", now=NOW)
    own = ISSUER.elevation("alice", TARGET, FIELDS, binding="signed", now=NOW)
    assert isinstance(made().decide(ISSUER.token(acr="aal2", authorization_details=[other]), FIELDS), Challenge)
    assert isinstance(made().decide(ISSUER.token(acr="aal2", authorization_details=[other, own]), FIELDS), Allowed)


def test_a_display_that_cannot_be_canonical_does_not_fit() -> None:
    entry = ISSUER.elevation("alice", TARGET, FIELDS, binding="signed", now=NOW)
    entry["elevation"]["display"]["text"] = "a\u202eb"
    outcome = made().decide(ISSUER.token(acr="aal2", authorization_details=[entry]), FIELDS)
    assert isinstance(outcome, Challenge)
    assert "bidi" in outcome.because


def test_the_evidence_is_looked_at_beside_the_approval() -> None:
    assert isinstance(made().decide(approved(acr="aal1"), FIELDS), Challenge)
    assert isinstance(made().decide(approved(auth_time=NOW - 301), FIELDS), Challenge)
    assert isinstance(made(acr="phr").decide(approved(), FIELDS), Challenge)


def test_the_challenge_joins_the_route_s_requirement_and_the_demand() -> None:
    outcome = made(Demand(acr="aal1", max_age=60), acr="phr", max_age=600).decide(ISSUER.token(), FIELDS)
    assert outcome == Challenge(acr_values=("phr", "aal3"), max_age=60)


def test_a_demand_for_phr_is_bound_by_a_signature_and_not_confirmed_by_a_code() -> None:
    asked = Demand(acr="phr", bind=True)
    token = ISSUER.token(acr="phr", action=(TARGET, FIELDS), binding="confirmed")
    outcome = made(asked).decide(token, FIELDS)
    assert isinstance(outcome, Challenge)
    assert "signature" in outcome.because
    assert isinstance(made(asked).decide(approved(acr="phr"), FIELDS), Allowed)
    confirmed = ISSUER.token(acr="phr", action=(TARGET, FIELDS), binding="confirmed")
    assert isinstance(made(Demand(bind=True)).decide(confirmed, FIELDS), Allowed)


def test_s16_a_resumed_act_needs_its_approval_even_where_nothing_is_demanded_any_more() -> None:
    small = {"minor": 1, "payee": "DE89"}
    check = made()
    assert isinstance(check.decide(ISSUER.token(sub="bob"), small, bound=True), Challenge)
    token = ISSUER.token(sub="bob", action=(TARGET, small))
    assert isinstance(check.decide(token, small, bound=True), Allowed)


def test_s17_spent_in_the_effect_s_own_transaction() -> None:
    connection = sqlite3.connect(":memory:")
    store, check, token = SqliteSpentStore(connection), made(spend="effect"), approved()
    first, second = check.decide(token, FIELDS), check.decide(token, FIELDS)
    assert isinstance(first, Allowed)
    assert isinstance(second, Allowed)
    connection.execute("BEGIN")
    assert first.spend(store)
    connection.rollback()
    assert second.spend(store)
    assert not first.spend(store)
    connection.close()


def test_the_token_is_looked_at_before_anything_of_the_request() -> None:
    assert made().decide(None, {}) == Unauthorized(error="", because="no access token")
    assert isinstance(made().authenticate("x"), Unauthorized)


def test_values_that_are_missing_or_cannot_be_bound_are_refused() -> None:
    with pytest.raises(InputRefused, match="payee"):
        made().decide(ISSUER.token(), {"minor": 1})
    with pytest.raises(InputRefused):
        made().decide(ISSUER.token())
    with pytest.raises(ActionRefused):
        made().decide(ISSUER.token(), {"minor": 1.5, "payee": "x"})


def test_fields_may_be_computed_and_a_route_may_demand_nothing() -> None:
    guard = made().guard
    assert isinstance(guard, Guard)
    check = guard.require_action(TARGET, fields=lambda parsed, claims: {"who": claims.subject, **parsed})
    outcome = check.decide(ISSUER.token(), {"a": 1})
    assert isinstance(outcome, Allowed)
    assert outcome.fields == {"who": "alice", "a": 1}
