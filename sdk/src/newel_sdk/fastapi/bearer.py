"""`bearer(check)`: a route of a JSON API behind a check."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from newel_sdk.asgi.answer import answer, error_answer
from newel_sdk.asgi.bearer import bearer_token
from newel_sdk.challenge import Unauthorized
from newel_sdk.errors import NewelError
from newel_sdk.fastapi.answered import AnsweredError, plain
from newel_sdk.fastapi.body import parsed_body
from newel_sdk.guard.asking import enforce
from newel_sdk.guard.check import RouteCheck
from newel_sdk.guard.outcome import Allowed, Outcome

Dependency = Callable[[Request], Awaitable[Allowed]]


def bearer(check: RouteCheck) -> Dependency:
    """Make a dependency that takes the token from the Authorization header and answers 401 as RFC 9470 says."""

    async def dependency(request: Request) -> Allowed:
        try:
            outcome = await _decide_bearer(request, check)
        except NewelError as refused:
            raise AnsweredError(plain(error_answer(refused))) from refused
        if isinstance(outcome, Allowed):
            return outcome
        raise AnsweredError(plain(answer(outcome)))

    return dependency


async def _decide_bearer(request: Request, check: RouteCheck) -> Outcome:
    token = bearer_token(request.headers.getlist("authorization"))
    await check.prepare(token)
    if not check.reads_input:
        return await enforce(check, token)
    claims = check.authenticate(token)
    return claims if isinstance(claims, Unauthorized) else await enforce(check, token, await parsed_body(request))
