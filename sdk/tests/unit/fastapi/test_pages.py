"""Pages of an application: where they come back to, what they refuse in words, and its API beside them."""

import re
from typing import Annotated

import httpx2
import pytest
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from sdk.tests.unit.fastapi.bank import ORIGIN, OWN, Bank

from newel_sdk.fastapi import bearer, install
from newel_sdk.guard import Allowed


async def test_a_page_comes_back_to_itself_after_a_step_up(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.get("/vault?box=1")
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="phr"))
    assert back.headers["location"] == "/vault?box=1"
    assert (await bank.browser.get("/vault")).text == "vault phr"


@pytest.mark.parametrize("then", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""])
async def test_s19_after_signing_in_nobody_is_sent_to_another_host(bank: Bank, then: str) -> None:
    @bank.app.get("/login")
    async def _login(request: Request) -> Response:
        return await bank.pages.sign_in(request, then=then)

    left = await bank.browser.get("/login")
    back = await bank.come_back(bank.server.approve(left.headers["location"]))
    assert back.headers["location"] == "/"


async def test_a_form_whose_path_needs_encoding_is_resumed_at_the_same_path(bank: Bank) -> None:
    check = bank.pages.requires(bank.guard.require(acr="aal2"), title="Close an account")

    @bank.app.post("/accounts/{name}/close")
    def _close(name: str, allowed: Annotated[Allowed, Depends(check)]) -> Response:
        return PlainTextResponse(f"closed {name} as {allowed.claims.subject}")

    await bank.sign_in()
    left = await bank.browser.post("/accounts/r%C3%A9serve%3F%201/close?x=%26", data={"a": "1"}, headers=OWN)
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert back.text == "closed réserve? 1 as alice"


async def test_a_form_behind_a_static_requirement_is_resumed_too(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.post("/names", data={"name": "savings"}, headers=OWN)
    assert "authorization_details" not in bank.server.asked(left.headers["location"])
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert back.text == "renamed to savings by aal2"


async def test_a_form_with_files_refuses_the_resume_in_words(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.post("/names", files={"name": ("a.txt", b"x")}, headers=OWN)
    assert left.status_code == 403
    assert "files" in left.text


async def test_values_that_cannot_be_executed_are_a_page_with_400(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.browser.post("/transfers", data={"amount": "many"}, headers=OWN)
    assert left.status_code == 400
    twice = await bank.browser.post(
        "/transfers", content=b"amount=1&amount=2", headers=OWN | {"content-type": "application/x-www-form-urlencoded"}
    )
    assert (twice.status_code, "twice" in twice.text) == (400, True)


@pytest.mark.parametrize("length", ["65537", "0" * 4400 + "5", "-1", "\u00b2", ""])
async def test_s35_a_form_that_states_no_length_that_is_read_is_refused(bank: Bank, length: str) -> None:
    await bank.sign_in()
    own = {name.encode(): value.encode() for name, value in OWN.items()}
    stated = {**own, b"content-length": length.encode("latin-1")}
    left = await bank.browser.post("/transfers", data={"amount": "2000"}, headers=stated)
    assert (left.status_code, "over 65536 bytes" in left.text) == (400, True)


async def test_a_form_sent_while_signed_out_is_refused_and_says_so(bank: Bank) -> None:
    left = await bank.send(2_000)
    assert (left.status_code, "Sign in first" in left.text) == (401, True)


async def test_an_expired_token_is_refreshed_in_the_middle_of_a_request(bank: Bank) -> None:
    await bank.sign_in()
    bank.clock.now += 400
    assert (await bank.browser.get("/")).text == "hello alice"
    assert (await bank.send(2_000)).headers["location"] == "/done"


async def test_a_token_that_ends_between_two_looks_signs_in_again(bank: Bank) -> None:
    await bank.sign_in()
    bank.clock.ends_after = 1
    left = await bank.browser.get("/")
    assert (left.status_code, "/authorize" in left.headers["location"]) == (303, True)


async def test_an_issuer_out_of_reach_is_a_page_with_503(bank: Bank) -> None:
    left = await bank.browser.get("/")
    query = bank.server.approve(left.headers["location"])
    bank.server.unreachable = True
    assert (await bank.come_back(query)).status_code == 503


async def test_when_the_session_is_over_a_page_signs_in_again(bank: Bank) -> None:
    await bank.sign_in()
    bank.clock.now += 400
    bank.server.fail_with = "invalid_grant"
    assert (await bank.browser.get("/")).status_code == 403
    bank.server.fail_with = None
    await bank.browser.get("/")


async def test_an_answer_without_its_request_is_a_page_with_400(bank: Bank) -> None:
    assert (await bank.come_back("code=x&state=y&iss=z")).status_code == 400
    assert (await bank.come_back("")).status_code == 400


async def test_an_answer_that_cannot_be_checked_is_a_page(bank: Bank) -> None:
    left = await bank.browser.get("/")
    query = bank.server.approve(left.headers["location"], acr="aal1", aud="https://elsewhere.example")
    back = await bank.come_back(query)
    assert (back.status_code, "audience" in back.text) == (403, True)


async def test_the_json_api_answers_as_rfc9470_says_and_takes_the_approval(bank: Bank) -> None:
    small = bank.issuer.token(acr="aal1")
    body = {"amount": 500_000, "payee": "DE89"}
    asked = await bank.browser.post("/api/transfers", json=body, headers={"authorization": f"Bearer {small}"})
    assert asked.status_code == 401
    assert asked.json()["acr_values"] == "aal2 phr aal3"
    assert asked.headers["www-authenticate"].startswith('Bearer error="insufficient_user_authentication"')
    fields = asked.json()["authorization_details"][0]["fields"]
    large = bank.issuer.token(acr="aal2", action=("bank.transfer:send", fields))
    done = await bank.browser.post("/api/transfers", json=body, headers={"authorization": f"Bearer {large}"})
    assert done.json() == {"sent": 500_000}
    again = await bank.browser.post("/api/transfers", json=body, headers={"authorization": f"Bearer {large}"})
    assert (again.status_code, "used before" in again.text) == (401, True)


async def test_the_json_api_answers_a_stranger_before_it_reads_the_body(bank: Bank) -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic YTpi"}):
        answer = await bank.browser.post("/api/transfers", content=b"not json", headers=headers)
        assert answer.status_code == 401
    token = bank.issuer.token(acr="aal1")
    answer = await bank.browser.post("/api/transfers", content=b"{", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = await bank.browser.post("/api/transfers", content=b" " * 70_000, headers=headers)
    assert answer.status_code == 400
    two = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]
    assert (await bank.browser.get("/api/me", headers=two)).status_code == 400
    assert (await bank.browser.get("/api/me", headers={"authorization": f"Bearer {token}"})).status_code == 401


async def test_install_alone_serves_an_api_without_pages(bank: Bank) -> None:
    app = FastAPI()
    install(app)

    @app.get("/me")
    async def _me(allowed: Annotated[Allowed, Depends(bearer(bank.guard.require()))]) -> str:
        return allowed.claims.subject

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN) as browser:
        token = bank.issuer.token(sub="bob")
        assert (await browser.get("/me", headers={"authorization": f"bearer {token}"})).json() == "bob"
        assert (await browser.get("/me")).headers["www-authenticate"] == "Bearer"


async def test_rfc9700_section_4_2_a_page_is_shown_at_an_address_that_holds_nothing_of_the_answer(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    back = await bank.browser.get("/callback?" + bank.server.refuse(left.headers["location"]))
    assert (back.status_code, back.headers["cache-control"]) == (303, "no-store")
    address = back.headers["location"]
    assert re.fullmatch(r"/callback/[\w-]{22}", address)
    secret = next(each for each in back.headers.get_list("set-cookie") if "-page-" in each)
    assert secret.startswith(f"__Host-bank-page-{address.rpartition('/')[2]}=")
    assert "HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure" in secret
    for _ in range(3):  # a page may be loaded again
        page = await bank.browser.get(address)
        assert (page.status_code, page.headers["cache-control"]) == (403, "no-store")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "You said no. Nothing was sent or changed." in page.text
    assert b"You said no" not in bank.db.execute("SELECT sealed FROM newel_intents WHERE subject = id").fetchone()[0]


async def test_a_page_set_aside_is_shown_to_its_browser_and_session_alone_and_for_ten_minutes(bank: Bank) -> None:
    async def aside() -> str:
        await bank.sign_in()
        left = await bank.send(500_000)
        back = await bank.browser.get("/callback?" + bank.server.refuse(left.headers["location"]))
        return str(back.headers["location"])

    async def shown(browser: httpx2.AsyncClient, address: str) -> int:
        page = await browser.get(address)
        assert "You said no" not in page.text or page.status_code == 403
        return page.status_code

    address = await aside()
    assert await shown(bank.new_browser(), address) == 410
    assert await shown(bank.browser, address) == 403
    bank.clock.now += 601
    assert await shown(bank.browser, address) == 410
    bank.browser = bank.new_browser()
    address = await aside()
    await bank.becomes("bob")
    assert await shown(bank.browser, address) == 410
    bank.browser = bank.new_browser()
    address = await aside()
    bank.sessions.tokens.clear()
    assert await shown(bank.browser, address) == 410
    for odd in ("/callback/", "/callback/x", "/callback//evil.example", "/callback/unknown?next=//evil.example"):
        page = await bank.browser.get(odd, follow_redirects=False)
        assert "evil" not in page.headers.get("location", "")
        assert page.status_code != 200


async def test_an_answer_that_nobody_waits_for_keeps_nothing(bank: Bank) -> None:
    back = await bank.browser.get("/callback?error=x&state=y")
    assert back.headers["location"] == "/callback/unknown"
    assert "set-cookie" not in back.headers
    assert bank.db.execute("SELECT count(*) FROM newel_intents").fetchone() == (0,)
    page = await bank.browser.get("/callback/unknown")
    assert (page.status_code, "belongs to no request" in page.text) == (400, True)


async def test_an_interrupted_form_and_a_page_set_aside_do_not_open_as_each_other(bank: Bank) -> None:
    await bank.sign_in()
    left = await bank.send(500_000)
    name, secret = next((name, value) for name, value in bank.browser.cookies.items() if "-intent-" in name)
    intent = name.rpartition("-intent-")[2]
    bank.browser.cookies.set(name.replace("-intent-", "-page-"), secret)
    assert (await bank.browser.get(f"/callback/{intent}")).status_code == 410
    assert bank.intents_kept() == 1
    back = await bank.come_back(bank.server.approve(left.headers["location"], acr="aal2"))
    assert back.headers["location"] == "/done"


async def test_a_page_too_large_to_be_set_aside_is_shown_where_it_is(bank: Bank) -> None:
    check = bank.pages.requires(bank.guard.require(acr="aal2"), title="Large")

    @bank.app.post("/large")
    def _large(allowed: Annotated[Allowed, Depends(check)]) -> Response:
        return PlainTextResponse(allowed.claims.subject * 60_000)

    await bank.sign_in()
    left = await bank.browser.post("/large", data={"a": "1"}, headers=OWN)
    back = await bank.browser.get("/callback?" + bank.server.approve(left.headers["location"], acr="aal2"))
    assert (back.status_code, len(back.text)) == (200, 300_000)
