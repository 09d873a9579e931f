"""Cookies: host-bound, secure, unreadable to scripts (RFC 6265bis). Names carry the application, since ports share them."""

import re
from typing import Literal

from newel.http.responses import Header

PREFIX = "__Host-"
MAX_COOKIES = 50

COOKIE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*)")


def set_cookie(
    name: str, value: str, *, max_age: int | None = None, same_site: Literal["Lax", "Strict", "None"] = "Lax"
) -> Header:
    """Build the header that sets a cookie; `max_age` in seconds, without it the cookie ends with the browser.

    ValueError for a name without `__Host-` or a value that is not a cookie's.
    """
    cookie = COOKIE.fullmatch(f"{name}={value}")
    if not name.startswith(PREFIX) or cookie is None or cookie[1] != name:
        raise ValueError(f"not a host-bound cookie: {name}")
    age = "" if max_age is None else f"; Max-Age={max_age}"
    return "set-cookie", f"{name}={value}; Path=/{age}; Secure; HttpOnly; SameSite={same_site}"


def clear_cookie(name: str) -> Header:
    """Build the header that removes a cookie."""
    return set_cookie(name, "", max_age=0)


def parse_cookies(header: str) -> dict[str, str]:
    """Read a Cookie header; what is not a cookie is left out, and so is a name that came twice: neither is believed."""
    cookies: dict[str, str] = {}
    twice: set[str] = set()
    for part in header.split(";")[:MAX_COOKIES]:
        cookie = COOKIE.fullmatch(part.strip(" \t"))
        if cookie is None:
            continue
        name, value = cookie.groups()
        if name in cookies:
            twice.add(name)
        cookies[name] = value
    for name in twice:
        del cookies[name]
    return cookies
