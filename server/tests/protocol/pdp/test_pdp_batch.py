"""/access/v1/evaluations: defaults, the three semantics, errors of single items (AuthZEN section 7)."""

from collections.abc import Callable
from typing import Any

import pytest
from server.tests.protocol.pdp.asking import EVALUATION, EVALUATIONS, SEND, Caller, recorded, subject
from tests.simulators.running import Person, Running

Token = Callable[..., str]
SMALL = {"amount": 2000, "payee_known": True, "country": "DE"}
REPORT = {"type": "bank.report", "id": "1"}
READ = {"name": "read"}
FREE = {"subject": subject("anyone"), "action": READ, "resource": REPORT}
"""A question to which the answer is yes, whoever asks."""
NO = {"action": {"name": "shred"}}


def ask(bank: Caller, *items: Any, **more: Any) -> list[dict[str, Any]]:
    told = bank.post(EVALUATIONS, {**FREE, "evaluations": list(items), **more})
    assert told.status_code == 200, told.text
    assert set(told.json()) == {"evaluations"}
    return list(told.json()["evaluations"])


def decisions(answers: list[dict[str, Any]]) -> list[bool]:
    return [each["decision"] for each in answers]


def test_answers_come_in_the_order_of_the_items(bank: Caller) -> None:
    assert decisions(ask(bank, {}, NO, {}, NO)) == [True, False, True, False]


@pytest.mark.parametrize("without", ["missing", "empty"])
def test_without_items_it_answers_like_the_single_call(bank: Caller, without: str) -> None:
    body = FREE if without == "missing" else {**FREE, "evaluations": []}
    told = bank.post(EVALUATIONS, body)
    assert (told.status_code, told.json()) == (200, bank.post(EVALUATION, FREE).json())
    short = {"subject": FREE["subject"], "evaluations": []} if without == "empty" else {"subject": FREE["subject"]}
    assert bank.post(EVALUATIONS, short).status_code == 400


@pytest.mark.parametrize(
    ("semantic", "items", "expected"),
    [
        ("execute_all", [{}, NO, {}], [True, False, True]),
        ("deny_on_first_deny", [{}, NO, {}], [True, False]),
        ("deny_on_first_deny", [{}, {}], [True, True]),
        ("deny_on_first_deny", [{"resource": "x"}, {}], [False]),
        ("permit_on_first_permit", [NO, {}, NO], [False, True]),
        ("permit_on_first_permit", [{"resource": 5}, NO], [False, False]),
        ("permit_on_first_permit", [{}, {}], [True]),
    ],
)
def test_a_short_circuit_cuts_the_answers_off(
    bank: Caller, semantic: str, items: list[Any], expected: list[bool]
) -> None:
    assert decisions(ask(bank, *items, options={"evaluations_semantic": semantic, "other": 1})) == expected


@pytest.mark.parametrize("options", [{"evaluations_semantic": "all"}, {"evaluations_semantic": None}, {"evaluations_semantic": ["execute_all"]}, "execute_all", [], None])  # fmt: skip
def test_an_unknown_semantic_and_options_of_a_wrong_type_are_400(bank: Caller, options: Any) -> None:
    assert bank.post(EVALUATIONS, {**FREE, "evaluations": [{}], "options": options}).status_code == 400


def test_defaults_merge_member_by_member_inside_an_entity(bank: Caller, alex: Person, token: Token) -> None:
    body = {
        "subject": subject(alex.id, token(alex)),
        "action": SEND,
        "resource": {"type": "bank.transfer"},
        "context": {"payee_known": True, "country": "DE", "amount": 2000},
        "evaluations": [
            {"resource": {"id": "t-1"}},
            {"resource": {"id": "t-2"}, "context": {"amount": 5000}},
            {"resource": {"id": "t-3"}, "context": {"country": "KP"}},
            {"resource": {"id": "t-4"}, "subject": {"type": "person"}},
            {"resource": {"id": "t-5"}, "subject": {"properties": {}}},
            {"resource": {"id": "t-6"}, "subject": {"id": "somebody-else"}},
            {},
        ],
    }
    told = bank.post(EVALUATIONS, body).json()["evaluations"]
    assert decisions(told) == [True, False, False, True, False, False, False]
    assert told[1]["context"]["newel"]["bind"] == ["amount", "payee"]
    assert told[2]["context"]["newel"]["denied"]
    assert told[4]["context"]["newel"]["acr"] == "aal1"  # an item's properties take the place of the default's
    assert told[5]["context"]["newel"]["unmet"] == ["the access token is another subject's"]
    assert told[6]["context"]["error"] == {"status": 400, "message": "resource.id is missing"}


@pytest.mark.parametrize(
    "item",
    [
        None,
        "x",
        [],
        {"subject": "alex"},
        {"subject": None},
        {"action": {"name": 5}},
        {"resource": {"id": ""}},
        {"context": []},
        {"subject": {"properties": {"access_token": 5}}},
        {"resource": {"type": "bank.transfer"}, "action": SEND, "context": {"amount": "much"}},
        {"context": {"reservation": 5}},
        {"context": {"reservation": "k" * 201}},
    ],
)
def test_an_item_that_cannot_be_decided_is_false_with_its_error_and_fails_no_other(bank: Caller, item: Any) -> None:
    told = ask(bank, {}, item, {})
    assert decisions(told) == [True, False, True]
    assert told[1]["context"]["error"]["status"] == 400
    assert "obligations" not in told[1]["context"]


@pytest.mark.parametrize(
    "body",
    [
        {**FREE, "evaluations": {}},
        {**FREE, "evaluations": None},
        {**FREE, "evaluations": "x"},
        {**FREE, "subject": "alex", "evaluations": [FREE]},
        {**FREE, "context": 5, "evaluations": [FREE]},
        {**FREE, "context": {"reservation": "one-for-all"}, "evaluations": [{}]},
        {**FREE, "evaluations": [{}] * 201},
    ],
)
def test_what_is_wrong_with_the_whole_is_400(bank: Caller, body: Any) -> None:
    assert bank.post(EVALUATIONS, body).status_code == 400


def test_the_most_items_are_answered(bank: Caller) -> None:
    assert decisions(ask(bank, *[{}] * 200)) == [True] * 200


def test_s33_each_item_leaves_its_record_those_without_a_decision_too(server: Running, bank: Caller) -> None:
    before = len(recorded(server, "pdp.evaluated"))
    ask(bank, {}, NO, {"resource": 5}, {})
    outcomes = [each.decision.outcome for each in recorded(server, "pdp.evaluated")[before:] if each.decision]
    assert sorted(outcomes) == ["met", "met", "refused", "refused"]
