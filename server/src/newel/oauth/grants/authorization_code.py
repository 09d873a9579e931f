"""grant_type=authorization_code (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""

from typing import Any

from newel.domain.client import Client
from newel.domain.errors import InvalidRequest
from newel.flows.redeem import redeem_code
from newel.http.request import Request
from newel.oauth.grants.answer import answer
from newel.services import Services


async def authorization_code(services: Services, client: Client, request: Request) -> dict[str, Any]:
    """The tokens of a code."""
    form = request.form
    if "code" not in form:
        raise InvalidRequest("code is missing")
    return answer(
        await redeem_code(
            services,
            client,
            form["code"],
            form.get("redirect_uri"),
            form.get("code_verifier"),
            request.lists.get("resource", ()),
        )
    )
