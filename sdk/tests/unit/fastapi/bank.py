"""A bank in FastAPI, its sessions, a browser with a cookie jar, and a simulated authorization server."""

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

import httpx2
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from newel_sdk.claims import Claims
from newel_sdk.client import Client, ClientSecret, Tokens
from newel_sdk.errors import InputRefused
from newel_sdk.fastapi import Pages, bearer
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
        return int(self.db.execute("SELECT count(*) FROM newel_intents WHERE subject <> id").fetchone()[0])

    async def sign_in(self, sub: str = "alice", acr: str = "aal1") -> None:
        left = await self.browser.get("/")
        assert left.status_code == 303
        back = await self.come_back(self.server.approve(left.headers["location"], sub=sub, acr=acr))
        assert (back.status_code, back.headers["location"]) == (303, "/")

    async def come_back(self, query: str) -> httpx2.Response:
        back = await self.browser.get("/callback?" + query)
        aside = back.headers.get("location", "").startswith("/callback/")
        return await self.browser.get(back.headers["location"]) if aside else back

    async def send(self, minor: int, payee: str = "DE89", **headers: str) -> httpx2.Response:
        return await self.browser.post("/transfers", data={"amount": str(minor), "payee": payee}, headers=OWN | headers)
