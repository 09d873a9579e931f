"""`Pages`: a browser application's routes behind checks, and the way to the server where a proof is missing."""

from fastapi import FastAPI, Request, Response

from newel_sdk.asgi.replay import RESUMED, Resumed
from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.client.core import Client
from newel_sdk.client.pending import Redirect
from newel_sdk.client.tokens import Tokens
from newel_sdk.errors import AuthorizationFailed, NewelError, TokenRefused
from newel_sdk.fastapi.answered import AnsweredError, install
from newel_sdk.fastapi.bearer import Dependency
from newel_sdk.fastapi.body import parsed_body, readable
from newel_sdk.fastapi.callback import Callback
from newel_sdk.fastapi.leading import lead, local, put_cookie, route
from newel_sdk.fastapi.refused import Refused, plain_page
from newel_sdk.fastapi.sessions import Sessions
from newel_sdk.guard.asking import enforce
from newel_sdk.guard.body import media_type
from newel_sdk.guard.check import RouteCheck
from newel_sdk.guard.core import Guard
from newel_sdk.guard.outcome import Allowed, Denied
from newel_sdk.resume.intent import Intent
from newel_sdk.resume.intents import IntentCookie, Intents
from newel_sdk.resume.origin import SameOrigin, same_origin
from newel_sdk.resume.refusal import NO_WAY, NOTHING_DONE, WORDS, Refusal, RefusedError, refusal_of, refuse

SAFE = frozenset({"GET", "HEAD"})


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
        self._client, self._sessions, self._intents = client, sessions, intents
        self._origin, self._page = origin, refused
        self._callback = Callback(
            guard=guard,
            client=client,
            sessions=sessions,
            intents=intents,
            origin=origin,
            path=callback,
            refused=refused,
        )

    def install(self, app: FastAPI) -> None:
        """Add the callback route and the answers of this class's dependencies."""
        install(app)
        app.add_exception_handler(RefusedError, self._refused)
        self._callback.install(app)

    async def sign_in(self, request: Request, *, then: str = "/") -> Response:
        """Send the browser to sign in, and afterwards to `then`, a path of this application."""
        try:
            redirect = await self._client.begin(then=local(then))
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
                raise AnsweredError(await self.sign_in(request, then=route(request)))
            refuse(401, "Sign in first", f"You are signed out. {NOTHING_DONE}", title)
        parsed = await parsed_body(request) if check.reads_input or (checked and readable(request)) else {}
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
        parsed = await parsed_body(request)
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
            then=route(request) if checked is None else "/",
            intent=cookie.intent_id if cookie else "",
            title=title,
        )
        response = await self._leave(request, redirect)
        if cookie:
            put_cookie(response, cookie)
        return response

    async def _keep(
        self, request: Request, challenge: Challenge, claims: Claims, checked: SameOrigin, title: str
    ) -> IntentCookie:
        kind = media_type(request.headers.get("content-type", ""))
        intent = Intent(
            route=route(request),
            content_type=kind,
            fields={} if kind.startswith("multipart/") else await parsed_body(request),
            title=title,
            bound=bool(challenge.authorization_details),
            subject=claims.subject,
            lineage=claims.sid,
        )
        return self._intents.keep(intent, checked=checked)

    async def _leave(self, request: Request, redirect: Redirect) -> Response:
        response = lead(redirect.url)
        await self._sessions.put_pending(request, response, redirect.pending.state, redirect.pending.to_text())
        return response

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        return self._page(request, error.refusal)
