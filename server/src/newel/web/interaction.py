"""/i/{id}: the page of one interaction. Every POST answers 303; every page after the first is a GET of it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from newel.crypto import base64url
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.method import PASSKEY, PASSWORD, RECOVERY_CODE, SECURITY_KEY, TOTP
from newel.factors.webauthn import unverified_credential_id
from newel.flows.account import Changed, NotChanged
from newel.flows.enrol import begin_enrolment
from newel.flows.enrolling import Added, NotAdded, confirm_new
from newel.flows.finish import Answered, Moved
from newel.flows.grace import NotGranted, PutOff, Skipped, skip
from newel.flows.guess import AttemptsSpent, Elsewhere, Resting
from newel.flows.known import known_person
from newel.flows.leave import decline, report
from newel.flows.own import ENTER
from newel.flows.prove import Again, Given, Next, Proof, prove
from newel.flows.resume import Shown, resume
from newel.flows.step import next_step
from newel.http.browser import session_headers
from newel.http.ratelimit import bucket, name_key
from newel.http.request import Request
from newel.http.responses import Response, redirect
from newel.i18n.message import Text
from newel.web import refusals
from newel.web.desk import Desk, Visit, in_its_language, living_interaction, own_interaction, visit
from newel.web.ended import ended_page, expired_page, own_outcome, resting_page, spent_page
from newel.web.enrol_page import enrol_page
from newel.web.later import later_words
from newel.web.notices import account_address, added_address
from newel.web.prove_page import prove_page, put_off_page, sign_in_page, told_page, ways_page
from newel.web.sign_up import post_sign_up, show_sign_up
from newel.web.views import Link
from newel.web.why_page import why_page
from newel.web.words import UNNAMED

RESPONSES: Mapping[str, str] = {
    PASSWORD.name: "password",
    TOTP.name: "otp",
    RECOVERY_CODE.name: "recovery_code",
    PASSKEY.name: "assertion",
    SECURITY_KEY.name: "assertion",
}
"""The form field in which each way's response comes."""


async def show_interaction(desk: Desk, request: Request) -> Response:
    """The page of an interaction, as things stand now."""
    here = await visit(desk, request)
    interaction = await living_interaction(here)
    if interaction is None:
        return here.refuse(refusals.gone(here.frame(request.path)), 404)
    here = in_its_language(here, interaction)
    if interaction.state is not State.OPEN:
        return ended_page(here, interaction)
    if interaction.expires_at <= here.now:
        return expired_page(here, interaction)
    if interaction.purpose is Purpose.SIGN_UP:
        return await show_sign_up(here, interaction)
    return await _show_open(here, interaction)


async def _show_open(here: Visit, interaction: Interaction, *, told: bool = False) -> Response:
    redirect_uri = interaction.request.redirect_uri if interaction.request else None
    if interaction.decided is None:
        return here.show(await sign_in_page(here, interaction), redirect_uri=redirect_uri)
    person = await known_person(here.services, interaction.subject)
    if person is None:
        return here.refuse(refusals.gone(here.frame(here.request.path)), 404)
    address = here.request.client_address
    shown = await resume(
        here.services, interaction, person, here.held, here.locale, here.now, address=address, told=told
    )
    if not isinstance(shown, Shown):
        return _outcome(here, interaction, shown)
    if told:
        return redirect(f"/i/{interaction.id}")
    if shown.step.kind == "enrol":
        begun = await begin_enrolment(here.services, shown.interaction, person, shown.step.method, here.now)
        if begun is None:
            return redirect(f"/i/{interaction.id}")
        later = await later_words(here, begun[0], person)
        return here.show(enrol_page(here, begun[0], person, begun[1], later), redirect_uri=redirect_uri)
    if shown.step.kind == "tell":
        return here.show(await told_page(here, shown.interaction, person), redirect_uri=redirect_uri)
    if shown.step.kind == "put_off":
        return here.show(await put_off_page(here, shown.interaction, person), redirect_uri=redirect_uri)
    return here.show(await prove_page(here, shown.interaction, shown.step, person), redirect_uri=redirect_uri)


async def post_interaction(desk: Desk, request: Request) -> Response:
    """One answer of the person: a proof, a new authenticator, a no, or a report."""
    here = await visit(desk, request)
    interaction = await living_interaction(here)
    if interaction is None or not here.trusted() or request.repeated:
        return here.not_ours()
    if interaction.state is not State.OPEN:
        return (
            redirect(f"/i/{interaction.id}")
            if request.form.get("decision") != "again"
            else ended_page(here, interaction)
        )
    decision = request.form.get("decision")
    if decision == "decline":
        left = await decline(here.services, interaction)
        home = f"/i/{interaction.id}" if interaction.change == ENTER else account_address()
        return redirect(left.location if left and left.location else home)
    if decision == "report":
        await report(here.services, interaction)
        return redirect(f"/i/{interaction.id}")
    if interaction.expires_at <= here.now:
        return redirect(f"/i/{interaction.id}")
    if interaction.purpose is Purpose.SIGN_UP:
        return await post_sign_up(here, interaction)
    if decision == "go_on" and interaction.decided is not None:
        return await _show_open(in_its_language(here, interaction), interaction, told=True)
    if decision == "skip":
        address = here.request.client_address
        return _outcome(here, interaction, await skip(here.services, interaction, here.held, address=address))
    return await _answer(here, interaction)


async def _answer(here: Visit, interaction: Interaction) -> Response:
    form = here.request.form
    way = form.get("way", PASSWORD.name if "password" in form else PASSKEY.name)
    if "attestation" in form or "written" in form or await _enrolling(here, interaction):
        return await _confirm(here, interaction)
    typed = form.get("username", "")
    given = Given(
        way=way,
        response=form.get(RESPONSES.get(way, ""), ""),
        name=name_key(typed) if typed else "",
        typed=typed,
        buckets=_buckets(here, interaction, typed),
        address=here.request.client_address,
        held=here.held,
    )
    return _outcome(here, interaction, await prove(here.services, interaction, given))


async def _enrolling(here: Visit, interaction: Interaction) -> bool:
    """Whether the interaction is at the step of confirming a new authenticator."""
    person = await known_person(here.services, interaction.subject) if interaction.draft else None
    if person is None or interaction.decided is None:
        return False
    session = here.held.session if here.held else None
    return next_step(here.services, interaction, person, session, here.now).kind == "enrol"


async def _confirm(here: Visit, interaction: Interaction) -> Response:
    form = here.request.form
    person = await known_person(here.services, interaction.subject)
    session = here.held.session if here.held else None
    step = next_step(here.services, interaction, person, session, here.now) if person else None
    if step is None or step.kind != "enrol":
        return redirect(f"/i/{interaction.id}")
    response = form.get("attestation") or form.get("otp") or form.get("password") or form.get("written", "")
    name = " ".join(form.get("name", "").split())[:60] or _unnamed(here, step.method)
    address = here.request.client_address
    added = await confirm_new(here.services, interaction, here.held, step.method, response, name=name, address=address)
    if isinstance(added, NotAdded):
        return redirect(f"/i/{interaction.id}?{urlencode({'way': step.method, 'error': added.reason})}")
    if isinstance(added, Added):
        location = added_address(step.method, added.name) if added.location else f"/i/{interaction.id}"
        return redirect(location, headers=session_headers(added.session_cookie))
    return _outcome(here, interaction, added)


def _unnamed(here: Visit, method: str) -> str:
    """What a new authenticator is called if its page asked for no name."""
    return here.desk.renderer.wording(here.locale).say(UNNAMED[method]) if method in UNNAMED else method


def _buckets(here: Visit, interaction: Interaction, typed: str) -> tuple[tuple[str, int], ...]:
    """What a sign-in counts against: the name it names, and where it comes from (S11)."""
    if interaction.decided is not None:
        return ()
    guessing = here.services.config.guessing
    by_address = (bucket("sign-in", address=here.request.client_address), guessing.per_address)
    return (by_address, (bucket("sign-in", name=typed), guessing.per_name)) if typed else (by_address,)


def _outcome(
    here: Visit, interaction: Interaction, outcome: Proof | Answered | Changed | NotChanged | Moved | Skipped
) -> Response:
    """The redirect that an outcome means."""
    page = f"/i/{interaction.id}"
    match outcome:
        case Answered(location, cookie):
            return redirect(location, headers=session_headers(cookie))
        case Again(reason, way):
            asked = {"way": way, "error": reason}
            if reason == "unknown_credential" and (unknown := _credential(here)):
                asked["credential"] = unknown
            return redirect(f"{page}?{urlencode(asked)}")
        case Changed() | NotChanged():
            return own_outcome(here, interaction.change, outcome, at=page)
        case Resting(until):
            return resting_page(here, interaction, until)
        case AttemptsSpent():
            return spent_page(here, interaction)
        case NotGranted():
            onward = Link(Text("Go on"), page)
            return here.show(refusals.not_put_off(here.frame(page), onward=onward), status=409)
        case Next() | Elsewhere() | Moved() | PutOff():
            return redirect(page)


def _credential(here: Visit) -> str | None:
    """The credential that nobody here knows, so that the browser can be told to forget it."""
    found = unverified_credential_id(here.request.form.get("assertion", ""))
    return base64url.encode(found) if found else None


async def show_ways(desk: Desk, request: Request) -> Response:
    """Choose another way."""
    here = await visit(desk, request)
    interaction = await living_interaction(here)
    person = await known_person(here.services, interaction.subject) if interaction else None
    if interaction is None or person is None or interaction.state is not State.OPEN or interaction.decided is None:
        return redirect(f"/i/{request.path_params['id']}")
    step = next_step(here.services, interaction, person, here.held.session if here.held else None, here.now)
    if step.kind != "prove":
        return redirect(f"/i/{interaction.id}")
    return here.show(ways_page(here, interaction, step, person))


async def choose_way(desk: Desk, request: Request) -> Response:
    """Go to the page of the chosen way; nothing is changed."""
    here = await visit(desk, request)
    if not here.trusted():
        return here.not_ours()
    way = request.form.get("way", "")
    chosen = f"?way={way}" if way in RESPONSES else ""
    return redirect(f"/i/{request.path_params['id']}{chosen}")


async def show_why(desk: Desk, request: Request) -> Response:
    """Why was I asked."""
    here = await visit(desk, request)
    interaction = await living_interaction(here)
    if interaction is None or interaction.decided is None:
        return here.refuse(refusals.gone(here.frame(request.path)), 404)
    return here.show(await why_page(in_its_language(here, interaction), interaction))


async def not_you(desk: Desk, request: Request) -> Response:
    """Leave the person who is signed in, keep the request: sign out and ask who it is."""
    here = await visit(desk, request)
    interaction = await own_interaction(here)
    if interaction is None:
        return here.refuse(refusals.gone(here.frame(request.path)), 404)
    return redirect(f"/sign-out?interaction={interaction.id}")
