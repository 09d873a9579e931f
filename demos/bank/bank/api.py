"""The JSON API: the same checks and the same ledger for programs, with a bearer token (RFC 6750, RFC 9470).

`POST /api/transfers` takes the members of the form as texts, and the form's own number as `Idempotency-Key`: a request
sent again answers with the transfer that was made. `payee` is a saved account number, or `new` with `name` and `iban`.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from bank import ledger, payees
from bank.asking import Asking
from bank.ledger import Transfer
from bank.money import CURRENCY
from bank.transfer import Refused
from newel_sdk import Allowed, Guard
from newel_sdk.errors import InputRefused
from newel_sdk.fastapi import bearer
from newel_sdk.guard import Around, Outcome, Parsed, enforce

BAD_REQUEST, UNPROCESSABLE, CREATED = 400, 422, 201
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Keyed(Around):
    """A check whose input is the JSON body together with the request's `Idempotency-Key`."""

    key: str

    async def enforce(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide as the check does; InputRefused without a key, or with one in the body."""
        return await enforce(self.check, token, self._keyed(parsed), now=now, bound=bound)

    def _keyed(self, parsed: Parsed | None) -> Parsed:
        given = parsed or {}
        if not self.key or "key" in given:
            raise InputRefused(
                "a transfer needs an Idempotency-Key header of 8 to 128 characters, and no key in the body"
            )
        return {**given, "key": self.key}


def api(guard: Guard, *, asking: Asking) -> APIRouter:
    """The routes under /api."""
    router, db = APIRouter(prefix="/api"), asking.act.db
    signed_in = bearer(guard.require(acr="aal1"))

    async def sending(request: Request) -> Allowed:
        return await bearer(Keyed(asking, request.headers.get("idempotency-key", "")))(request)

    @router.get("/accounts")
    async def accounts(allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        own = ledger.accounts(db, allowed.claims.subject)
        listed = [
            {"iban": each.iban, "name": each.name, "balance": {"minor": each.balance, "currency": CURRENCY}}
            for each in own
        ]
        return JSONResponse({"accounts": listed}, headers=NO_STORE)

    @router.get("/payees")
    async def all_payees(allowed: Annotated[Allowed, Depends(signed_in)]) -> Response:
        listed = [asdict(each) for each in payees.payees(db, allowed.claims.subject)]
        return JSONResponse({"payees": listed}, headers=NO_STORE)

    @router.post("/transfers")
    async def send(allowed: Annotated[Allowed, Depends(sending)]) -> Response:
        return JSONResponse(_told(await asking.pay(allowed)), CREATED, headers=NO_STORE)

    return router


def problem(refused: Refused) -> Response:
    """A payment that is not made, as problem+json (RFC 9457)."""
    status = UNPROCESSABLE if refused.status == BAD_REQUEST else refused.status
    body = {"type": "about:blank", "title": "Nothing was sent", "status": status, "detail": refused.because}
    return JSONResponse(
        {**body, "field": refused.field}, status, headers=NO_STORE, media_type="application/problem+json"
    )


def _told(transfer: Transfer) -> dict[str, Any]:
    order = transfer.order
    return {
        "id": transfer.id,
        "receipt": transfer.number,
        "at": transfer.at,
        "amount": {"minor": order.minor, "currency": CURRENCY},
        "payee": {"iban": order.payee_iban, "name": order.payee_name},
        "reference": order.reference,
        "confirmed": transfer.confirmed,
    }
