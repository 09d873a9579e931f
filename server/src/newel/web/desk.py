"""The desk: what every page handler needs, and how a page leaves."""

from newel.crypto.hashing import secret_hash
from newel.domain.interaction import Interaction, State
from newel.domain.value import dataclass, replace
from newel.flows.browser import Held, held_session
from newel.http import csrf
from newel.http.browser import BROWSER_COOKIE, SESSION_COOKIE
from newel.http.cookies import set_cookie
from newel.http.pages import Renderer, View, page, request_locale
from newel.http.request import Request
from newel.http.responses import Header, Response
from newel.i18n.locale import COOKIE as LANGUAGE_COOKIE
from newel.services import Services
from newel.storage.sql.interactions import interaction as interaction_query
from newel.storage.sql.revocations import revoked
from newel.web import refusals
from newel.web.views import Frame

YEAR = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Desk:
    """Services, the renderer of pages, and the key of form tokens."""

    services: Services
    renderer: Renderer
    form_key: bytes

    def page(self, view: View, request: Request, *, status: int = 200) -> Response:
        """Answer a request with a page, nothing else being known of it."""
        return page(self.renderer, view, locale=request_locale(request), status=status)

    @property
    def organisation(self) -> str:
        """Whose pages these are."""
        return self.services.config.organisation.name


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at the desk: its time, language, the browser's key and the session it holds."""

    desk: Desk
    request: Request
    now: int
    locale: str
    browser: str | None
    held: Held | None

    @property
    def services(self) -> Services:
        """The services behind the desk."""
        return self.desk.services

    @property
    def csrf(self) -> str:
        """The token of forms shown to this browser."""
        return csrf.form_token(self.desk.form_key, self.browser or "")

    def trusted(self) -> bool:
        """Whether a POST came from a page of ours in this browser (S31)."""
        origin = self.services.config.issuer
        return csrf.fault(self.request, origin=origin, key=self.desk.form_key, browser=self.browser) is None

    def show(
        self, view: View, *, status: int = 200, redirect_uri: str | None = None, headers: tuple[Header, ...] = ()
    ) -> Response:
        """Answer with a page; a language chosen on a page of ours is kept."""
        kept = (set_cookie(LANGUAGE_COOKIE, self.locale, max_age=YEAR),) if "ui_locales" in self.request.query else ()
        return page(
            self.desk.renderer,
            view,
            locale=self.locale,
            status=status,
            redirect_uri=redirect_uri,
            headers=(*kept, *headers),
        )

    def frame(self, here: str = "", **more: object) -> Frame:
        """What surrounds a page at `here`, nothing where the page has no address of its own."""
        return Frame(here=here, **more)  # type: ignore[arg-type]  # named fields of Frame

    def refuse(self, view: View, status: int = 400) -> Response:
        """Answer with a refusal page."""
        return self.show(view, status=status)

    def not_ours(self) -> Response:
        """Answer a POST that no page of ours sent, or from another browser."""
        return self.refuse(refusals.wrong_browser(self.frame()), 403)


async def visit(desk: Desk, request: Request) -> Visit:
    """Receive a request at the desk."""
    now = desk.services.now()
    held = await held_session(desk.services, request.cookies.get(SESSION_COOKIE), now)
    return Visit(desk, request, now, request_locale(request), request.cookies.get(BROWSER_COOKIE), held)


async def own_interaction(here: Visit, identifier: str | None = None) -> Interaction | None:
    """The interaction of this id, or in the path, if this browser began it; None where it is unknown or another's."""
    found = await here.services.store.one(interaction_query(identifier or here.request.path_params["id"]))
    if found is None or here.browser is None or found.browser_hash != secret_hash(here.browser):
        return None
    return found


def in_its_language(here: Visit, interaction: Interaction) -> Visit:
    """The visit in the interaction's language (the application's wish), unless the person chose one."""
    chosen = "ui_locales" in here.request.query or LANGUAGE_COOKIE in here.request.cookies
    return here if chosen or here.locale == interaction.locale else replace(here, locale=interaction.locale)


async def living_interaction(here: Visit) -> Interaction | None:
    """The interaction in the path, if this browser began it; None once its session was ended while it was open (S29).

    Whoever signs out leaves nothing half-proven behind for the next person at the same browser.
    """
    found = await own_interaction(here)
    if found is None or found.state is not State.OPEN or found.lineage is None:
        return found
    if here.held is not None and here.held.session.lineage == found.lineage:
        return found
    return None if await here.services.store.one(revoked(found.lineage)) else found
