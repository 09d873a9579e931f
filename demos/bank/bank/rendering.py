"""Pages as HTML: templates, the way values are written, and the headers every page carries."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bank.iban import format_iban
from bank.money import format_amount

STATIC: Mapping[str, str] = {"bank.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}


def day(at: int) -> str:
    """Write a day: 24 November 2026."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B %Y}"


def moment(at: int) -> str:
    """Write a day and a time: 24 November 2026, 14:31 UTC."""
    return f"{day(at)}, {datetime.fromtimestamp(at, UTC):%H:%M} UTC"


class Renderer:
    """Templates read once; `issuer` is the one other origin that a form may lead to."""

    def __init__(self, issuer: str) -> None:
        folder = files("bank") / "templates"
        sources = {each.name: each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".html")}
        self._templates = Environment(
            loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters |= {"amount": format_amount, "iban": format_iban, "day": day, "moment": moment}
        self._templates.globals["ways"] = f"{issuer}/account"
        address = urlsplit(issuer)
        self._policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {address.scheme}://{address.netloc}"
        )
        self._static = {name: (files("bank") / "static" / name).read_bytes() for name in STATIC}

    def page(self, template: str, *, status: int = 200, who: str = "", here: str = "", **values: Any) -> HTMLResponse:
        """One page with its headers; `who` is signed in, `here` the path of the tab it stands under."""
        text = self._templates.get_template(template).render(who=who, here=here, **values)
        return HTMLResponse(text, status, headers=self.headers())

    def headers(self) -> dict[str, str]:
        """What every answer says to the browser."""
        return {
            "Content-Security-Policy": self._policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    def static(self, name: str) -> Response | None:
        """One of the bank's own files; None for any other name."""
        if name not in STATIC:
            return None
        cache = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(self._static[name], media_type=STATIC[name], headers=cache)
