"""Who sent this form: the browser's word for its origin, and a token bound to the browser's cookie (S31).

SameSite is not enough: ports of one host share a site, so a page on another port may post with our cookies.
"""

import base64
import hmac
from typing import Literal

from newel.http.request import Request

FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD"})

Fault = Literal["other_origin", "no_browser", "wrong_token"]


def form_token(key: bytes, browser: str) -> str:
    """Make the value of a form's hidden field `csrf` for the browser that holds the cookie value `browser`."""
    mac = hmac.digest(key, b"newel/csrf/1\x00" + browser.encode(), "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def same_origin(request: Request, origin: str) -> bool:
    """Tell whether the browser says that our own page sent this request; `origin` is the issuer's, as in a URL.

    Origin decides where it names one. `null` (a page without referrer) or no Origin leaves it to Sec-Fetch-Site, and a
    browser that sends neither is refused.
    """
    named = request.headers.get("origin", "null")
    if named != "null":
        return named == origin
    return request.headers.get("sec-fetch-site") == "same-origin"


def fault(request: Request, *, origin: str, key: bytes, browser: str | None) -> Fault | None:
    """Give the reason why a state-changing request is not believed, or None; `browser` is the cookie's value."""
    if request.method in SAFE_METHODS:
        return None
    if not same_origin(request, origin):
        return "other_origin"
    if not browser:
        return "no_browser"
    token = request.form.get(FIELD, "") if FIELD not in request.repeated else ""
    return None if hmac.compare_digest(token.encode(), form_token(key, browser).encode()) else "wrong_token"
