"""Counters that a decision reserves: only under a key, once, and given back only by whoever reserved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from server.tests.protocol.pdp.asking import EVALUATION, EVALUATIONS, RELEASE, SEND, TRANSFER, Caller, recorded, subject
from tests.simulators.running import Person, Running

Token = Callable[..., str]
SMALL = {"amount": 2000, "payee_known": True, "country": "DE"}
_KEYS = count()


def key() -> str:
    return f"key-{next(_KEYS)}"


def reserved(answer: dict[str, Any]) -> str | None:
    found = answer["context"]["newel"].get("reservation")
    return None if found is None else str(found)


@pytest.fixture
def who(alex: Person, token: Token) -> dict[str, Any]:
    return subject(alex.id, token(alex))


def test_the_second_small_payment_of_a_day_adds_up(bank: Caller, who: dict[str, Any]) -> None:
    first = key()
    told = bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)
    assert (told["decision"], reserved(told)) == (True, first)
    again = bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=key())
    assert (again["decision"], reserved(again)) == (False, None)
    assert "small payments add up" in again["context"]["newel"]["reasons"]


def test_without_a_key_nothing_is_reserved(bank: Caller, who: dict[str, Any]) -> None:
    for _ in range(3):
        told = bank.evaluate(who, SEND, TRANSFER, **SMALL)
        assert (told["decision"], reserved(told)) == (True, None)
    body = {"subject": who, "action": SEND, "resource": TRANSFER, "context": SMALL, "evaluations": [{}, {}]}
    assert [each["decision"] for each in bank.post(EVALUATIONS, body).json()["evaluations"]] == [True, True]


def test_a_repeated_key_gives_the_first_answer_and_does_not_count_twice(bank: Caller, who: dict[str, Any]) -> None:
    half, first = {**SMALL, "amount": 1500}, key()
    answers = [bank.evaluate(who, SEND, TRANSFER, **half, reservation=first) for _ in range(3)]
    assert [(each["decision"], reserved(each)) for each in answers] == [(True, first)] * 3
    assert bank.evaluate(who, SEND, TRANSFER, **half, reservation=key())["decision"] is True
    assert bank.evaluate(who, SEND, TRANSFER, **half, reservation=key())["decision"] is False


def test_a_key_answers_one_question_only(bank: Caller, who: dict[str, Any]) -> None:
    first = key()
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)["decision"]
    body = {"subject": who, "action": SEND, "resource": TRANSFER, "context": {**SMALL, "reservation": first}}
    for changed in (
        {"context": {**SMALL, "amount": 1, "reservation": first}},
        {"resource": {**TRANSFER, "id": "another"}},
        {"action": {"name": "prepare"}},
        {"subject": {**who, "id": "another"}},
    ):
        assert bank.post(EVALUATION, {**body, **changed}).status_code == 400
    told = bank.post(
        EVALUATIONS, {**body, "context": SMALL, "evaluations": [{"context": {"amount": 1, "reservation": first}}]}
    )
    assert told.json()["evaluations"][0]["context"]["error"]["status"] == 400


def test_a_repeated_key_still_needs_a_token_that_stands(
    server: Running, bank: Caller, who: dict[str, Any], alex: Person
) -> None:
    first = key()
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)["decision"]
    assert bank.evaluate(subject(alex.id, "x.y.z"), SEND, TRANSFER, **SMALL, reservation=first)["decision"] is False


def test_keys_of_two_clients_do_not_meet(bank: Caller, stranger: Caller, who: dict[str, Any]) -> None:
    first = key()
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)["decision"]
    assert stranger.post(RELEASE, {"reservation": first, "reason": "mine"}).status_code == 404


def test_what_is_refused_reserves_nothing(bank: Caller, who: dict[str, Any], alex: Person) -> None:
    asked = key()
    assert bank.evaluate(subject(alex.id), SEND, TRANSFER, **SMALL, reservation=asked)["decision"] is False
    assert bank.post(RELEASE, {"reservation": asked, "reason": "never there"}).status_code == 404
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=asked)["decision"] is True


def test_whoever_reserved_gives_back_once_with_a_reason(server: Running, bank: Caller, who: dict[str, Any]) -> None:
    first = key()
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)["decision"]
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=key())["decision"] is False
    told = bank.post(RELEASE, {"reservation": first, "reason": "the ledger was down"}, X_Request_ID="r-1")
    assert (told.status_code, told.json(), told.headers["x-request-id"]) == (200, {"released": True}, "r-1")
    assert bank.post(RELEASE, {"reservation": first, "reason": "again"}).status_code == 404
    body = {"subject": who, "action": SEND, "resource": TRANSFER, "context": {**SMALL, "reservation": first}}
    assert bank.post(EVALUATION, body).status_code == 400
    assert bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=key())["decision"] is True
    entry = recorded(server, "pdp.released")[-1]
    assert (entry.body["caller"], entry.personal["reason"]) == ("bank-api", "the ledger was down")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reservation": "k"},
        {"reason": "r"},
        {"reservation": 5, "reason": "r"},
        {"reservation": "", "reason": "r"},
        {"reservation": "k" * 201, "reason": "r"},
        {"reservation": "k", "reason": "r" * 501},
        {"reservation": "k", "reason": None},
    ],
)
def test_a_release_names_its_key_and_a_reason(bank: Caller, body: dict[str, Any]) -> None:
    assert bank.post(RELEASE, body).status_code == 400


def test_many_at_once_never_pass_the_threshold_without_the_higher_demand(bank: Caller, who: dict[str, Any]) -> None:
    def pay(_: int) -> bool:
        asked = {
            "subject": who,
            "action": SEND,
            "resource": TRANSFER,
            "context": {**SMALL, "amount": 400, "reservation": key()},
        }
        return bool(bank.post(EVALUATION, asked).json()["decision"])

    with ThreadPoolExecutor(10) as pool:
        permitted = sum(pool.map(pay, range(40)))
    assert permitted == 7  # 7 times 4.00 are within 30.00


def test_s33_a_reservation_is_recorded_once_and_a_repetition_as_one(
    server: Running, bank: Caller, who: dict[str, Any]
) -> None:
    before = len(recorded(server, "pdp.evaluated"))
    first = key()
    for _ in range(2):
        bank.evaluate(who, SEND, TRANSFER, **SMALL, reservation=first)
    entries = recorded(server, "pdp.evaluated")[before:]
    assert [(each.body.get("reserved"), each.body.get("repeated")) for each in entries] == [(True, None), (None, True)]
    assert [each.decision.outcome for each in entries if each.decision] == ["met", "met"]
