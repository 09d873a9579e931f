"""The bank story in process: a FastAPI application, a browser with a cookie jar, a simulated authorization server."""

from sdk.tests.unit.fastapi.bank import OWN, Bank


async def test_the_stairs_a_small_payment_needs_nothing_and_a_large_one_climbs_and_is_not_lost(bank: Bank) -> None:
    await bank.sign_in()
    assert (await bank.browser.get("/")).text == "hello alice"
    assert (await bank.send(2_000)).headers["location"] == "/done"
    left = await bank.send(500_000, "Müller & Söhne = 1")
    asked = bank.server.asked(left.headers["location"])
    assert left.status_code == 303
    assert (asked["acr_values"], asked["max_age"]) == ("aal2 phr aal3", "300")
    assert '"minor":500000' in asked["authorization_details"]
    assert bank.ledger() == [(2_000, "DE89")]
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2", binding="confirmed"))
    assert (back.status_code, back.headers["location"]) == (303, "/done")
    assert bank.ledger() == [(2_000, "DE89"), (500_000, "Müller & Söhne = 1")]


async def test_s16_an_intent_is_resumed_once(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    query = bank.server.approve(left.headers["location"], acr="aal2")
    cookies = dict(bank.browser.cookies)
    assert (await bank.come_back(query)).headers["location"] == "/done"
    bank.browser.cookies.update(cookies)
    assert (await bank.come_back(query)).status_code == 400
    assert len(bank.ledger()) == 1


async def test_s16_a_cross_site_form_never_becomes_an_intent(bank: Bank) -> None:
    await bank.sign_in()
    for headers in (
        {"origin": "http://127.0.0.1:9000", "sec-fetch-site": "cross-site"},
        {"origin": "https://bank.example:444", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ):
        assert (await bank.send(500_000, **headers)).status_code == 403
    bare = await bank.browser.post("/transfers", data={"amount": "500000"})
    assert bare.status_code == 403
    assert bank.db.execute("SELECT count(*) FROM newel_intents").fetchone() == (0,)


async def test_s16_an_intent_planted_with_a_stolen_session_is_not_resumed_in_its_victims_browser(bank: Bank) -> None:
    await bank.sign_in()
    thief = bank.new_browser()
    thief.cookies.update(dict(bank.browser.cookies))
    left = await thief.post("/transfers", data={"amount": "999999", "payee": "thief"}, headers=OWN)
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert back.status_code == 403
    assert bank.ledger() == []


async def test_s08_another_person_finishing_the_step_up_is_an_error_and_the_first_stays_signed_in(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    back = await bank.come_back(bank.server.approve(left.headers["location"], sub="mallory", acr="aal2"))
    assert (back.status_code, bank.ledger()) == (403, [])
    assert "another person" in back.text
    assert (await bank.browser.get("/")).text == "hello alice"


async def test_s16_an_intent_is_discarded_where_another_person_signed_in_while_the_step_up_was_away(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    await bank.becomes("bob")
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert (back.status_code, bank.ledger(), bank.intents_kept()) == (403, [], 0)
    assert "Somebody else has signed in here meanwhile. Nothing was sent or changed." in back.text
    assert "Send money" not in back.text
    assert not any("intent" in name for name in bank.browser.cookies)
    assert (await bank.browser.get("/")).text == "hello bob"


async def test_s16_an_intent_is_discarded_where_its_person_signed_out_while_the_step_up_was_away(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    bank.sessions.tokens.clear()
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert (back.status_code, bank.ledger(), bank.intents_kept()) == (403, [], 0)
    assert "You signed out here meanwhile." in back.text


async def test_s08_a_step_up_for_a_page_does_not_put_its_person_into_anothers_session(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.get("/vault")
    await bank.becomes("bob")
    assert (await bank.come_back(bank.server.approve(left.headers["location"], acr="phr"))).status_code == 403
    assert (await bank.browser.get("/")).text == "hello bob"


async def test_s07_a_no_leaves_the_session_and_the_ledger_untouched_and_names_the_act(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    back = await bank.come_back(bank.server.refuse(left.headers["location"]))
    assert back.status_code == 403
    assert "Send money" in back.text
    assert "You said no. Nothing was sent or changed." in back.text
    assert (await bank.browser.get("/")).text == "hello alice"


async def test_a_step_up_that_proves_nothing_new_ends_with_a_page_not_with_a_loop(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.get("/vault")
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal1"))
    assert back.status_code == 403
    assert "The vault is special" in back.text


async def test_a_resumed_request_whose_proof_is_too_weak_ends_with_a_page_not_with_a_second_prompt(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    bank.clock.now += 1
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal1"))
    assert (back.status_code, bank.ledger()) == (403, [])
    assert "Send money" in back.text
