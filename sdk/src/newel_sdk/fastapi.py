"""FastAPI: `bearer(check)` for a JSON API, `Pages` for an application whose people sit at a browser.

A route takes its values from `allowed.fields`, not from Form parameters: what was checked is what is executed.
"""

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Any, Protocol
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from newel_sdk.asgi.answer import Answer, answer, error_answer
from newel_sdk.asgi.bearer import bearer_token
from newel_sdk.asgi.replay import RESUMED, Resumed, replay
from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.client.core import Client
from newel_sdk.client.pending import PendingAuthorization, Redirect
from newel_sdk.client.tokens import Tokens
from newel_sdk.errors import (
    AuthorizationFailed,
    InputRefused,
    NewelError,
    ResumeRefused,
    TokenRefused,
)
from newel_sdk.guard.asking import enforce
from newel_sdk.guard.body import FORM, JSON, MAX_BYTES, media_type, parse_body
from newel_sdk.guard.check import Parsed, RouteCheck
from newel_sdk.guard.core import Guard
from newel_sdk.guard.outcome import Allowed, Denied, Outcome
from newel_sdk.resume.aside import LARGEST, Aside
from newel_sdk.resume.intent import Intent
from newel_sdk.resume.intents import IntentCookie, Intents
from newel_sdk.resume.origin import SameOrigin, same_origin
from newel_sdk.resume.refusal import NO_WAY, NOTHING_DONE, WORDS, Refusal, RefusedError, refusal_of, refuse

SAFE = frozenset({"GET", "HEAD"})
SEE_OTHER = 303
UNKNOWN = "unknown"
"""Where an answer leads that belongs to no request of its browser."""

Dependency = Callable[[Request], Awaitable[Allowed]]


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


Refused = Callable[[Request, Refusal], Response]


class AnsweredError(Exception):
    """Carries an answer out of a dependency."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"answered with status {response.status_code}")


def plain_page(request: Request, refusal: Refusal) -> Response:
    """Show a refusal as a bare page; applications hand in their own."""
    del request
    act = f"<p>{escape(refusal.intent_title)}</p>" if refusal.intent_title else ""
    title, because = escape(refusal.title), escape(refusal.because)
    page = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{act}<p>{because}</p>'
    return HTMLResponse(page, status_code=refusal.status, headers={"cache-control": "no-store"})


def _response(made: Answer) -> Response:
    return Response(content=made.body, status_code=made.status, headers=dict(made.headers))


async def _answered(request: Request, error: Exception) -> Response:  # ruff: ignore[unused-async] - without await FastAPI would call it in a thread
    del request
    assert isinstance(error, AnsweredError)
    return error.response


def install(app: FastAPI) -> None:
    """Let the application answer for `bearer` dependencies."""
    app.add_exception_handler(AnsweredError, _answered)


async def _read(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdigit() or int(length) > MAX_BYTES:
        raise InputRefused(f"the request is over {MAX_BYTES} bytes, or does not state its length")
    return await request.body()


async def _parsed(request: Request) -> Parsed:
    return parse_body(request.headers.get("content-type", ""), await _read(request))


def _readable(request: Request) -> bool:
    return media_type(request.headers.get("content-type", "")) in {FORM, JSON}


def bearer(check: RouteCheck) -> Dependency:
    """Make a dependency that takes the token from the Authorization header and answers 401 as RFC 9470 says."""

    async def dependency(request: Request) -> Allowed:
        try:
            outcome = await _decide_bearer(request, check)
        except NewelError as refused:
            raise AnsweredError(_response(error_answer(refused))) from refused
        if isinstance(outcome, Allowed):
            return outcome
        raise AnsweredError(_response(answer(outcome)))

    return dependency


async def _decide_bearer(request: Request, check: RouteCheck) -> Outcome:
    token = bearer_token(request.headers.getlist("authorization"))
    await check.prepare(token)
    if not check.reads_input:
        return await enforce(check, token)
    claims = check.authenticate(token)
    return claims if isinstance(claims, Unauthorized) else await enforce(check, token, await _parsed(request))


def _local(path: str) -> str:
    """Return an address inside the application: never a way to another host."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else "/"


def _lead(url: str) -> Response:
    return RedirectResponse(url, status_code=SEE_OTHER, headers={"cache-control": "no-store"})


def _route(request: Request) -> str:
    return quote(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")


def _put_cookie(response: Response, cookie: IntentCookie) -> None:
    response.set_cookie(cookie.name, cookie.value, max_age=cookie.max_age, secure=True, httponly=True, samesite="lax")


class Pages:
    """A browser application: its session instead of a header, a redirect instead of 401, and the form is not lost.

    `origin`: the application's own, `https://bank.example`; `callback`: the path of its redirect URI; `refused`: how a
    refusal looks.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        client: Client,
        sessions: Sessions,
        intents: Intents,
        origin: str,
        callback: str = "/callback",
        refused: Refused = plain_page,
    ) -> None:
        self._guard, self._client, self._sessions, self._intents = guard, client, sessions, intents
        self._origin, self._callback, self._page = origin, callback, refused

    def install(self, app: FastAPI) -> None:
        """Add the callback route and the answers of this class's dependencies."""
        install(app)
        app.add_exception_handler(RefusedError, self._refused)
        for path, answered in ((self._callback, self._come_back), (f"{self._callback}/{{page_id}}", self._shown)):
            app.add_api_route(path, answered, methods=["GET"], include_in_schema=False)

    async def sign_in(self, request: Request, *, then: str = "/") -> Response:
        """Send the browser to sign in, and afterwards to `then`, a path of this application."""
        try:
            redirect = await self._client.begin(then=_local(then))
        except NewelError as problem:
            raise RefusedError(refusal_of(problem, "")) from problem
        return await self._leave(request, redirect)

    def requires(self, check: RouteCheck, *, title: str = "") -> Dependency:
        """Make a dependency for a page (GET) or a form (POST); `title` names the form in words, "Send money"."""

        async def dependency(request: Request) -> Allowed:
            try:
                return await self._enter(request, check, title)
            except NewelError as problem:
                raise RefusedError(refusal_of(problem, title)) from problem

        return dependency

    async def _enter(self, request: Request, check: RouteCheck, title: str) -> Allowed:
        resumed = request.scope.get(RESUMED)
        if isinstance(resumed, Resumed):
            return await self._enter_again(request, check, resumed)
        checked = None if request.method in SAFE else same_origin(request.headers, self._origin)
        tokens = await self._sessions.current(request)
        claims: Claims | Unauthorized = Unauthorized(error="", because="nobody is signed in")
        if tokens is not None:
            tokens, claims = await self._believed(request, check, tokens)
        if tokens is None or isinstance(claims, Unauthorized):
            if checked is None:
                raise AnsweredError(await self.sign_in(request, then=_route(request)))
            refuse(401, "Sign in first", f"You are signed out. {NOTHING_DONE}", title)
        parsed = await _parsed(request) if check.reads_input or (checked and _readable(request)) else {}
        outcome = await enforce(check, tokens.access_token, parsed)
        if isinstance(outcome, Allowed):
            return outcome
        if isinstance(outcome, Unauthorized):
            raise AnsweredError(await self.sign_in(request))
        if isinstance(outcome, Denied):
            because = WORDS[NO_WAY] if outcome.no_way else f"{outcome.because.rstrip('.')}."
            refuse(403, "This is not allowed", f"{because} {NOTHING_DONE}", title)
        raise AnsweredError(await self._climb(request, outcome, tokens, claims, checked, title))

    async def _enter_again(self, request: Request, check: RouteCheck, resumed: Resumed) -> Allowed:
        await check.prepare(resumed.tokens.access_token)
        parsed = await _parsed(request)
        outcome = await enforce(check, resumed.tokens.access_token, parsed, bound=resumed.intent.bound)
        if isinstance(outcome, Allowed):
            return outcome
        # One round trip is all: what came back is not what was asked for, and asking again would loop.
        because = outcome.because or "The new proof is not what this needs."
        refusal = Refusal(
            status=403,
            title="This was not sent",
            because=f"{because} {NOTHING_DONE}",
            intent_title=resumed.intent.title,
        )
        raise RefusedError(refusal)

    async def _believed(
        self, request: Request, check: RouteCheck, tokens: Tokens
    ) -> tuple[Tokens, Claims | Unauthorized]:
        await check.prepare(tokens.access_token)
        claims = check.authenticate(tokens.access_token)
        if not isinstance(claims, Unauthorized) or tokens.refresh_token is None:
            return tokens, claims
        try:
            tokens = await self._client.refresh(tokens)
        except (AuthorizationFailed, TokenRefused):
            return tokens, claims
        await self._sessions.refreshed(request, tokens)
        await check.prepare(tokens.access_token)
        return tokens, check.authenticate(tokens.access_token)

    async def _climb(
        self,
        request: Request,
        challenge: Challenge,
        tokens: Tokens,
        claims: Claims,
        checked: SameOrigin | None,
        title: str,
    ) -> Response:
        cookie = await self._keep(request, challenge, claims, checked, title) if checked else None
        redirect = await self._client.step_up(
            challenge,
            tokens=tokens,
            then=_route(request) if checked is None else "/",
            intent=cookie.intent_id if cookie else "",
            title=title,
        )
        response = await self._leave(request, redirect)
        if cookie:
            _put_cookie(response, cookie)
        return response

    async def _keep(
        self, request: Request, challenge: Challenge, claims: Claims, checked: SameOrigin, title: str
    ) -> IntentCookie:
        kind = media_type(request.headers.get("content-type", ""))
        empty: Mapping[str, Any] = {}
        intent = Intent(
            route=_route(request),
            content_type=kind,
            fields=empty if kind.startswith("multipart/") else await _parsed(request),
            title=title,
            bound=bool(challenge.authorization_details),
            subject=claims.subject,
            lineage=claims.sid,
        )
        return self._intents.keep(intent, checked=checked)

    async def _leave(self, request: Request, redirect: Redirect) -> Response:
        response = _lead(redirect.url)
        await self._sessions.put_pending(request, response, redirect.pending.state, redirect.pending.to_text())
        return response

    async def _come_back(self, request: Request) -> Response:
        text = await self._sessions.take_pending(request, request.query_params.get("state", ""))
        if text is None:  # anybody's address: nothing is kept for it
            return _lead(f"{self._callback}/{UNKNOWN}")
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
        response = _lead(f"{self._callback}/{cookie.intent_id}")
        response.raw_headers += [each for each in page.raw_headers if each[0].lower() == b"set-cookie"]
        _put_cookie(response, cookie)
        return response

    async def _shown(self, request: Request, page_id: str) -> Response:
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
            return _lead(_local(pending.then))
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

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        return self._page(request, error.refusal)
