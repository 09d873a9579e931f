"""The bank in a browser: looking around freely, asked exactly when it is worth it, the form never lost."""

import httpx2
import pytest
from bank.iban import own_iban
from bank_browser import BANK, MARIA, OWN_PAGE, Bank, fields_of, follow, form, send, to_maria

from bank import customers, payees

GERMAN = "5.000,00"


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
    back = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex"))
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


def customers_account(bank: Bank, sub: str = "alex") -> str:
    row = bank.db.execute("SELECT iban FROM account WHERE owner = ? AND kind = 'current'", (sub,)).fetchone()
    return str(row[0])


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
    back = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    receipt = await follow(browser, back)
    assert "5,000.00" in receipt.text
    assert "for this payment only" in receipt.text
    assert before - bank.balance() == 500_000
    assert bank.moved() == 1


async def test_a_code_confirms_5000_but_not_what_needs_a_signature(bank: Bank) -> None:
    browser = await bank.browser()
    for amount, binding, acr, moved in (("5,000.00", "confirmed", "aal2", 1), ("12,000.00", "confirmed", "phr", 1)):
        away = await send(browser, await form(browser, **to_maria(amount=amount)))
        answer = bank.server.approve(away.headers["location"], sub="alex", acr=acr, binding=binding)
        await browser.get("/callback?" + answer)
        assert bank.moved() == moved


async def test_more_than_10000_asks_for_a_phishing_resistant_proof_within_two_minutes(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, amount="10,000.01"))
    asked = bank.server.asked(away.headers["location"])
    assert (asked["acr_values"], asked["max_age"]) == ("phr aal3", "120")


async def test_a_confirmed_payee_is_known_from_then_on(bank: Bank) -> None:
    browser = await bank.browser()
    await confirmed(bank, browser, to_maria())
    receipt = await follow(browser, await send(browser, await form(browser, payee=MARIA, amount="15")))
    assert "Not needed" in receipt.text


async def confirmed(bank: Bank, browser: httpx2.AsyncClient, typed: dict[str, str]) -> httpx2.Response:
    away = await send(browser, await form(browser, **typed))
    return await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))


async def test_small_payments_do_not_add_up_in_silence(bank: Bank) -> None:
    browser = await bank.browser()
    for _ in range(5):
        assert (await send(browser, await form(browser))).headers["location"].startswith("/payments/")
    away = await send(browser, await form(browser))
    assert bank.server.asked(away.headers["location"])["acr_values"] == "aal2 phr aal3"
    await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert bank.moved() == 6
    assert (await send(browser, await form(browser))).headers["location"].startswith("/payments/")


async def test_a_no_keeps_the_form_as_it_was(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria(amount=GERMAN))
    away = await send(browser, typed)
    page = await browser.get("/callback?" + bank.server.refuse(away.headers["location"]))
    assert "Nothing was sent. Your form is as you left it." in page.text
    assert fields_of(page.text) == typed
    assert bank.moved() == 0
    await follow(browser, await send(browser, typed | {"payee": customers.ROSA, "amount": "20"}))
    assert bank.moved() == 1


async def test_a_level_that_cannot_be_reached_is_said_with_the_form_kept(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = await send(browser, typed)
    answer = bank.server.refuse(
        away.headers["location"], "unmet_authentication_requirements", "You have no second way."
    )
    page = await browser.get("/callback?" + answer)
    assert "Nothing was sent. You have no second way." in page.text
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
    back = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    again = await send(browser, typed)
    assert again.headers["location"] == back.headers["location"]
    assert bank.moved() == 1


async def test_two_prompts_for_one_form_move_the_ledger_once(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser, **to_maria())
    away = [await send(browser, typed), await send(browser, typed)]
    for each in away:
        await browser.get("/callback?" + bank.server.approve(each.headers["location"], sub="alex", acr="aal2"))
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
    await browser.get("/callback?" + query)
    assert (await browser.get("/callback?" + query)).status_code == 400
    assert bank.moved() == 1


async def test_another_person_finishing_the_step_up_sends_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    page = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="mallory", acr="aal2"))
    assert "Nothing was sent" in page.text
    assert bank.moved() == 0
    assert (await browser.get("/accounts")).status_code == 200


async def test_a_step_up_that_comes_back_after_another_person_signed_in_sends_nothing_and_forgets_the_form(
    bank: Bank,
) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    again = await browser.get("/sign-in")
    await browser.get("/callback?" + bank.server.approve(again.headers["location"], sub="mallory"))
    page = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert page.status_code == 403
    assert "Somebody else has signed in here meanwhile. Nothing was sent or changed." in page.text
    assert "Invoice 2291" not in page.text
    assert (bank.moved(), bank.intents()) == (0, 0)
    assert bank.db.execute("SELECT subject FROM session").fetchall() == [("mallory",)]


async def test_a_step_up_that_comes_back_after_its_person_signed_out_sends_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria()))
    await browser.post("/sign-out", headers=OWN_PAGE)
    page = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert (page.status_code, "You signed out here meanwhile." in page.text) == (403, True)
    assert (bank.moved(), bank.intents()) == (0, 0)
    assert (await browser.get("/accounts")).status_code == 303


async def test_a_step_up_that_comes_back_to_another_browser_sends_nothing(bank: Bank) -> None:
    browser, other = await bank.browser(), await bank.browser("mallory")
    away = await send(browser, await form(browser, **to_maria()))
    query = bank.server.approve(away.headers["location"], sub="alex", acr="aal2")
    assert (await other.get("/callback?" + query)).status_code == 400
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


REFUSED = [
    ({"amount": "0"}, "An amount is more than 0."),
    ({"amount": "-5"}, "An amount is more than 0."),
    ({"amount": ""}, "Type an amount"),
    ({"amount": "0.001"}, "at most two decimals"),
    ({"amount": "1,500"}, "can be read in two ways"),
    ({"amount": "1e3"}, "That is no amount"),
    ({"amount": "1000000.01"}, "at most 1,000,000.00"),
    ({"amount": "999999"}, "Your current account holds 24,639.60"),
    ({"amount": "9" * 400}, "too long for an amount"),
    ({"payee": ""}, "Choose whom to pay"),
    ({"payee": customers.GYM}, "Harbour Gym closed this account"),
    ({"payee": MARIA}, "not on your list"),
    ({"payee": "new", "name": "Maria Example", "iban": "DE89 3704 0044 0532 0130 01"}, "no account number"),
    ({"payee": "new", "name": "", "iban": MARIA}, "Type the payee"),
    ({"payee": "new", "name": "Ma\u202eria", "iban": MARIA}, "Type the payee"),
    ({"payee": "new", "name": "Nobody", "iban": own_iban(99)}, "has no account with this number"),
    ({"reference": "x" * 141}, "at most 140 characters"),
    ({"reference": "two\nlines"}, "at most 140 characters"),
    ({"key": "short"}, "Open it again"),
    ({"from": MARIA}, "from your own current account only"),
    ({"more": "1"}, "something it should not"),
]


@pytest.mark.parametrize(("typed", "because"), REFUSED, ids=[each[1] for each in REFUSED])
async def test_what_cannot_be_sent_is_refused_in_words_with_the_form_kept(
    bank: Bank, typed: dict[str, str], because: str
) -> None:
    browser = await bank.browser()
    sent = await form(browser, **typed)
    answer = await send(browser, sent)
    assert answer.status_code in {400, 403}
    page = answer.text.replace("\u00a0", " ").replace("&#39;", "'")
    assert because in page
    assert "Nothing was sent." in page
    assert "<title>Error: Send money" in page
    if "more" not in typed:
        assert fields_of(answer.text)["reference"].split() == sent["reference"].split()
    assert bank.moved() == 0


async def test_the_own_account_is_no_payee(bank: Bank) -> None:
    browser = await bank.browser()
    for kind in ("current", "savings"):
        row = bank.db.execute("SELECT iban FROM account WHERE owner = 'alex' AND kind = ?", (kind,)).fetchone()
        answer = await send(browser, await form(browser, payee="new", name="Me", iban=row[0]))
        assert "That is your own account" in answer.text
    assert bank.moved() == 0


async def test_paying_from_another_persons_account_is_refused(bank: Bank) -> None:
    bank.customer("rosa", "Rosa Miller")
    browser = await bank.browser()
    answer = await send(browser, {**await form(browser), "from": customers_account(bank, "rosa")})
    assert answer.status_code == 403
    assert bank.moved() == 0


async def test_another_persons_account_and_receipt_do_not_exist(bank: Bank) -> None:
    alex, rosa = await bank.browser(), await bank.browser("rosa")
    sent = await send(alex, await form(alex))
    assert (await rosa.get(sent.headers["location"])).status_code == 404
    assert (await rosa.get(f"/accounts/{customers_account(bank)}")).status_code == 404
    assert (await rosa.get("/payments/" + "9" * 5000)).status_code == 404


async def test_money_inside_the_bank_arrives(bank: Bank) -> None:
    bank.customer("sam", "Sam Roe")
    browser = await bank.browser()
    before = bank.balance("sam")
    await confirmed(bank, browser, {"payee": "new", "name": "Sam", "iban": customers_account(bank, "sam")})
    assert bank.balance("sam") - before == 2000


async def test_a_key_used_for_another_payment_is_refused(bank: Bank) -> None:
    browser = await bank.browser()
    typed = await form(browser)
    await send(browser, typed)
    answer = await send(browser, typed | {"amount": "21.00"})
    assert answer.status_code == 409
    assert "Start a new payment" in answer.text
    assert bank.moved() == 1


async def test_an_approval_does_not_overdraw_an_account(bank: Bank) -> None:
    browser = await bank.browser()
    away = await send(browser, await form(browser, **to_maria(amount="9,000.00")))
    other = await bank.browser()
    await confirmed(bank, other, to_maria(amount="9,500.00"))
    await confirmed(bank, other, to_maria(amount="9,000.00"))
    page = await browser.get("/callback?" + bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
    assert "Your current account holds 6,139.60" in page.text
    assert fields_of(page.text)["amount"] == "9,000.00"
    assert bank.balance() == 613_960


async def test_a_new_payee_is_listed_and_stays_new(bank: Bank) -> None:
    browser = await bank.browser()
    added = await browser.post("/payees", data={"name": "Maria Example", "iban": MARIA}, headers=OWN_PAGE)
    assert "Added." in (await follow(browser, added)).text
    away = await send(browser, await form(browser, payee=MARIA))
    assert bank.server.asked(away.headers["location"])["acr_values"] == "aal2 phr aal3"
    saved = payees.payee(bank.db, "alex", MARIA)
    assert saved is not None
    assert saved.state == "new"


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ({"name": "", "iban": MARIA}, "Type the payee"),
        ({"name": "Maria", "iban": "DE00"}, "no account number"),
        ({"name": "Rosa", "iban": customers.ROSA}, "on your list"),
        ({"name": "Maria", "iban": "x" * 70_000}, "over 65536 bytes"),
    ],
)
async def test_a_payee_that_cannot_be_added_is_refused_in_words(
    bank: Bank, typed: dict[str, str], because: str
) -> None:
    browser = await bank.browser()
    answer = await browser.post("/payees", data=typed, headers=OWN_PAGE)
    assert answer.status_code in {400, 409}
    assert because in answer.text
    assert len(payees.payees(bank.db, "alex")) == 3


async def test_signing_in_and_stepping_up_rotate_the_session(bank: Bank) -> None:
    browser = await bank.browser()
    first = browser.cookies["__Host-bank-s"]
    await confirmed(bank, browser, to_maria())
    second = browser.cookies["__Host-bank-s"]
    assert first != second
    thief = bank.client()
    thief.cookies.set("__Host-bank-s", first, domain="bank.example")
    assert (await thief.get("/accounts")).headers["location"].startswith("https://issuer.example/")


async def test_signing_out_ends_the_session_on_the_server(bank: Bank) -> None:
    browser = await bank.browser()
    cookie = browser.cookies["__Host-bank-s"]
    out = await browser.post("/sign-out", headers=OWN_PAGE)
    assert "You are signed out" in (await follow(browser, out)).text
    browser.cookies.set("__Host-bank-s", cookie, domain="bank.example")
    assert (await browser.get("/accounts")).status_code == 303


async def test_a_session_ends_after_an_hour_without_use(bank: Bank) -> None:
    browser = await bank.browser()
    bank.clock.now += 3601
    answer = await send(browser, {"key": "k" * 20})
    assert answer.status_code == 401
    assert "Nothing was sent" in answer.text


async def test_an_expired_access_token_is_refreshed_and_the_level_stays_down(bank: Bank) -> None:
    browser = await bank.browser()
    await confirmed(bank, browser, to_maria())
    bank.clock.now += 600
    assert (await browser.get("/accounts")).status_code == 200
    away = await send(browser, await form(browser, payee=MARIA, amount="40.00"))
    assert away.headers["location"].startswith("https://issuer.example/")


async def test_what_the_database_holds_opens_nothing(bank: Bank) -> None:
    browser = await bank.browser()
    dump = "\n".join(bank.db.iterdump())
    assert browser.cookies["__Host-bank-s"] not in dump
    assert "eyJ" not in dump


async def test_every_page_forbids_script_and_foreign_frames(bank: Bank) -> None:
    browser = await bank.browser()
    for path in ("/accounts", "/payees", "/payments/new", "/payments/99", f"/accounts/{customers_account(bank)}"):
        page = await browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' https://issuer.example" in policy
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        assert "style=" not in page.text


async def test_names_and_references_are_text_on_the_page(bank: Bank) -> None:
    browser = await bank.browser()
    answer = await send(browser, await form(browser, reference="<b>hi</b>", amount="0"))
    assert "&lt;b&gt;hi" in answer.text
    assert "<b>hi" not in answer.text


async def test_developers_see_their_own_plain_token(bank: Bank) -> None:
    browser = await bank.browser()
    await confirmed(bank, browser, to_maria())
    page = await browser.get("/developers")
    token = page.text.partition("TOKEN='")[2].partition("'")[0]
    accounts = await bank.client().get("/api/accounts", headers={"Authorization": f"Bearer {token}"})
    assert accounts.status_code == 200
    again = {"payee": MARIA, "amount": "5000.00", "reference": "Invoice 2291"}
    keyed = {"Authorization": f"Bearer {token}", "Idempotency-Key": "another-key"}
    assert (await bank.client().post("/api/transfers", json=again, headers=keyed)).status_code == 401


async def test_own_files_are_served_and_no_others(bank: Bank) -> None:
    stranger = bank.client()
    assert (await stranger.get("/static/bank.css")).headers["content-type"].startswith("text/css")
    assert (await stranger.get("/static/mark.svg")).status_code == 200
    assert (await stranger.get("/static/..%2fpages.py")).status_code == 404
