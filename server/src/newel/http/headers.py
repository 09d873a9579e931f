"""The headers of pages and of answers to programs (S31)."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from newel.http.responses import NO_STORE, Header

ORIGIN_OF_SOURCE = re.compile(r"[a-z][a-z0-9+.\-]*:(//(\[[0-9a-f:.]+\]|[a-z0-9.\-]+)(:[0-9]{1,5})?)?")

COMMON: tuple[Header, ...] = (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"))
ANSWER: tuple[Header, ...] = (*NO_STORE, *COMMON)
"""For JSON: not stored, not sniffed."""

PERMISSIONS = "publickey-credentials-get=(self), publickey-credentials-create=(self)"


def redirect_source(redirect_uri: str) -> str:
    """Give the CSP source for a registered redirect address: its origin, or `scheme:` for a custom scheme.

    ValueError where it cannot stand in a header.
    """
    parts = urlsplit(redirect_uri)
    scheme = parts.scheme.lower()
    source = f"{scheme}://{parts.netloc.lower()}" if scheme in {"http", "https"} else f"{scheme}:"
    if not ORIGIN_OF_SOURCE.fullmatch(source) or source in {"http://", "https://"}:
        raise ValueError("a redirect address without a plain origin")
    return source


@lru_cache(maxsize=1024)
def page_headers(redirect_uri: str | None = None) -> tuple[Header, ...]:
    """Give a page's headers. A page whose POST may end at a client names that client's one registered address:
    browsers apply `form-action` to redirects too.
    """
    client = "" if redirect_uri is None else f" {redirect_source(redirect_uri)}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'{client}; base-uri 'none'; frame-ancestors 'none'"
    )
    return (
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", PERMISSIONS),
        ("x-frame-options", "DENY"),
        *ANSWER,
    )
