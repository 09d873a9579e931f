"""Respond: the redirect that takes an answer back to its client (RFC 6749 section 4.1.2, RFC 9207)."""

from urllib.parse import quote

from newel.domain.authorization import AuthorizationRequest
from newel.domain.errors import ProtocolError
from newel.services import Services


def success(services: Services, request: AuthorizationRequest, code: str) -> str:
    """The address with a code, the state as it came, and the issuer."""
    return _answer(request, {"code": code, "state": request.state, "iss": services.config.issuer})


def failure(services: Services, request: AuthorizationRequest, error: ProtocolError) -> str:
    """The address with a registered error."""
    return refusal(request.redirect_uri, request.state, services.config.issuer, error)


def refusal(redirect_uri: str, state: str | None, issuer: str, error: ProtocolError) -> str:
    """The error answer for a request that may not have become one; `redirect_uri` is a registered one."""
    values = {"error": error.code, "error_description": error.description, "state": state, "iss": issuer}
    return _append(redirect_uri, values)


def _answer(request: AuthorizationRequest, values: dict[str, str | None]) -> str:
    return _append(request.redirect_uri, values)


def _append(uri: str, values: dict[str, str | None]) -> str:
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items() if value is not None)
    return f"{uri}{'&' if '?' in uri else '?'}{pairs}"
