"""The bank and the policy: what is counted for a payment, what is given back, and what happens when nobody decides."""

from collections.abc import Mapping
from typing import Any

import pytest
from bank.transfer import Refused, Sending
from bank_browser import BANK, Bank, come_back, confirmed, fields_of, form, send, to_maria

from bank import customers, ledger
from newel_sdk import Allowed, Claims
from newel_sdk.fetch import Response
from newel_sdk.guard import Guard
from newel_sdk.testing import deny

DRAINED = {"subject": customers.BANK, "at": 0, "confirmed": False}


def failing(_question: Mapping[str, Any]) -> Response:
    return Response(status=500, headers={}, body=b"")


def drain(bank: Bank, *, back: bool = False) -> None:
    """Another payment empties the account; or everything comes back."""
    account = ledger.accounts(bank.db, "alex")[0]
    minor = 2_463_960 if back else account.balance
    made = ledger.Order(key=f"drain-{back}-{minor}", minor=minor, payee_iban="", payee_name="Tax", reference="")
    debit, credit = (ledger.CLEARING, account.id) if back else (account.id, ledger.CLEARING)
    ledger.move(bank.db, made, debit=debit, credit=credit, **DRAINED)  # type: ignore[arg-type]  # a table of literals


def drained_while_asked(bank: Bank, *, release: bool = True) -> None:
    """Empty the account between the bank's own look and the payment; `release`: whether the server answers afterwards."""

    def decide(question: Mapping[str, Any]) -> Any:
        drain(bank)
        bank.server.unreachable = not release
        return bank.policy(question)

    bank.server.pdp.decide = decide


async def test_where_nobody_decides_nothing_is_sent_and_the_form_is_kept(bank: Bank) -> None:
    browser = await bank.browser()
    for typed in (await form(browser), await form(browser, **to_maria())):
        bank.server.pdp.decide = failing
        page = await send(browser, typed)
        assert page.status_code == 503
        assert "<b>Nothing was sent.</b> What this payment needs cannot be found out just now." in page.text
        assert "Try again in a moment." in page.text
        assert fields_of(page.text) == typed
        assert bank.moved() == 0
    bank.server.pdp.decide = bank.policy
    assert (await send(browser, await form(browser))).headers["location"].startswith("/payments/")


async def test_who_has_no_way_to_confirm_reads_what_to_do_and_not_what_a_log_says(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await bank.browser()
    bank.server.pdp.decide = lambda _question: deny(unmet=("nothing that is enrolled will do",), no_way=True)
    typed = await form(browser)
    with caplog.at_level("INFO", "bank"):
        page = await send(browser, typed)
    assert page.status_code == 403
    assert "<b>Nothing was sent.</b> A payment like this is confirmed by passkey or authenticator app" in page.text
    assert '<a id="ways" href="https://issuer.example/account">See your ways to confirm</a>' in page.text
    assert "nothing that is enrolled" not in page.text
    assert "nothing that is enrolled will do" in caplog.text
    assert fields_of(page.text) == typed
    bank.server.pdp.decide = lambda _question: deny(unmet=("an approval would be needed",))
    page = await send(browser, typed)
    assert "cannot be made as things stand: an approval would be needed." in page.text
    assert 'id="ways"' not in page.text
    assert bank.moved() == 0


async def test_a_resumed_payment_is_asked_about_again_and_is_not_sent_without_an_answer(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = await send(browser, typed)
    bank.server.pdp.decide = failing
    page = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert page.status_code == 503
    assert fields_of(page.text) == typed
    assert (bank.moved(), bank.policy.reserved) == (0, {})


async def test_a_form_sent_again_after_an_answer_was_lost_is_counted_once(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser)

    def lost(question: Mapping[str, Any]) -> Response:
        bank.policy(question)
        return failing(question)

    bank.server.pdp.decide = lost
    assert (await send(browser, typed)).status_code == 503
    assert (bank.moved(), bank.policy.counted()) == (0, 2000)
    bank.server.pdp.decide = bank.policy
    assert (await send(browser, typed)).headers["location"].startswith("/payments/")
    assert (bank.moved(), bank.policy.counted()) == (1, 2000)


async def test_a_form_that_moved_the_ledger_is_shown_its_receipt_without_asking(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser)
    first = await send(browser, typed)
    asked = len(bank.server.pdp.asked)
    bank.server.pdp.decide = failing
    again = await send(browser, typed)
    assert again.headers["location"] == first.headers["location"]
    assert (len(bank.server.pdp.asked), bank.moved(), bank.policy.counted()) == (asked, 1, 2000)


async def test_a_step_up_that_only_asks_counts_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    await send(browser, await form(browser, **to_maria()))
    assert bank.policy.reserved == {}
    await confirmed(bank, browser, to_maria())
    assert bank.policy.counted() == 500_000


async def test_what_was_counted_for_a_payment_that_fails_is_given_back_and_the_form_serves_again(bank: Bank) -> None:
    browser = await bank.browser()
    drained_while_asked(bank)
    page = await send(browser, typed := await form(browser))
    assert "Your current account holds 0.00" in page.text.replace("\u00a0", " ")
    assert list(bank.server.pdp.released.values()) == ["the payment was not made"]
    assert (bank.moved(), bank.policy.counted()) == (0, 0)
    bank.server.pdp.decide = bank.policy
    drain(bank, back=True)
    assert (await send(browser, typed)).headers["location"].startswith("/payments/")
    assert (bank.moved(), bank.policy.counted()) == (1, 2000)


async def test_what_cannot_be_given_back_stays_counted(bank: Bank) -> None:
    browser = await bank.browser()
    drained_while_asked(bank, release=False)
    page = await send(browser, typed := await form(browser))
    assert "Your current account holds 0.00" in page.text.replace("\u00a0", " ")
    assert (bank.moved(), bank.policy.counted(), bank.server.pdp.released) == (0, 2000, {})
    bank.server.pdp.decide, bank.server.unreachable = bank.policy, False
    drain(bank, back=True)
    away = await send(browser, typed)
    assert away.headers["location"].startswith("https://issuer.example/")


async def test_an_approval_that_was_used_before_gives_its_second_reservation_back(bank: Bank) -> None:
    fields = {
        "amount": {"minor": 2000, "currency": "EUR"},
        "payee": {"id": customers.ROSA, "name": "Rosa Miller", "country": "DE"},
    }
    token = bank.issuer.token(sub="alex", acr="aal2", action=("bank.transfer:send", fields))
    for key, status in (("key-000000", 201), ("key-000001", 201), ("key-000002", 409)):
        body = {"payee": customers.ROSA, "amount": "20.00"}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answer = await bank.client().post("/api/transfers", json=body, headers=headers)
        assert answer.status_code == status
    assert (bank.moved(), bank.policy.counted(), len(bank.server.pdp.released)) == (2, 4000, 1)


PARSED = {"key": "key-00000001", "payee": customers.ROSA, "amount": "20.00"}


def allowed(bank: Bank, act: Sending, **parsed: str) -> Allowed:
    """What the policy would let through now."""
    guard = Guard(issuer=bank.issuer.issuer, audience=BANK, keys=bank.issuer.keys, clock=bank.clock)
    claims = guard.authenticate(bank.issuer.token(sub="alex"), bank.clock())
    assert isinstance(claims, Claims)
    typed = PARSED | parsed
    return Allowed(
        claims=claims,
        fields=act.fields(typed, claims),
        facts={**act.facts(typed, claims), "typed": act.typed(typed)},
        reservation=act.reservation(typed, claims),
    )


def test_of_two_tries_of_one_form_nothing_is_executed_under_a_reservation_that_was_given_back(bank: Bank) -> None:
    act = Sending(bank.db, bank.clock)
    first, second = allowed(bank, act), allowed(bank, act)
    assert first.reservation == second.reservation
    drain(bank)
    with pytest.raises(Refused, match="holds"):
        act.execute(first)
    assert act.forgo(first)
    drain(bank, back=True)
    with pytest.raises(Refused, match="Another try of this form came first"):
        act.execute(second)
    assert not act.forgo(second), "it was given back already"
    third = allowed(bank, act)
    assert third.reservation != first.reservation
    act.execute(third)
    assert not act.forgo(third), "it was executed"
    assert bank.moved() == 1


def test_nothing_moves_that_the_policy_did_not_count(bank: Bank) -> None:
    act = Sending(bank.db, bank.clock)
    other = allowed(bank, act, amount="25.00")
    for reservation in (None, "anything", other.reservation):
        with pytest.raises(Refused):
            act.execute(allowed(bank, act)._replace(reservation=reservation))
    assert bank.moved() == 0


def test_one_name_is_one_question_of_one_person(bank: Bank) -> None:
    act = Sending(bank.db, bank.clock)
    made = allowed(bank, act)
    bank.customer("rosa")
    names = {
        act.reservation(PARSED | change, made.claims._replace(subject=subject))
        for subject in ("alex", "rosa")
        for change in ({}, {"amount": "20.01"}, {"reference": "x"}, {"key": "key-00000002"})
    }
    assert len(names) == 8
    assert all(len(name) == 43 for name in names)
