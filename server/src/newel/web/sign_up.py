"""/sign-up/{token}: a one-time address. Opening it changes nothing; a password spends it; a second way may follow."""

from urllib.parse import urlencode

from newel.domain.interaction import Interaction
from newel.flows.enrol import begin_enrolment, read_draft
from newel.flows.enrolling import Added, NotAdded, confirm_new
from newel.flows.known import known_person
from newel.flows.sign_up import (
    PASSWORD,
    AddressSpent,
    PasswordRefused,
    address_of,
    begin_sign_up,
    choose_password,
    end_sign_up,
    open_address,
)
from newel.http.browser import browser_key, session_headers
from newel.http.request import Request
from newel.http.responses import Response, redirect
from newel.i18n.message import Clock, Day
from newel.i18n.sentences import day_and_time
from newel.web import refusals
from newel.web.desk import Desk, Visit, visit
from newel.web.enrol_page import enrol_page
from newel.web.house import with_browser
from newel.web.notices import ACCOUNT, added_address
from newel.web.views import Frame, SecondWay, SignUp

ADDABLE = frozenset({"passkey", "totp", "recovery_code"})


async def show_address(desk: Desk, request: Request) -> Response:
    """The page behind a one-time address."""
    here = await visit(desk, request)
    token = request.path_params["token"]
    opened = await open_address(here.services, token, here.now)
    if opened is None:
        return here.refuse(refusals.address_spent(here.frame(request.path)), 410)
    browser, cookies = browser_key(here.services, request)
    sign_up, person = opened
    view = SignUp(
        frame=Frame(here=f"/sign-up/{token}"),
        action=f"/sign-up/{token}",
        csrf=with_browser(here, browser).csrf,
        username=person.subject.name,
        until=day_and_time(Day(sign_up.expires_at), Clock(sign_up.expires_at)),
    )
    return here.show(view, headers=cookies)


async def begin_address(desk: Desk, request: Request) -> Response:
    """Begin the sign-up in this browser."""
    here = await visit(desk, request)
    if not here.trusted() or here.browser is None:
        return here.not_ours()
    opened = await open_address(here.services, request.path_params["token"], here.now)
    if opened is None:
        return here.refuse(refusals.address_spent(here.frame()), 410)
    interaction = await begin_sign_up(here.services, opened[0], opened[1], here.browser, here.locale)
    return redirect(f"/i/{interaction.id}")


async def show_sign_up(here: Visit, interaction: Interaction) -> Response:
    """The page of a sign-up: choose a password, then a second way."""
    person = await known_person(here.services, interaction.subject)
    if person is None:
        return here.refuse(refusals.address_spent(here.frame()), 410)
    add = here.request.query.get("add", "")
    choosing = interaction.change.startswith(PASSWORD)
    method = PASSWORD if choosing else add
    if not choosing and method not in ADDABLE:
        page = f"/i/{interaction.id}"
        passkey, app = f"{page}?add=passkey", f"{page}?add=totp"
        frame = Frame(here=page, who=person.subject.display)
        return here.show(SecondWay(frame=frame, action=page, csrf=here.csrf, passkey=passkey, app=app))
    begun = await begin_enrolment(here.services, interaction, person, method, here.now)
    if begun is None:
        return redirect(f"/i/{interaction.id}{'' if method == PASSWORD else f'?add={method}'}")
    return here.show(enrol_page(here, begun[0], person, begun[1]))


async def post_sign_up(here: Visit, interaction: Interaction) -> Response:
    """A password, a second way, or later."""
    page, form = f"/i/{interaction.id}", here.request.form
    if interaction.change.startswith(PASSWORD):
        return await _password(here, interaction, form.get("password", ""))
    if "later" in form:
        cookie = await end_sign_up(here.services, interaction, here.held)
        return redirect(ACCOUNT if cookie else page, headers=session_headers(cookie))
    method = next((each for each in ADDABLE if read_draft(here.services, interaction, each)), None)
    response = form.get("attestation") or form.get("otp") or form.get("written", "")
    if method is None:
        return redirect(page)
    name = " ".join(form.get("name", "").split())[:60] or method
    address = here.request.client_address
    added = await confirm_new(here.services, interaction, here.held, method, response, name=name, address=address)
    if isinstance(added, Added):
        return redirect(added_address(method, name), headers=session_headers(added.session_cookie))
    reason = added.reason if isinstance(added, NotAdded) else "busy"
    return redirect(f"{page}?{urlencode({'add': method, 'way': method, 'error': reason})}")


async def _password(here: Visit, interaction: Interaction, password: str) -> Response:
    page = f"/i/{interaction.id}"
    sign_up = await address_of(here.services, interaction)
    chosen = await choose_password(here.services, interaction, sign_up, password) if sign_up else AddressSpent()
    if isinstance(chosen, AddressSpent):
        return here.refuse(refusals.address_spent(here.frame()), 410)
    if isinstance(chosen, PasswordRefused):
        return redirect(f"{page}?{urlencode({'way': PASSWORD, 'error': chosen.reason})}")
    return redirect(page)
