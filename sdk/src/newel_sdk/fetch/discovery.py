"""Authorization server metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3)."""

from dataclasses import dataclass

from newel_sdk.encoding import parse_object
from newel_sdk.errors import FetchFailed
from newel_sdk.fetch.base import Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The addresses of one issuer; an endpoint it does not name is the empty text."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_authorization_request_endpoint: str
    end_session_endpoint: str


async def discover(fetch: Fetch, issuer: str) -> Metadata:
    """Read the issuer's metadata; the issuer it names must be the issuer asked (RFC 8414 section 3.3)."""
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    answer = await fetch("GET", url, headers={"Accept": "application/json"})
    if answer.status != 200:  # ruff: ignore[magic-value-comparison] - HTTP's own number
        raise FetchFailed(f"{url}: status {answer.status}")
    try:
        document = parse_object(answer.body)
    except ValueError as problem:
        raise FetchFailed(f"{url}: {problem}") from problem
    if document.get("issuer") != issuer:
        raise FetchFailed(f"{url}: names another issuer")
    names = [name for name in Metadata.__slots__ if name != "issuer"]
    values = {name: document.get(name, "") for name in names}
    if not all(isinstance(value, str) for value in values.values()):
        raise FetchFailed(f"{url}: an address is not a text")
    return Metadata(issuer=issuer, **values)
