"""The browser's two cookies: its key, which ties interactions to it, and the session it holds."""

from newel.http.cookies import set_cookie
from newel.http.request import Request
from newel.http.responses import Header
from newel.services import Services

SESSION_COOKIE = "__Host-newel-s"
BROWSER_COOKIE = "__Host-newel-b"
KEY_LIVES = 400 * 86_400
KEY_LENGTH = 64


def browser_key(services: Services, request: Request) -> tuple[str, tuple[Header, ...]]:
    """The browser's key, and the cookie that gives it one where it has none."""
    known = request.cookies.get(BROWSER_COOKIE)
    if known is not None and len(known) == KEY_LENGTH:
        return known, ()
    fresh = services.secret()
    return fresh, (set_cookie(BROWSER_COOKIE, fresh, max_age=KEY_LIVES),)


def session_headers(cookie: str | None) -> tuple[Header, ...]:
    """The session cookie of an outcome that lifted or began a session."""
    return (set_cookie(SESSION_COOKIE, cookie),) if cookie else ()
