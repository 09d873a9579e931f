"""Where each protocol endpoint answers, and by which methods. /authorize is routed apart: its errors are pages."""

from collections.abc import Awaitable, Callable

from newel.http.request import Request
from newel.http.responses import Response
from newel.oauth.discovery import discovery_endpoint, jwks_endpoint
from newel.oauth.epoch import epoch_endpoint
from newel.oauth.introspect import introspect_endpoint
from newel.oauth.par import par_endpoint
from newel.oauth.revoke import revoke_endpoint
from newel.oauth.token import token_endpoint
from newel.oauth.userinfo import userinfo_endpoint
from newel.services import Services

Endpoint = Callable[[Services, Request], Awaitable[Response]]

ENDPOINTS: tuple[tuple[str, Endpoint, tuple[str, ...]], ...] = (
    ("/par", par_endpoint, ("POST",)),
    ("/token", token_endpoint, ("POST",)),
    ("/userinfo", userinfo_endpoint, ("GET", "POST")),
    ("/introspect", introspect_endpoint, ("POST",)),
    ("/revoke", revoke_endpoint, ("POST",)),
    ("/jwks", jwks_endpoint, ("GET",)),
    ("/epoch", epoch_endpoint, ("GET",)),
    ("/.well-known/openid-configuration", discovery_endpoint, ("GET",)),
    ("/.well-known/oauth-authorization-server", discovery_endpoint, ("GET",)),
)
