"""The way back from the server: a sign-in ends, a step-up ends, a form is sent again."""

from fastapi import FastAPI, Request, Response

from newel_sdk.asgi.replay import Resumed, replay
from newel_sdk.challenge import Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.client.core import Client
from newel_sdk.client.pending import PendingAuthorization
from newel_sdk.client.tokens import Tokens
from newel_sdk.errors import NewelError, ResumeRefused
from newel_sdk.fastapi.leading import lead, local, put_cookie
from newel_sdk.fastapi.refused import Refused
from newel_sdk.fastapi.sessions import Sessions
from newel_sdk.guard.core import Guard
from newel_sdk.resume.aside import LARGEST, Aside
from newel_sdk.resume.intents import Intents
from newel_sdk.resume.refusal import NOTHING_DONE, Refusal, RefusedError, refusal_of, refuse

UNKNOWN = "unknown"
"""Where an answer leads that belongs to no request of its browser."""


class Callback:
    """The redirect URI of an application at `path`, and the addresses below it at which pages are shown."""

    def __init__(
        self,
        *,
        guard: Guard,
        client: Client,
        sessions: Sessions,
        intents: Intents,
        origin: str,
        path: str,
        refused: Refused,
    ) -> None:
        self._guard, self._client, self._sessions, self._intents = guard, client, sessions, intents
        self._origin, self._path, self._page = origin, path, refused

    def install(self, app: FastAPI) -> None:
        """Add the routes."""
        for path, answered in ((self._path, self.come_back), (f"{self._path}/{{page_id}}", self.shown)):
            app.add_api_route(path, answered, methods=["GET"], include_in_schema=False)

    async def come_back(self, request: Request) -> Response:
        """Answer whoever comes back from the server: a page of this application, or the way to one."""
        text = await self._sessions.take_pending(request, request.query_params.get("state", ""))
        if text is None:  # anybody's address: nothing is kept for it
            return lead(f"{self._path}/{UNKNOWN}")
        here = await self._sessions.current(request)
        try:
            page, here = await self._completed(request, text, here)
        except RefusedError as refused:
            page = self._page(request, refused.refusal)
        leads_on = page.headers.get("location") is not None
        return page if leads_on or len(page.body) > LARGEST else self._set_aside(page, here.lineage if here else "")

    def _set_aside(self, page: Response, lineage: str) -> Response:
        """Lead to a page at an address of its own, out of the one that holds `code` or `error`, and `state`."""
        kept = Aside(status=page.status_code, headers=page.headers.items(), body=bytes(page.body), lineage=lineage)
        cookie = self._intents.set_aside(kept)
        response = lead(f"{self._path}/{cookie.intent_id}")
        response.raw_headers += [each for each in page.raw_headers if each[0].lower() == b"set-cookie"]
        put_cookie(response, cookie)
        return response

    async def shown(self, request: Request, page_id: str) -> Response:
        """Show the page that was set aside under an address of its own."""
        if page_id == UNKNOWN:
            refuse(400, "This answer belongs to no request of this browser", NOTHING_DONE)
        here = await self._sessions.current(request)
        secret = request.cookies.get(self._intents.page_cookie_name(page_id))
        try:
            kept = self._intents.show(page_id, secret=secret, lineage=here.lineage if here else "")
        except ResumeRefused as problem:
            refuse(410, "This page is gone", f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
        response = Response(kept.body, kept.status)
        response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept.headers]
        return response

    async def _completed(self, request: Request, text: str, here: Tokens | None) -> tuple[Response, Tokens | None]:
        """The answer to whoever came back, and whose session it stands in then."""
        pending = PendingAuthorization.from_text(text)
        if moved := self._moved(request, pending, here):
            return moved, here
        try:
            tokens = await self._client.complete(pending, request.url.query)
            await self._guard.prepare(tokens.access_token)
        except NewelError as problem:
            raise RefusedError(refusal_of(problem, pending.title)) from problem
        claims = self._guard.authenticate(tokens.access_token, self._guard.clock())
        if isinstance(claims, Unauthorized):
            refuse(403, "The answer could not be believed", f"{claims.because}. {NOTHING_DONE}", pending.title)
        response = await self._resume(request, pending, tokens, claims)
        await self._sessions.signed_in(request, response, tokens)
        return response, tokens

    def _moved(self, request: Request, pending: PendingAuthorization, here: Tokens | None) -> Response | None:
        """Refuse a step-up that comes back into another person's session (S08); a form goes into no session but its own (S16)."""
        stays = here.subject == pending.subject if here else not pending.intent
        if not pending.subject or stays:
            return None
        because = "Somebody else has signed in here" if here else "You signed out here"
        refusal = Refusal(status=403, title="This was not sent", because=f"{because} meanwhile. {NOTHING_DONE}")
        page = self._page(request, refusal)
        if pending.intent:
            name = self._intents.cookie_name(pending.intent)
            self._intents.discard(pending.intent, secret=request.cookies.get(name))
            page.delete_cookie(name, secure=True, httponly=True, samesite="lax")
        return page

    async def _resume(
        self, request: Request, pending: PendingAuthorization, tokens: Tokens, claims: Claims
    ) -> Response:
        if not pending.intent:
            return lead(local(pending.then))
        name = self._intents.cookie_name(pending.intent)
        try:
            intent = self._intents.take(
                pending.intent, secret=request.cookies.get(name), subject=claims.subject, lineage=claims.sid
            )
        except ResumeRefused as problem:
            page = self._page(request, refusal_of(problem, pending.title))
        else:
            resumed = Resumed(intent=intent, tokens=tokens)
            replayed = await replay(request.app, request.scope, resumed, origin=self._origin)
            page = Response(content=replayed.body, status_code=replayed.status)
            page.raw_headers = list(replayed.headers)
        page.delete_cookie(name, secure=True, httponly=True, samesite="lax")
        return page
