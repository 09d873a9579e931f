"""Looking around: welcome, signing in and out, accounts and statements."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from bank import ledger
from bank.desk import SEE_OTHER, Desk
from newel_sdk import Allowed, Guard
from newel_sdk.fastapi import Pages


def entrance(desk: Desk, guard: Guard, pages: Pages) -> APIRouter:
    """Welcome, signing in and out, and the bank's own files."""
    router = APIRouter()
    signed_in = pages.requires(guard.require(acr="aal1"))

    @router.get("/")
    async def welcome(request: Request, signed_out: str = "") -> Response:
        if desk.sessions.look(request) is not None:
            return RedirectResponse("/accounts", SEE_OTHER)
        return desk.renderer.page("welcome.html", signed_out=bool(signed_out))

    @router.get("/sign-in")
    async def sign_in(request: Request) -> Response:
        return await pages.sign_in(request, then="/accounts")

    @router.post("/sign-out")
    async def sign_out(request: Request, allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        del allowed
        response = RedirectResponse("/?signed_out=1", SEE_OTHER)
        desk.sessions.signed_out(request, response)
        return response

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        return desk.renderer.static(name) or Response(status_code=404)

    @router.get("/developers")
    async def developers(request: Request, allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        tokens = desk.sessions.look(request)
        token = "" if tokens is None else tokens.access_token
        origin, until = f"{request.url.scheme}://{request.url.netloc}", allowed.claims.expires_at
        return desk.page(allowed, "developers.html", here="", token=token, origin=origin, until=until)

    return router


def statements(desk: Desk, guard: Guard, pages: Pages) -> APIRouter:
    """Accounts and what moved on them: one sign-in is enough."""
    router = APIRouter()
    signed_in = pages.requires(guard.require(acr="aal1"))

    @router.get("/accounts")
    async def accounts(allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        own = ledger.accounts(desk.db, allowed.claims.subject)
        return desk.page(allowed, "accounts.html", here="/accounts", accounts=own)

    @router.get("/accounts/{iban}")
    async def statement(iban: str, allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        account = ledger.account(desk.db, allowed.claims.subject, iban)
        if account is None:
            return desk.nowhere(allowed, "You have no such account", "Its number belongs to nobody, or not to you.")
        lines = ledger.statement(desk.db, account.id)
        return desk.page(allowed, "statement.html", here="/accounts", account=account, lines=lines)

    return router
