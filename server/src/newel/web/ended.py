"""Pages for what is over: answered, declined, reported, refused, run out, resting."""

from urllib.parse import urlsplit

from newel.domain.interaction import Interaction, Purpose, State
from newel.flows.account import Changed, NotChanged, refused
from newel.flows.finish import ANSWER
from newel.flows.own import opens
from newel.http.browser import session_headers
from newel.http.responses import Response, redirect
from newel.i18n.message import Text
from newel.web import refusals
from newel.web.desk import Visit
from newel.web.notices import ACCOUNT, account_address
from newel.web.views import Link, Post
from newel.web.words import act_of, own_act

BACK = Text("Back to the application")
LOOPBACK = frozenset({"127.0.0.1", "::1"})
REPLAY = 30
"""Seconds within which a second press of the same button lands on the same result."""


def ended_page(here: Visit, interaction: Interaction) -> Response:
    """Where an interaction that is over stands, and a way on; never a second ceremony."""
    frame, words = here.frame(f"/i/{interaction.id}"), act_of(interaction)
    if interaction.state is State.DONE:
        if interaction.answer and here.now - _answered_at(interaction) <= REPLAY:
            return redirect(here.services.vault.open(ANSWER, interaction.answer, associated=(interaction.id,)).decode())
        return here.show(refusals.done_elsewhere(frame, onward=_home(interaction)))
    if interaction.state is State.DECLINED:
        return here.show(refusals.declined(frame, words, onward=_home(interaction)))
    if interaction.state is State.REPORTED:
        return reported_page(here, interaction)
    if interaction.purpose is Purpose.ACCOUNT:
        return not_changed_page(here, interaction.change, refused(interaction.decided), at=frame.here, status=410)
    return here.show(refusals.gone(frame, onward=_home(interaction)), status=410)


def not_changed_page(here: Visit, change: str, outcome: NotChanged, *, at: str = "", status: int = 403) -> Response:
    """Why something cannot be done at one's own account, and what to do; `at` is the page's own address, if it has one."""
    frame, words, organisation = here.frame(at), own_act(change), here.desk.organisation
    onward = None if opens(change) else Link(Text("Back to your account"), ACCOUNT)
    if outcome.why == "denied":
        view = refusals.not_allowed(frame, words, organisation=organisation, because=outcome.because, onward=onward)
    elif outcome.why == "not_yet":
        view = refusals.not_yet(frame, words, organisation=organisation, wanted=outcome.because[0], onward=onward)
    else:
        view = refusals.beyond_ways(frame, words, onward=onward)
    return here.show(view, status=status)


def own_outcome(here: Visit, change: str, outcome: Changed | NotChanged, *, at: str = "") -> Response:
    """Where an act at one's own account leads: its page, told what was done, or a page of its own that says why not."""
    refusing = isinstance(outcome, NotChanged) and (
        outcome.why in {"denied", "not_yet"} or (outcome.why == "impossible" and opens(change))
    )
    if isinstance(outcome, NotChanged) and refusing:
        return not_changed_page(here, change, outcome, at=at)
    cookie = outcome.session_cookie if isinstance(outcome, Changed) else None
    return redirect(account_address(change, outcome), headers=session_headers(cookie))


def _home(interaction: Interaction) -> Link | None:
    """Where the person came from: the account, or the front page of the application that asked.

    The address is that of the registered redirect URI and nothing of the request. None where an application on the
    person's device asked: its address opens nothing of itself (RFC 8252 section 7).
    """
    if interaction.request is None:
        return Link(Text("Back to your account"), ACCOUNT) if interaction.purpose is Purpose.ACCOUNT else None
    address = urlsplit(interaction.request.redirect_uri)
    if address.scheme not in {"http", "https"} or address.hostname in LOOPBACK:
        return None
    return Link(BACK, f"{address.scheme}://{address.netloc}/")


def _answered_at(interaction: Interaction) -> int:
    """When the answer was given, or, where that is not known, the last proof."""
    return interaction.answered_at or max((event.at for event in interaction.evidence), default=interaction.created_at)


def expired_page(here: Visit, interaction: Interaction) -> Response:
    """Too late: one button asks again."""
    frame, words = here.frame(f"/i/{interaction.id}"), act_of(interaction)
    again: Post | Link | None = None
    if interaction.purpose is Purpose.AUTHORIZE:
        again = Post(label=Text("Ask again"), action=f"/i/{interaction.id}/again", csrf=here.csrf)
    view = refusals.no_answer(frame, words, until=interaction.expires_at, onward=again)
    return here.show(view, status=410, redirect_uri=interaction.request.redirect_uri if interaction.request else None)


def reported_page(here: Visit, interaction: Interaction) -> Response:
    """The person did not start this: stopped, signed out, and what to do next."""
    frame = here.frame(f"/i/{interaction.id}")
    record = interaction.id[-8:].upper()
    return here.show(refusals.reported(frame, here.desk.organisation, record=record))


def resting_page(here: Visit, interaction: Interaction, until: int) -> Response:
    """Too many tries: until when this way rests."""
    frame = here.frame(f"/i/{interaction.id}")
    wait = max(1, until - here.now)
    view = refusals.too_often(frame, until=until)
    if interaction.decided is not None:
        others = _others(interaction)
        view = refusals.resting(
            frame, act_of(interaction), until=until, others=others, onward=_back(interaction) if others else None
        )
    return here.show(view, status=429, headers=(("retry-after", str(wait)),))


def spent_page(here: Visit, interaction: Interaction) -> Response:
    """No try is left in this interaction: the act did not happen, and begins anew at the application."""
    frame = here.frame(f"/i/{interaction.id}")
    view = refusals.resting(
        frame,
        act_of(interaction),
        until=interaction.expires_at,
        others=_others(interaction),
        onward=_decline(here, interaction),
    )
    return here.show(view, status=429, redirect_uri=interaction.request.redirect_uri if interaction.request else None)


def _others(interaction: Interaction) -> bool:
    """Whether the interaction offers more than one way."""
    return len({each.method for each in interaction.challenges}) > 1


def _back(interaction: Interaction) -> Link:
    return Link(Text("Choose another way"), f"/i/{interaction.id}/ways")


def _decline(here: Visit, interaction: Interaction) -> Post:
    return Post(
        label=BACK,
        action=f"/i/{interaction.id}",
        csrf=here.csrf,
        fields=(("decision", "decline"),),
    )
