"""Redirect addresses: matched exactly, except the port of a loopback one (RFC 8252 section 7.3, S19)."""

from urllib.parse import SplitResult, urlsplit

LOOPBACK = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}


def matches_redirect(registered: tuple[str, ...], unverified_uri: str) -> bool:
    """Whether an answer may be sent to `unverified_uri`."""
    if unverified_uri in registered:
        return True
    try:
        port = urlsplit(unverified_uri).port
    except ValueError:
        return False
    return port is not None and unverified_uri in {_at_port(urlsplit(each), port) for each in registered}


def _at_port(known: SplitResult, port: int) -> str | None:
    """A registered loopback address at another port; None for any other address."""
    host = LOOPBACK.get(known.hostname or "")
    if known.scheme != "http" or host is None:
        return None
    query = f"?{known.query}" if known.query else ""
    return f"http://{host}:{port}{known.path}{query}"
