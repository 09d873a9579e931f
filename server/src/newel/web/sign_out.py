"""/sign-out: ends the session in this browser, with everything issued under it (S29)."""

from newel.domain.errors import ProtocolError
from newel.domain.interaction import State
from newel.flows.authorize import Arrival, Asked, authorize
from newel.flows.browser import Held
from newel.flows.known import known_client, known_person
from newel.flows.leave import refused, sign_out
from newel.http.browser import SESSION_COOKIE, browser_key, session_headers
from newel.http.cookies import clear_cookie
from newel.http.request import Request
from newel.http.responses import Header, Response, redirect
from newel.i18n.message import Text
from newel.web import refusals
from newel.web.desk import Desk, Visit, own_interaction, visit
from newel.web.house import with_browser
from newel.web.notices import ACCOUNT
from newel.web.views import Frame, Link, SignedOut, SignOut


async def show_sign_out(desk: Desk, request: Request) -> Response:
    """Ask before signing out; the page says so where nobody is signed in."""
    here = await visit(desk, request)
    person = await known_person(here.services, here.held.session.subject) if here.held else None
    if person is None:
        return here.show(_signed_out())
    browser, cookies = browser_key(here.services, request)
    again = request.query.get("interaction", "")
    view = SignOut(
        frame=Frame(here="/sign-out", who=person.subject.display),
        action="/sign-out",
        csrf=with_browser(here, browser).csrf,
        fields=(("interaction", again),) if again else (),
    )
    return here.show(view, headers=cookies, redirect_uri=await _redirect_uri(here, again))


async def _redirect_uri(here: Visit, identifier: str) -> str | None:
    found = await own_interaction(here, identifier) if identifier else None
    return found.request.redirect_uri if found and found.request else None


async def post_sign_out(desk: Desk, request: Request) -> Response:
    """Sign out, or not."""
    here = await visit(desk, request)
    if not here.trusted() or request.repeated:
        return here.not_ours()
    if request.form.get("decision") != "sign_out":
        return redirect(ACCOUNT)
    if here.held is not None:
        await sign_out(here.services, here.held.session.lineage, here.held.session.subject)
    cleared = (clear_cookie(SESSION_COOKIE),)
    if "interaction" in request.form:
        return await begin_again(here, request.form["interaction"], None, cleared)
    return here.show(_signed_out(), headers=cleared)


async def ask_again(desk: Desk, request: Request) -> Response:
    """Take up an interaction that ran out: the same request, anew."""
    here = await visit(desk, request)
    if not here.trusted():
        return here.not_ours()
    stored = await own_interaction(here)
    if stored is not None and stored.expires_at > here.now:
        return redirect(f"/i/{stored.id}")
    return await begin_again(here, request.path_params["id"], here.held, ())


async def begin_again(here: Visit, identifier: str, held: Held | None, headers: tuple[Header, ...]) -> Response:
    """Begin an interaction's request anew in the browser that began it."""
    stored = await own_interaction(here, identifier)
    if stored is not None and stored.state is not State.OPEN:
        return redirect(f"/i/{stored.id}", headers=headers)
    request = stored.request if stored else None
    client = await known_client(here.services, request.client_id) if request else None
    if request is None or client is None or here.browser is None:
        return here.show(refusals.gone(here.frame()), status=404, headers=headers)
    arrival = Arrival(
        request=request,
        client=client,
        browser=here.browser,
        held=held,
        address=here.request.client_address,
        locale=here.locale,
    )
    try:
        outcome = await authorize(here.services, arrival)
    except ProtocolError as error:
        return redirect(await refused(here.services, request, error), headers=headers)
    if isinstance(outcome, Asked):
        return redirect(f"/i/{outcome.interaction.id}", headers=headers)
    return redirect(outcome.location, headers=(*headers, *session_headers(outcome.session_cookie)))


def _signed_out() -> SignedOut:
    return SignedOut(frame=Frame(here="/sign-out"), onward=Link(Text("Sign in"), ACCOUNT))
