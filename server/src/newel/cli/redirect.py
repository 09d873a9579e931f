"""What a redirect URI may be at registration (RFC 9700 section 4.1, RFC 8252 section 7; S19)."""

import re
from urllib.parse import urlsplit

LONGEST = 2000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()+,;=%]+")
"""The characters of RFC 3986 without `#` (fragments) and `*` (wildcards)."""


def redirect_uri_fault(uri: str) -> str | None:
    """What keeps `uri` from being registered, in words, or None."""
    if "#" in uri:
        return "may not have a fragment"
    if "*" in uri:
        return "may not have a wildcard: every address is registered exactly"
    if len(uri) > LONGEST or not ALLOWED.fullmatch(uri):
        return "is not a URI in plain ASCII"
    try:
        parts = urlsplit(uri)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return "is not a URI"
    if "@" in parts.netloc or not has_port:
        return "may not name a person or port 0 before or behind the host"
    if parts.scheme in {"http", "https"}:
        return _web_fault(parts.scheme, parts.hostname or "")
    if "." not in parts.scheme:
        return "has to be https, http on this machine, or a private-use scheme with a dot (com.example.app:/callback)"
    return None if parts.path.startswith("/") or parts.netloc else "needs a path: com.example.app:/callback"


def _web_fault(scheme: str, host: str) -> str | None:
    if not host:
        return "names no host"
    if scheme == "http" and host not in LOOPBACK:
        return "has to be https; plain http is for this machine only (localhost, 127.0.0.1, [::1])"
    return None
