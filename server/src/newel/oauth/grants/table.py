"""The grant types, by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from newel.domain.client import Client
from newel.http.request import Request
from newel.oauth.grants.authorization_code import authorization_code
from newel.oauth.grants.refresh_token import refresh_token
from newel.services import Services

GRANTS: Mapping[str, Callable[[Services, Client, Request], Awaitable[dict[str, Any]]]] = {
    "authorization_code": authorization_code,
    "refresh_token": refresh_token,
}
