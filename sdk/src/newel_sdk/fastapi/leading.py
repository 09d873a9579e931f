"""Where a browser is sent, and what it takes along."""

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from newel_sdk.resume.intents import IntentCookie

SEE_OTHER = 303


def local(path: str) -> str:
    """Return an address inside the application: never a way to another host."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else "/"


def lead(url: str) -> Response:
    """Send the browser to an address, by GET."""
    return RedirectResponse(url, status_code=SEE_OTHER, headers={"cache-control": "no-store"})


def route(request: Request) -> str:
    """The address of a request inside its application."""
    return quote(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")


def put_cookie(response: Response, cookie: IntentCookie) -> None:
    """Give the browser its half of an intent, or of a page that was set aside."""
    response.set_cookie(cookie.name, cookie.value, max_age=cookie.max_age, secure=True, httponly=True, samesite="lax")
