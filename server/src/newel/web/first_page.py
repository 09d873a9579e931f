"""The first page of an interaction, as the answer to /authorize itself: nothing is read a second time to show it."""

from newel.domain.value import replace
from newel.flows.authorize import Asked
from newel.flows.browser import Held
from newel.flows.step import Step
from newel.http.request import Request
from newel.http.responses import Header, Response
from newel.web.desk import Desk, Visit
from newel.web.prove_page import prove_page, sign_in_page


async def first_page(
    desk: Desk, request: Request, asked: Asked, browser: str, held: Held | None, headers: tuple[Header, ...]
) -> Response | None:
    """The page that asks; None where it is better shown at its own address (an enrolment stores a draft first).

    What the client put into its address means nothing on the page.
    """
    interaction = asked.interaction
    shown = replace(request, path=f"/i/{interaction.id}", query={})
    here = Visit(desk, shown, desk.services.now(), interaction.locale, browser, held)
    redirect_uri = interaction.request.redirect_uri if interaction.request else None
    if asked.person is None or asked.where is None:
        return here.show(await sign_in_page(here, interaction), redirect_uri=redirect_uri, headers=headers)
    if not asked.where.plan.steps:
        return None
    view = await prove_page(here, interaction, Step("prove", asked.where), asked.person)
    return here.show(view, redirect_uri=redirect_uri, headers=headers)
