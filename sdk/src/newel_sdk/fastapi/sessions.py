"""What an application keeps for its pages."""

from typing import Protocol

from fastapi import Request, Response

from newel_sdk.client.tokens import Tokens


class Sessions(Protocol):
    """The application's own sessions, kept on its server behind a `__Host-` cookie."""

    async def current(self, request: Request) -> Tokens | None:
        """Return the tokens of the session this request belongs to."""

    async def signed_in(self, request: Request, response: Response, tokens: Tokens) -> None:
        """Put tokens into the session after a sign-in or step-up, and give it a new id (a cookie on `response`)."""

    async def refreshed(self, request: Request, tokens: Tokens) -> None:
        """Put refreshed tokens into the session; its id stays."""

    async def put_pending(self, request: Request, response: Response, state: str, pending: str) -> None:
        """Keep a text under `state` in this browser's session, also before anyone signed in."""

    async def take_pending(self, request: Request, state: str) -> str | None:
        """Return and remove the text that this same browser's session holds under `state`; once."""
