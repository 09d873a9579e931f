"""An outcome as an HTTP answer: status, headers, problem+json (RFC 6750 section 3, RFC 9470 section 3, RFC 9457)."""

import json
from dataclasses import dataclass
from typing import Any

from newel_sdk.asgi.types import Send
from newel_sdk.challenge import PROBLEM_TYPE, Challenge, Unauthorized, problem, www_authenticate
from newel_sdk.errors import ActionRefused, FetchFailed, InputRefused, NewelError
from newel_sdk.guard.outcome import Denied

UNAUTHORIZED, FORBIDDEN, BAD_REQUEST, UNAVAILABLE, SERVER_ERROR = 401, 403, 400, 503, 500
ACCESS_DENIED = "access_denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send; header names are lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    async def send(self, send: Send) -> None:
        """Send it over ASGI."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _answer(status: int, body: dict[str, Any], *extra: tuple[str, str]) -> Answer:
    data = json.dumps(body, ensure_ascii=False).encode("utf-8")
    headers = (
        ("content-type", "application/problem+json"),
        ("content-length", str(len(data))),
        ("cache-control", "no-store"),
        *extra,
    )
    return Answer(status=status, headers=headers, body=data)


def answer(outcome: Challenge | Unauthorized | Denied) -> Answer:
    """Say what is missing, 401 with WWW-Authenticate; or that the policy says no, 403."""
    if isinstance(outcome, Denied):
        kind = PROBLEM_TYPE + ACCESS_DENIED.replace("_", "-")
        body = {"type": kind, "title": "This is not allowed", "status": FORBIDDEN, "detail": outcome.because}
        return _answer(FORBIDDEN, body | {"error": ACCESS_DENIED})
    return _answer(UNAUTHORIZED, problem(outcome), ("www-authenticate", www_authenticate(outcome)))


def error_answer(refused: NewelError) -> Answer:
    """Say that a request could not be decided on: 400 when it is wrong itself, 503 when the issuer or the decision
    point is not reached.
    """
    status, title = SERVER_ERROR, "This cannot be answered"
    if isinstance(refused, InputRefused | ActionRefused):
        status, title = BAD_REQUEST, "The request is wrong"
    elif isinstance(refused, FetchFailed):
        status, title = UNAVAILABLE, "Try again in a moment"
    detail = str(refused) if status == BAD_REQUEST else ""
    kind = PROBLEM_TYPE + refused.error.replace("_", "-")
    return _answer(status, {"type": kind, "title": title, "status": status, "detail": detail, "error": refused.error})
