"""How a refusal looks to a person."""

from collections.abc import Callable
from html import escape

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from newel_sdk.resume.refusal import Refusal

Refused = Callable[[Request, Refusal], Response]


def plain_page(request: Request, refusal: Refusal) -> Response:
    """Show a refusal as a bare page; applications hand in their own."""
    del request
    act = f"<p>{escape(refusal.intent_title)}</p>" if refusal.intent_title else ""
    title, because = escape(refusal.title), escape(refusal.because)
    page = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{act}<p>{because}</p>'
    return HTMLResponse(page, status_code=refusal.status, headers={"cache-control": "no-store"})
