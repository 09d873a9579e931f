"""Well-known addresses that browsers and password stores look for."""

from newel.http.request import Request
from newel.http.responses import Response, json, redirect
from newel.web.desk import Desk


async def change_password(_desk: Desk, _request: Request) -> Response:
    """Where a password is changed (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("/account/add/password", status=302)


async def passkey_endpoints(desk: Desk, _request: Request) -> Response:
    """Where passkeys are added and managed (W3C, Passkey Endpoints)."""
    issuer = desk.services.config.issuer
    return json({"enroll": f"{issuer}/account/add/passkey", "manage": f"{issuer}/account"})
