"""What the bank refuses in words, and what its sessions and pages hold."""

import pytest
from bank.iban import own_iban
from bank_browser import (
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

from bank import customers, payees

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
    page = await come_back(browser, bank.server.approve(away.headers["location"], sub="alex", acr="aal2"))
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


@pytest.mark.parametrize("length", ["65537", "0" * 4400 + "5", "-1", "\u00b2", ""])
async def test_s35_a_form_that_states_no_length_that_is_read_is_refused(bank: Bank, length: str) -> None:
    browser = await bank.browser()
    own = {name.encode(): value.encode() for name, value in OWN_PAGE.items()}
    stated = {**own, b"content-length": length.encode("latin-1")}
    for path in ("/payees", "/payments"):
        answer = await browser.post(path, data={"name": "Maria Example", "iban": MARIA}, headers=stated)
        assert answer.status_code == 400
    assert len(payees.payees(bank.db, "alex")) == 3
    assert bank.moved() == 0


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
