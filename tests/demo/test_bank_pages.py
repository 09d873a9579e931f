"""The bank in a browser: looking around freely, asked exactly when it is worth it, the form never lost."""

import re

from bank_browser import (
    BANK,
    MARIA,
    OWN_PAGE,
    Bank,
    come_back,
    confirmed,
    customers_account,
    fields_of,
    follow,
    form,
    send,
    to_maria,
)

from bank import customers

GERMAN = "5.000,00"
DAY = 86_400


async def test_a_stranger_sees_the_welcome_page_and_is_sent_to_sign_in_for_anything_else(bank: Bank) -> None:
    stranger = bank.client()
    assert (await stranger.get("/")).status_code == 200
    for path in ("/accounts", "/payees", "/payments/new", "/payments/1"):
        away = await stranger.get(path)
        assert away.status_code == 303
        assert away.headers["location"].startswith("https://issuer.example/authorize?")
        assert bank.server.asked(away.headers["location"])["scope"] == "openid profile offline_access"


async def test_a_sign_in_leads_back_to_where_it_began(bank: Bank) -> None:
    browser = bank.client()
    away = await browser.get("/payees")
    back = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex"))
    assert back.headers["location"] == "/payees"


async def test_signed_in_one_looks_around_without_being_asked(bank: Bank) -> None:
    browser = await bank.browser()
    accounts = await browser.get("/accounts")
    assert "24,639.60" in accounts.text
    assert "8,000.00" in accounts.text
    iban = customers_account(bank)
    statement = await browser.get(f"/accounts/{iban}")
    assert "Northwind Ltd" in statement.text
    assert "Rosa Miller" in (await browser.get("/payees")).text


async def test_20_to_a_known_payee_goes_through_unasked(bank: Bank) -> None:
    browser = await bank.browser()
    before = bank.balance()
    receipt = await follow(browser, await send(browser, await form(browser)))
    assert "Sent" in receipt.text
    assert "AB-" in receipt.text
    assert "Rosa Miller" in receipt.text
    assert before - bank.balance() == 2000


async def test_5000_to_a_new_payee_asks_for_this_very_payment_and_resumes_by_itself(bank: Bank) -> None:
    browser = await bank.browser()
    before = bank.balance()
    away = await send(browser, await form(browser, **to_maria()))
    assert away.status_code == 303
    asked = bank.server.asked(away.headers["location"])
    assert asked["acr_values"] == "aal2 phr aal3"
    assert asked["max_age"] == "300"
    assert '"minor":500000' in asked["authorization_details"]
    assert f'"id":"{MARIA}","name":"Maria Example","country":"DE"' in asked["authorization_details"]
    assert '"reference":"Invoice 2291"' in asked["authorization_details"]
    assert bank.moved() == 0
    back = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    receipt = await follow(browser, back)
    assert "5,000.00" in receipt.text
    assert "for this payment only" in receipt.text
    assert before - bank.balance() == 500_000
    assert bank.moved() == 1


async def test_a_code_or_a_passkey_confirms_up_to_10000(bank: Bank) -> None:
    browser = await bank.browser()
    proofs = (("5,000.00", "confirmed", "aal2"), ("9,000.00", "signed", "phr"), ("1,000.00", "confirmed", "aal2"))
    for moved, (amount, binding, acr) in enumerate(proofs, 1):
        away = await send(browser, await form(browser, **to_maria(amount=amount)))
        answer = bank.server.approve(away.headers["location"], sub="alex", acr=acr, binding=binding)
        await come_back(browser, answer)
        assert bank.moved() == moved


async def test_where_the_policy_wants_a_passkey_a_code_does_not_do(bank: Bank) -> None:
    browser = await bank.browser()
    bank.policy.stated["risk.score"] = 90
    for acr, binding, moved in (("aal2", "confirmed", 0), ("phr", "signed", 1)):
        away = await send(browser, await form(browser, **to_maria(amount="9,000.00")))
        assert bank.server.asked(away.headers["location"])["acr_values"] == "phr aal3"
        page = await come_back(
            browser, bank.server.approve(away.headers["location"], sub="alex", acr=acr, binding=binding)
        )
        assert ("Nothing was sent" in page.text) == (moved == 0)
        assert bank.moved() == moved


async def test_more_than_10000_needs_the_treasury_and_is_refused_in_words_with_the_form_kept(bank: Bank) -> None:
    for acr in ("aal1", "phr"):
        browser = await bank.browser(acr=acr)
        typed = await form(browser, amount="11,000.00")
        page = await send(browser, typed)
        assert page.status_code == 403
        assert "<b>Nothing was sent.</b> This payment cannot be made as things stand: " in page.text
        assert "an approval by treasury would be needed, and approvals cannot be given yet." in page.text
        assert fields_of(page.text) == typed
    assert (bank.moved(), bank.policy.reserved) == (0, {})
    receipt = await confirmed(bank, browser, {"amount": "9,000.00"})
    assert receipt.headers["location"].startswith("/payments/")


async def test_the_twenty_first_1000_of_a_day_needs_the_treasury_too(bank: Bank) -> None:
    browser = await bank.browser()
    for number in range(1, 21):
        await confirmed(bank, browser, to_maria(amount="1,000.00", reference=str(number)))
        assert bank.moved() == number
    page = await send(browser, await form(browser, **to_maria(amount="1,000.00")))
    assert page.status_code == 403
    assert "approvals cannot be given yet" in page.text
    assert (bank.moved(), bank.policy.counted()) == (20, 2_000_000)
    bank.clock.now += DAY
    later = await bank.browser()
    await confirmed(bank, later, to_maria(amount="1,000.00"))
    assert bank.moved() == 21


async def test_a_confirmed_payee_is_known_from_then_on(bank: Bank) -> None:
    browser = await bank.browser()
    await confirmed(bank, browser, to_maria())
    bank.clock.now += DAY
    later = await bank.browser()
    receipt = await follow(later, await send(later, await form(later, payee=MARIA, amount="15")))
    assert "Not needed" in receipt.text


async def test_small_payments_do_not_add_up_in_silence(bank: Bank) -> None:
    browser = await bank.browser()
    assert (await send(browser, await form(browser))).headers["location"].startswith("/payments/")
    for amount in ("20.00", "40.00"):  # the second is asked for as one of 40.00 would be
        away = await send(browser, await form(browser, amount=amount))
        asked = bank.server.asked(away.headers["location"])
        assert (asked["acr_values"], asked["max_age"]) == ("aal2 phr aal3", "300")
        assert f'"minor":{amount.replace(".", "")}' in asked["authorization_details"]
    await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert bank.moved() == 2
    bank.clock.now += DAY
    later = await bank.browser()
    assert (await send(later, await form(later))).headers["location"].startswith("/payments/")


async def test_a_no_keeps_the_form_as_it_was(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria(amount=GERMAN))
    away = await send(browser, typed)
    page = await come_back(browser, bank.server.refuse(away.headers["location"]))
    assert "Nothing was sent. Your form is as you left it." in page.text
    assert fields_of(page.text) == typed
    assert bank.moved() == 0
    await follow(browser, await send(browser, typed | {"payee": customers.ROSA, "amount": "20"}))
    assert bank.moved() == 1


async def test_after_a_refusal_the_address_holds_no_code_no_error_and_no_state(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    refusals = [bank.server.refuse((await send(browser, typed)).headers["location"]) for _ in range(2)]
    weak = bank.server.approve((await send(browser, typed)).headers["location"], sub="alex", acr="aal1")
    for query in (*refusals, weak, "error=access_denied&state=made-up"):
        answer = await browser.get("/callback?" + query)
        assert re.fullmatch(r"/callback/[\w-]+", answer.headers["location"]), answer.text
        shown = [await browser.get(answer.headers["location"]) for _ in range(2)]
        assert (shown[0].status_code, shown[0].text) == (shown[1].status_code, shown[1].text)
        assert shown[0].headers["content-security-policy"].startswith("default-src 'none'")
        if "made-up" not in query:
            assert "Nothing was sent." in shown[0].text
            assert fields_of(shown[0].text) == typed
    assert bank.moved() == 0


async def test_a_level_that_cannot_be_reached_is_said_with_the_form_kept(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = await send(browser, typed)
    answer = bank.server.refuse(away.headers["location"], "unmet_authentication_requirements", "said by a server")
    page = await come_back(browser, answer)
    assert "your sign-in has no way to give it yet. Look at your ways to confirm where you sign in;" in page.text
    assert "said by a server" not in page.text
    assert fields_of(page.text) == typed


async def test_a_double_press_moves_the_ledger_once(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser)
    first, second = await send(browser, typed), await send(browser, typed)
    assert first.headers["location"] == second.headers["location"]
    assert bank.moved() == 1


async def test_a_confirmed_form_sent_again_shows_its_receipt_and_asks_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = await send(browser, typed)
    back = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    again = await send(browser, typed)
    assert again.headers["location"] == back.headers["location"]
    assert bank.moved() == 1


async def test_two_prompts_for_one_form_move_the_ledger_once(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = [await send(browser, typed), await send(browser, typed)]
    for each in away:
        await come_back(browser, bank.server.approve(each.headers["location"], sub="alex", acr="aal2"))
    assert bank.moved() == 1


async def test_an_approval_serves_no_second_payment_of_the_same_content(bank: Bank) -> None:
    browser = await bank.browser()
    await confirmed(bank, browser, to_maria())
    again = await send(browser, await form(browser, payee=MARIA, amount="5,000.00", reference="Invoice 2291"))
    assert again.headers["location"].startswith("https://issuer.example/")
    assert bank.moved() == 1


async def test_the_answer_of_a_step_up_is_taken_once(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    query = bank.server.approve(away.headers["location"], sub="alex", acr="aal2")
    await come_back(browser, query)
    assert (await come_back(browser, query)).status_code == 400
    assert bank.moved() == 1


async def test_another_person_finishing_the_step_up_sends_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    page = await come_back(browser, bank.server.approve(away.headers["location"], sub="mallory", acr="aal2"))
    assert "Nothing was sent" in page.text
    assert bank.moved() == 0
    assert (await browser.get("/accounts")).status_code == 200


async def test_a_step_up_that_comes_back_after_another_person_signed_in_sends_nothing_and_forgets_the_form(
    bank: Bank,
) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    again = await browser.get("/sign-in")
    await come_back(browser, bank.server.approve(again.headers["location"], sub="mallory"))
    page = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert page.status_code == 403
    assert "Somebody else has signed in here meanwhile. Nothing was sent or changed." in page.text
    assert "Invoice 2291" not in page.text
    assert (bank.moved(), bank.intents()) == (0, 0)
    assert bank.db.execute("SELECT subject FROM session").fetchall() == [("mallory",)]


async def test_a_step_up_that_comes_back_after_its_person_signed_out_sends_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    await browser.post("/sign-out", headers=OWN_PAGE)
    page = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert (page.status_code, "You signed out here meanwhile." in page.text) == (403, True)
    assert (bank.moved(), bank.intents()) == (0, 0)
    assert (await browser.get("/accounts")).status_code == 303


async def test_a_step_up_that_comes_back_to_another_browser_sends_nothing(bank: Bank) -> None:
    browser, other = await bank.browser(), await bank.browser("mallory")
    away = await send(browser, await form(browser, **to_maria()))
    query = bank.server.approve(away.headers["location"], sub="alex", acr="aal2")
    assert (await come_back(other, query)).status_code == 400
    assert bank.moved() == 0


async def test_a_form_from_another_site_is_refused_and_shows_nothing_of_itself(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    for headers in (
        {"Origin": "http://127.0.0.1:8666", "Sec-Fetch-Site": "cross-site"},
        {"Origin": BANK, "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://bank.example:8443"},
        {},
    ):
        answer = await browser.post("/payments", data=typed, headers=headers)
        assert answer.status_code == 403
        assert "Maria" not in answer.text
    for path in ("/sign-out", "/payees"):
        assert (await browser.post(path, data={}, headers={"Origin": "http://evil.example"})).status_code == 403
    assert bank.moved() == 0
    assert (await browser.get("/accounts")).status_code == 200
