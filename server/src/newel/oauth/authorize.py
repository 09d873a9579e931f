"""/authorize: GET and POST (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1.1)."""

from collections.abc import Callable, Coroutine
from typing import Literal

from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.errors import ProtocolError
from newel.domain.value import dataclass, replace
from newel.flows.authorize import Arrival, Asked, authorize
from newel.flows.browser import Held, held_session
from newel.flows.known import known_client
from newel.flows.leave import refused
from newel.flows.respond import refusal
from newel.http.browser import SESSION_COOKIE, browser_key, session_headers
from newel.http.pages import request_locale
from newel.http.request import Request
from newel.http.responses import Header, Response, redirect
from newel.oauth.checks import Incoming, check
from newel.oauth.par import pushed_id, pushed_request
from newel.oauth.redirect import matches_redirect
from newel.services import Services

IDENTIFYING = frozenset({"client_id", "redirect_uri", "request_uri"})
NotRedirectable = Literal["application", "over", "unreadable"]
"""Why no client is told: it or its address is not registered, its pushed request is over, or neither can be read."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the endpoint needs beside services: the pages for what cannot be sent back to a client, and the page that asks."""

    services: Services
    not_redirectable: Callable[[Request, NotRedirectable], Response]
    first_page: Callable[[Request, Asked, str, Held | None, tuple[Header, ...]], Coroutine[None, None, Response | None]]


async def authorize_endpoint(front: Front, request: Request) -> Response:
    """Answer with a redirect to the client, or to the page that asks."""
    services = front.services
    if both := request.query.keys() & request.form.keys():
        request = replace(request, repeated=request.repeated | both)
    values = {**request.query, **request.form}
    client = await known_client(services, values.get("client_id"))
    if client is None or request.repeated & IDENTIFYING:
        return front.not_redirectable(request, "application" if client is None else "unreadable")
    redirect_uri = values.get("redirect_uri")
    try:
        authorization = await _read(services, client, request, values)
    except _NotRedirectable as fault:
        return front.not_redirectable(request, fault.what)
    except ProtocolError as error:
        return redirect(refusal(redirect_uri or "", values.get("state"), services.config.issuer, error))
    return await _arrive(front, client, authorization, request)


class _NotRedirectable(Exception):
    """No registered address to send an answer to, and what about the request is at fault."""

    def __init__(self, what: NotRedirectable) -> None:
        self.what = what
        super().__init__(what)


async def _read(services: Services, client: Client, request: Request, values: dict[str, str]) -> AuthorizationRequest:
    """The checked request, from its parameters or as it was pushed."""
    if (pushed := pushed_id(values.get("request_uri"))) is not None:
        found = await pushed_request(services, client, pushed)
        if found is None:
            raise _NotRedirectable("over")
        return replace(found, pushed=pushed)
    redirect_uri = values.get("redirect_uri")
    if redirect_uri is None:
        raise _NotRedirectable("unreadable")
    if not matches_redirect(client.redirect_uris, redirect_uri):
        raise _NotRedirectable("application")
    incoming = Incoming(values=values, repeated=request.repeated, resources=request.lists.get("resource", ()))
    return await check(services, client, incoming, redirect_uri)


async def _arrive(front: Front, client: Client, authorization: AuthorizationRequest, request: Request) -> Response:
    """Hand a checked request and its browser to the flow; the outcome is the client's answer or the page that asks."""
    services = front.services
    now = services.now()
    browser, cookies = browser_key(services, request)
    arrival = Arrival(
        request=authorization,
        client=client,
        browser=browser,
        held=await held_session(services, request.cookies.get(SESSION_COOKIE), now),
        address=request.client_address,
        locale=request_locale(request),
    )
    try:
        outcome = await authorize(services, arrival)
    except ProtocolError as error:
        return redirect(await refused(services, authorization, error), headers=cookies)
    if isinstance(outcome, Asked):
        get = request.method == "GET"
        page = await front.first_page(request, outcome, browser, arrival.held, cookies) if get else None
        return page or redirect(f"/i/{outcome.interaction.id}", headers=cookies)
    return redirect(outcome.location, headers=(*cookies, *session_headers(outcome.session_cookie)))
