"""The bank story in process: a FastAPI application, a browser with a cookie jar, a simulated authorization server."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from newel_sdk.claims import Claims
from newel_sdk.client import Client, ClientSecret, Tokens
from newel_sdk.errors import InputRefused
from newel_sdk.fastapi import Pages, bearer, install
from newel_sdk.guard import Allowed, Demand, Guard, MemorySpentStore, SqliteSpentStore
from newel_sdk.jwks import RemoteKeys
from newel_sdk.resume import Intents, SqliteIntentStore
from newel_sdk.testing import AuthorizationServer, Issuer

ORIGIN = "https://bank.example"
NOW = 1_790_000_000
OWN = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


class Clock:
    def __init__(self) -> None:
        self.now = NOW
        self.ends_after: int | None = None

    def __call__(self) -> int:
        if self.ends_after is not None:
            self.ends_after -= 1
            if self.ends_after < 0:
                return self.now + 10_000
        return self.now


class CookieSessions:
    """The application's sessions: a dictionary behind a cookie that rotates."""

    def __init__(self) -> None:
        self.tokens: dict[str, Tokens] = {}
        self.pending: dict[tuple[str, str], str] = {}
        self.made = 0

    def _id(self, request: Request) -> str:
        return request.cookies.get("__Host-bank-s", "")

    def _set(self, response: Response, session_id: str) -> None:
        response.set_cookie("__Host-bank-s", session_id, secure=True, httponly=True, samesite="lax")

    async def current(self, request: Request) -> Tokens | None:
        return self.tokens.get(self._id(request))

    async def signed_in(self, request: Request, response: Response, tokens: Tokens) -> None:
        self.tokens.pop(self._id(request), None)
        self.made += 1
        self.tokens[f"s{self.made}"] = tokens
        self._set(response, f"s{self.made}")

    async def refreshed(self, request: Request, tokens: Tokens) -> None:
        self.tokens[self._id(request)] = tokens

    async def put_pending(self, request: Request, response: Response, state: str, pending: str) -> None:
        session_id = self._id(request)
        if not session_id:
            self.made += 1
            session_id = f"anonymous{self.made}"
            self._set(response, session_id)
        self.pending[session_id, state] = pending

    async def take_pending(self, request: Request, state: str) -> str | None:
        return self.pending.pop((self._id(request), state), None)


def transfer(parsed: Mapping[str, Any], claims: Claims) -> dict[str, Any]:
    try:
        minor = int(str(parsed["amount"]))
    except (KeyError, ValueError) as problem:
        raise InputRefused("amount is missing or no number") from problem
    return {"amount": {"minor": minor, "currency": "EUR"}, "payee": {"id": str(parsed.get("payee", ""))}}


def demand(fields: Mapping[str, Any], facts: Mapping[str, Any]) -> Demand | None:
    if fields["amount"]["minor"] > 100_000:
        return Demand(acr="aal2", max_age=300, bind=True, because="This is a large payment")
    return None


class Bank:
    """The application under test, with its ledger, and a browser in front of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.issuer = Issuer(audience=ORIGIN, client_id="bank-web", clock=self.clock)
        self.server = AuthorizationServer(self.issuer)
        self.sessions = CookieSessions()
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self.db.execute("CREATE TABLE ledger (minor INTEGER, payee TEXT)")
        self.db.commit()
        SqliteSpentStore(self.db, clock=self.clock)
        keys = RemoteKeys(self.issuer.issuer, fetch=self.server.fetch, clock=self.clock)
        self.guard = Guard(
            issuer=self.issuer.issuer, audience=ORIGIN, keys=keys, spent=MemorySpentStore(self.clock), clock=self.clock
        )
        client = Client(
            issuer=self.issuer.issuer,
            client_id="bank-web",
            redirect_uri=f"{ORIGIN}/callback",
            authentication=ClientSecret("s3cret"),
            resource=ORIGIN,
            fetch=self.server.fetch,
            keys=keys,
            clock=self.clock,
        )
        self.intents = Intents(store=SqliteIntentStore(self.db), key=bytes(32), application="bank", clock=self.clock)
        self.pages = Pages(guard=self.guard, client=client, sessions=self.sessions, intents=self.intents, origin=ORIGIN)
        self.app = self._application()
        self.browser = self.new_browser()

    def new_browser(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=ORIGIN)

    def _application(self) -> FastAPI:
        app = FastAPI()
        self.pages.install(app)
        send_money = self.guard.require_action(
            "bank.transfer:send", fields=transfer, demand=demand, acr="aal1", spend="effect"
        )
        send_api = self.guard.require_action("bank.transfer:send", fields=transfer, demand=demand, acr="aal1")
        home = self.pages.requires(self.guard.require(acr="aal1"))
        vault = self.pages.requires(self.guard.require(acr="aal2", max_age=60, because="The vault is special"))
        rename = self.pages.requires(self.guard.require(acr="aal2"), title="Rename an account")

        @app.get("/")
        async def _home(allowed: Annotated[Allowed, Depends(home)]) -> Response:
            return PlainTextResponse(f"hello {allowed.claims.subject}")

        @app.get("/vault")
        async def _vault(allowed: Annotated[Allowed, Depends(vault)]) -> Response:
            return PlainTextResponse(f"vault {allowed.claims.acr}")

        @app.post("/transfers")
        async def _send(
            allowed: Annotated[Allowed, Depends(self.pages.requires(send_money, title="Send money"))],
        ) -> Response:
            with self.db:
                self.db.execute("BEGIN")
                if not allowed.spend(SqliteSpentStore(self.db, clock=self.clock)):
                    return PlainTextResponse("used before", status_code=409)
                values = (allowed.fields["amount"]["minor"], allowed.fields["payee"]["id"])
                self.db.execute("INSERT INTO ledger VALUES (?, ?)", values)
            return RedirectResponse("/done", status_code=303)

        @app.post("/names")
        async def _rename(allowed: Annotated[Allowed, Depends(rename)]) -> Response:
            return PlainTextResponse(f"renamed to {allowed.fields['name']} by {allowed.claims.acr}")

        @app.post("/api/transfers")
        async def _api(allowed: Annotated[Allowed, Depends(bearer(send_api))]) -> dict[str, Any]:
            return {"sent": allowed.fields["amount"]["minor"]}

        @app.get("/api/me")
        async def _me(allowed: Annotated[Allowed, Depends(bearer(self.guard.require(acr="aal2")))]) -> dict[str, Any]:
            return {"sub": allowed.claims.subject}

        return app

    def ledger(self) -> list[tuple[int, str]]:
        return self.db.execute("SELECT minor, payee FROM ledger").fetchall()

    async def becomes(self, sub: str) -> None:
        """Another person signs in at the application, in the same browser."""
        other = self.new_browser()
        left = await other.get("/")
        await other.get("/callback?" + self.server.approve(left.headers["location"], sub=sub))
        self.sessions.tokens[self.browser.cookies["__Host-bank-s"]] = list(self.sessions.tokens.values())[-1]

    def intents_kept(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM newel_intents").fetchone()[0])

    async def sign_in(self, sub: str = "alice", acr: str = "aal1") -> None:
        left = await self.browser.get("/")
        assert left.status_code == 303
        back = await self.come_back(self.server.approve(left.headers["location"], sub=sub, acr=acr))
        assert (back.status_code, back.headers["location"]) == (303, "/")

    async def come_back(self, query: str) -> httpx2.Response:
        return await self.browser.get("/callback?" + query)

    async def send(self, minor: int, payee: str = "DE89", **headers: str) -> httpx2.Response:
        return await self.browser.post("/transfers", data={"amount": str(minor), "payee": payee}, headers=OWN | headers)


@pytest.fixture
def bank() -> Iterator[Bank]:
    made = Bank()
    yield made
    made.db.close()


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
