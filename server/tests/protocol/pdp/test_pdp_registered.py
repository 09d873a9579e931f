"""What a client that is not registered for a type of resource learns of people there, and counts against them: nothing."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from server.tests.protocol.exchange import refusal
from server.tests.protocol.pdp.asking import EVALUATION, EVALUATIONS, FAMILY, Caller, subject
from tests.simulators.running import Person, Relying, Running

Token = Callable[..., str]
LEAFLET, TAKE = {"type": "bank.leaflet", "id": "l-1"}, {"name": "take"}
ITEM, CREATE = {"type": "todo", "id": "1"}, {"name": "can_create_todo"}
ADMIN, EDITOR, *_, VIEWER = FAMILY
_KEYS = count()


@pytest.fixture(scope="session")
def other_web(server: Running) -> Relying:
    """An application whose access tokens are for the stranger."""
    return server.client("stranger-web", audience="http://localhost:9/other")


def asked(who: dict[str, Any], *, reserves: bool = True) -> dict[str, Any]:
    context = {"reservation": f"registered-{next(_KEYS)}"} if reserves else {}
    return {"subject": who, "action": TAKE, "resource": LEAFLET, "context": context}


def test_s10_whoever_is_not_registered_for_the_resource_spends_nobodys_counter(
    bank: Caller, stranger: Caller, other_web: Relying, alex: Person, token: Token
) -> None:
    shown = subject(alex.id, token(alex, other_web))
    for who in (subject(alex.id), shown, subject("nobody")) * 2:
        told = stranger.post(EVALUATION, asked(who))
        assert refusal(told) == (403, "unauthorized_client")
        assert "--states" in told.json()["error_description"]
    [item] = stranger.post(EVALUATIONS, {"evaluations": [asked(shown)]}).json()["evaluations"]
    assert (item["decision"], item["context"]["error"]["status"]) == (False, 403)
    assert stranger.post(EVALUATION, asked(shown, reserves=False)).json()["decision"] is True
    own = [bank.post(EVALUATION, asked(subject(alex.id))).json()["decision"] for _ in range(3)]
    assert own == [True, True, False]


def test_s10_a_counter_that_is_spent_is_not_told_to_whoever_is_not_registered(
    bank: Caller, stranger: Caller, alex: Person
) -> None:
    before = stranger.post(EVALUATION, asked(subject(alex.id), reserves=False)).json()
    assert [bank.post(EVALUATION, asked(subject(alex.id))).json()["decision"] for _ in range(2)] == [True, True]
    assert stranger.post(EVALUATION, asked(subject(alex.id), reserves=False)).json() == before
    assert before["decision"] is False  # what cannot be told counts as a match


@pytest.mark.parametrize("proof", [None, "x.y.z", "for another"])
def test_s31_without_a_persons_token_an_unregistered_client_is_told_the_same_of_everybody(
    stranger: Caller, family: Caller, alex: Person, token: Token, proof: str | None
) -> None:
    shown = token(alex) if proof == "for another" else proof
    people = (ADMIN, EDITOR, VIEWER, alex.id, "nobody-of-this-house")
    told = [stranger.evaluate(subject(each, shown), CREATE, ITEM) for each in people]
    assert told == [told[0]] * len(people)
    assert told[0]["decision"] is False
    items = [{"subject": subject(each, shown)} for each in people]
    batch = stranger.post(EVALUATIONS, {"action": CREATE, "resource": ITEM, "evaluations": items}).json()
    assert batch["evaluations"] == told
    assert [family.evaluate(subject(each), CREATE, ITEM)["decision"] for each in people[:3]] == [True, True, False]


def test_a_persons_token_shows_that_person_to_a_client_that_is_registered_for_nothing(
    server: Running, stranger: Caller, other_web: Relying, token: Token
) -> None:
    ruth = server.person("ruth-the-admin", attributes={"role": "admin"})
    assert stranger.evaluate(subject(ruth.id, token(ruth, other_web)), CREATE, ITEM)["decision"] is True
    assert stranger.evaluate(subject(ruth.id), CREATE, ITEM)["decision"] is False


@pytest.mark.parametrize("what", ["subject", "resource", "action"])
def test_s31_a_search_finds_nothing_for_whoever_is_not_registered_for_the_resource(
    stranger: Caller, family: Caller, shelf: Caller, what: str
) -> None:
    body = {"subject": subject(ADMIN), "action": CREATE, "resource": ITEM}
    nothing = {"results": [], "page": {"next_token": ""}}
    assert stranger.search(what, **body) == shelf.search(what, **body) == nothing
    if what != "resource":  # the todo application registered none
        assert family.search(what, **body)["results"]


def test_s31_a_token_opens_no_search_to_whoever_is_not_registered(
    server: Running, stranger: Caller, other_web: Relying, token: Token
) -> None:
    rob = server.person("rob-the-admin", attributes={"role": "admin"})
    who = subject(rob.id, token(rob, other_web))
    assert stranger.search("action", subject=who, resource=ITEM)["results"] == []
