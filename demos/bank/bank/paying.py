"""Sending money and keeping payees: the one place where something moves."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from bank import ledger, payees
from bank.asking import Asking
from bank.desk import PAYMENTS, SEE_OTHER, Desk
from bank.iban import parse_iban
from bank.transfer import BAD_IBAN, NAME_LONGEST, Refused, plain_text
from newel_sdk import Allowed, Guard
from newel_sdk.errors import InputRefused
from newel_sdk.fastapi import Pages
from newel_sdk.fastapi.body import too_long
from newel_sdk.guard.body import parse_body

ADDED = "Added. Before the first payment to a new payee we may ask you to confirm it."
KEY_BYTES = 16
ID_DIGITS = 15


def payments(desk: Desk, guard: Guard, pages: Pages, asking: Asking) -> APIRouter:
    """The form, the payment, the receipt."""
    router = APIRouter()
    signed_in = pages.requires(guard.require(acr="aal1"))
    sending = pages.requires(asking, title="Send money")

    @router.get("/payments/new")
    async def new(allowed: Annotated[Allowed, Depends(signed_in)], payee: str = "") -> Response:
        return desk.form(allowed.claims.subject, {"key": secrets.token_urlsafe(KEY_BYTES), "payee": payee})

    @router.post(PAYMENTS)
    async def send(allowed: Annotated[Allowed, Depends(sending)]) -> Response:
        transfer = await asking.pay(allowed)
        return RedirectResponse(f"{PAYMENTS}/{transfer.id}", SEE_OTHER)

    @router.get(PAYMENTS)
    async def back(allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        del allowed
        return RedirectResponse("/payments/new", SEE_OTHER)

    @router.get("/payments/{number}")
    async def receipt(number: str, allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        subject = allowed.claims.subject
        readable = number.isascii() and number.isdigit() and len(number) <= ID_DIGITS
        transfer = ledger.by_id(desk.db, subject, int(number)) if readable else None
        if transfer is None:
            return desk.nowhere(allowed, "There is no such receipt", "Your payments stand on your statement.")
        account = ledger.accounts(desk.db, subject)[0]
        return desk.page(allowed, "receipt.html", here="/payments/new", transfer=transfer, account=account)

    return router


def payee_list(desk: Desk, guard: Guard, pages: Pages) -> APIRouter:
    """The list of payees, and adding one: that moves nothing, and a payee stays new until a confirmed payment."""
    router = APIRouter()
    signed_in = pages.requires(guard.require(acr="aal1"))

    def listed(allowed: Allowed, typed: dict[str, str], *, error: Refused | None = None, notice: str = "") -> Response:
        return desk.page(
            allowed,
            "payees.html",
            here="/payees",
            status=200 if error is None else error.status,
            payees=payees.payees(desk.db, allowed.claims.subject),
            typed={"name": "", "iban": "", **typed},
            error=error,
            notice=notice,
        )

    @router.get("/payees")
    async def all_payees(allowed: Annotated[Allowed, Depends(signed_in)], added: str = "") -> Response:
        return listed(allowed, {}, notice=ADDED if added else "")

    @router.post("/payees")
    async def add(request: Request, allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        typed: dict[str, str] = {}
        try:
            typed = await _form(request)
            _add(desk, allowed.claims.subject, typed)
        except Refused as refused:
            return listed(allowed, typed, error=refused)
        return RedirectResponse("/payees?added=1", SEE_OTHER)

    return router


async def _form(request: Request) -> dict[str, str]:
    if too_long(request.headers.get("content-length", "")):
        raise Refused("name", "This form is too large to be one of ours. Open it again.", typed={})
    try:
        parsed = parse_body(request.headers.get("content-type", ""), await request.body())
    except InputRefused as problem:
        raise Refused("name", "This form cannot be read. Open it again.", typed={}) from problem
    return {name: value for name in ("name", "iban") if isinstance(value := parsed.get(name, ""), str)}


def _add(desk: Desk, subject: str, typed: dict[str, str]) -> None:
    name = plain_text(typed.get("name", ""), longest=NAME_LONGEST)
    if not name:
        raise Refused("name", f"Type the payee's name, at most {NAME_LONGEST} characters.", typed=typed)
    iban = parse_iban(typed.get("iban", ""))
    if iban is None:
        raise Refused("iban", BAD_IBAN, typed=typed)
    if any(account.iban == iban for account in ledger.accounts(desk.db, subject)):
        raise Refused("iban", "That is your own account.", typed=typed)
    if not payees.add(desk.db, subject, iban=iban, name=name):
        raise Refused("iban", "This account number is on your list.", typed=typed, status=409)
