"""The bank for programs: the same checks, told as RFC 9470 says."""

from typing import Any

import pytest
from bank_browser import MARIA, Bank

from bank import customers
from newel_sdk.challenge import parse_challenge
from newel_sdk.fetch import Response

BODY = {"payee": customers.ROSA, "amount": "20.00", "reference": "Tickets"}
LARGE = {"payee": "new", "name": "Maria Example", "iban": MARIA, "amount": "5000.00", "reference": "Invoice 2291"}
FIELDS = {
    "amount": {"minor": 500_000, "currency": "EUR"},
    "payee": {"id": MARIA, "name": "Maria Example", "country": "DE"},
    "reference": "Invoice 2291",
}
TARGET = "bank.transfer:send"


def headers(token: str, key: str = "first-transfer") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key}


async def test_reading_needs_a_token(bank: Bank) -> None:
    client = bank.client()
    for path in ("/api/accounts", "/api/payees"):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    token = bank.issuer.token(sub="alex")
    accounts = (await client.get("/api/accounts", headers=headers(token))).json()["accounts"]
    assert accounts[0]["balance"] == {"minor": 2_463_960, "currency": "EUR"}
    listed = (await client.get("/api/payees", headers=headers(token))).json()["payees"]
    assert {"iban": customers.ROSA, "name": "Rosa Miller", "state": "known"} in listed


async def test_a_small_transfer_to_a_known_payee_is_made(bank: Bank) -> None:
    answer = await bank.client().post("/api/transfers", json=BODY, headers=headers(bank.issuer.token(sub="alex")))
    assert answer.status_code == 201
    assert answer.json()["payee"] == {"iban": customers.ROSA, "name": "Rosa Miller"}
    assert bank.moved() == 1


async def test_a_large_one_is_challenged_with_header_and_body(bank: Bank) -> None:
    answer = await bank.client().post("/api/transfers", json=LARGE, headers=headers(bank.issuer.token(sub="alex")))
    assert answer.status_code == 401
    challenge = parse_challenge(answer.headers["www-authenticate"])
    assert challenge is not None
    assert (challenge.acr_values, challenge.max_age) == (("aal2", "phr", "aal3"), 300)
    body = answer.json()
    assert body["error"] == "insufficient_user_authentication"
    assert body["authorization_details"] == [{"type": "bank.transfer", "actions": ["send"], "fields": FIELDS}]
    assert list(challenge.authorization_details) == body["authorization_details"]
    assert "payment law asks for amount and payee in the confirmation" in body["detail"]
    assert bank.moved() == 0


async def test_what_needs_the_treasury_is_refused_in_words_and_reserves_nothing(bank: Bank) -> None:
    body = LARGE | {"amount": "11000.00"}
    fields = FIELDS | {"amount": {"minor": 1_100_000, "currency": "EUR"}}
    for token in (bank.issuer.token(sub="alex"), bank.issuer.token(sub="alex", acr="phr", action=(TARGET, fields))):
        answer = await bank.client().post("/api/transfers", json=body, headers=headers(token))
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Nothing was sent"
        assert "an approval by treasury would be needed, and approvals cannot be given yet" in answer.json()["detail"]
    assert (bank.moved(), bank.policy.reserved) == (0, {})


async def test_without_a_decision_nothing_is_sent_and_the_same_request_may_be_sent_again(bank: Bank) -> None:
    client, headed = bank.client(), headers(bank.issuer.token(sub="alex"))
    bank.server.pdp.decide = lambda _question: Response(status=503, headers={}, body=b"")
    answer = await client.post("/api/transfers", json=BODY, headers=headed)
    assert (answer.status_code, answer.json()["title"]) == (503, "Nothing was sent")
    assert "Try again in a moment" in answer.json()["detail"]
    assert bank.moved() == 0
    bank.server.pdp.decide = bank.policy
    assert (await client.post("/api/transfers", json=BODY, headers=headed)).status_code == 201


async def test_the_policy_is_told_the_fields_and_whether_the_payee_is_known_and_nothing_else(bank: Bank) -> None:
    token = bank.issuer.token(sub="alex")
    for body, known in ((LARGE, False), (BODY, True)):
        await bank.client().post("/api/transfers", json=body, headers=headers(token, f"transfer-{known}"))
        asked = bank.server.pdp.asked[-1]
        assert {name: value for name, value in asked["context"].items() if name != "reservation"} == {
            "payee_known": known
        }
        assert asked["resource"]["properties"].keys() == {"amount", "payee", "reference"}
        assert asked["subject"]["properties"] == {"access_token": token}


async def test_an_approval_of_exactly_this_makes_it(bank: Bank) -> None:
    token = bank.issuer.token(sub="alex", acr="aal2", action=(TARGET, FIELDS))
    answer = await bank.client().post("/api/transfers", json=LARGE, headers=headers(token))
    assert answer.status_code == 201
    assert answer.json()["confirmed"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "5000.01"},
        {"iban": "GB82 WEST 1234 5698 7654 32"},
        {"name": "Maria Exemple"},
        {"reference": "Invoice 2292"},
        {"reference": ""},
    ],
)
async def test_one_changed_value_voids_the_approval(bank: Bank, change: dict[str, str]) -> None:
    token = bank.issuer.token(sub="alex", acr="aal2", action=(TARGET, FIELDS))
    answer = await bank.client().post("/api/transfers", json=LARGE | change, headers=headers(token))
    assert answer.status_code == 401
    assert bank.moved() == 0


async def test_a_payment_without_a_reference_binds_none(bank: Bank) -> None:
    body = {name: value for name, value in LARGE.items() if name != "reference"}
    fields = {name: value for name, value in FIELDS.items() if name != "reference"}
    token = bank.issuer.token(sub="alex", acr="aal2", action=(TARGET, fields))
    answer = await bank.client().post("/api/transfers", json=body, headers=headers(token))
    assert answer.status_code == 201
    assert not answer.json()["reference"]


async def test_an_approval_of_another_person_or_an_older_class_does_not_count(bank: Bank) -> None:
    bank.customer("rosa", "Rosa Miller")
    approved: dict[str, Any] = {"action": (TARGET, FIELDS)}
    entry = bank.issuer.elevation("rosa", TARGET, FIELDS, binding="signed", now=bank.clock())
    for token in (
        bank.issuer.token(sub="alex", acr="aal2", authorization_details=[entry]),
        bank.issuer.token(sub="alex", acr="aal1", **approved),
        bank.issuer.token(sub="alex", acr="aal2", auth_time=bank.clock() - 301, **approved),
        bank.issuer.token(sub="alex", acr="aal2"),
    ):
        assert (await bank.client().post("/api/transfers", json=LARGE, headers=headers(token))).status_code == 401
    assert bank.moved() == 0


async def test_an_approval_is_spent_with_its_transfer(bank: Bank) -> None:
    token = bank.issuer.token(sub="alex", acr="aal2", action=(TARGET, FIELDS))
    client = bank.client()
    first = await client.post("/api/transfers", json=LARGE, headers=headers(token))
    other = await client.post("/api/transfers", json=LARGE, headers=headers(token, "second-transfer"))
    assert (first.status_code, other.status_code) == (201, 409)
    assert other.headers["content-type"] == "application/problem+json"
    assert bank.moved() == 1


async def test_a_request_sent_again_answers_with_the_transfer_that_was_made(bank: Bank) -> None:
    client = bank.client()
    token = bank.issuer.token(sub="alex", acr="aal2", action=(TARGET, FIELDS))
    first = await client.post("/api/transfers", json=LARGE, headers=headers(token))
    bank.clock.now += 3600
    later = bank.issuer.token(sub="alex")
    for again in (token, later):
        answer = await client.post("/api/transfers", json=LARGE, headers=headers(again))
        assert answer.status_code == (401 if again == token else 201)
    assert answer.json() == first.json()
    assert bank.moved() == 1


async def test_a_key_of_another_transfer_is_refused(bank: Bank) -> None:
    client, token = bank.client(), bank.issuer.token(sub="alex")
    await client.post("/api/transfers", json=BODY, headers=headers(token))
    answer = await client.post("/api/transfers", json=BODY | {"amount": "21.00"}, headers=headers(token))
    assert answer.status_code == 409
    assert bank.moved() == 1


async def test_one_key_is_one_persons(bank: Bank) -> None:
    bank.customer("rosa", "Rosa Miller")
    client = bank.client()
    for sub in ("alex", "rosa"):
        answer = await client.post("/api/transfers", json=BODY, headers=headers(bank.issuer.token(sub=sub)))
        assert answer.status_code == 201
    assert bank.moved() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (BODY | {"amount": 20}, 422),
        (BODY | {"amount": "0"}, 422),
        (BODY | {"amount": "999999.00"}, 422),
        (BODY | {"key": "another-key"}, 400),
        (BODY | {"payee": customers.GYM}, 422),
        (BODY | {"extra": "x"}, 422),
        ([BODY], 400),
    ],
)
async def test_wrong_input_is_a_problem_and_moves_nothing(bank: Bank, body: Any, status: int) -> None:
    answer = await bank.client().post("/api/transfers", json=body, headers=headers(bank.issuer.token(sub="alex")))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert bank.moved() == 0


async def test_a_transfer_needs_a_key(bank: Bank) -> None:
    token = bank.issuer.token(sub="alex")
    client = bank.client()
    for key in ("", "short", "with space in it", "x" * 129):
        answer = await client.post("/api/transfers", json=BODY, headers=headers(token, key))
        assert answer.status_code in {400, 422}
    assert bank.moved() == 0


async def test_a_subject_who_never_came_to_the_bank_has_no_account(bank: Bank) -> None:
    answer = await bank.client().post("/api/transfers", json=LARGE, headers=headers(bank.issuer.token(sub="ghost")))
    assert answer.status_code == 403
    assert bank.moved() == 0


async def test_the_token_comes_before_the_policy(bank: Bank) -> None:
    answer = await bank.client().post("/api/transfers", json=LARGE, headers=headers("nonsense"))
    assert answer.status_code == 401
    assert "aal2" not in answer.headers["www-authenticate"]
