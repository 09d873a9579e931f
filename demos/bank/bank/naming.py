"""What a person is called, asked of the authorization server once per sign-in (OpenID Connect Core section 5.3)."""

from newel_sdk.client import Tokens
from newel_sdk.encoding import parse_object
from newel_sdk.errors import FetchFailed
from newel_sdk.fetch.base import Fetch

NAMELESS = "Customer"
OK = 200


class Naming:
    """Asks one issuer's userinfo endpoint; whatever goes wrong there, a customer is let in without a name."""

    def __init__(self, fetch: Fetch, issuer: str) -> None:
        self._fetch = fetch
        self._discovery = f"{issuer}/.well-known/openid-configuration"

    async def __call__(self, tokens: Tokens) -> str:
        """The name of the person whose tokens these are."""
        try:
            return await self._ask(tokens)
        except (FetchFailed, ValueError):
            return NAMELESS

    async def _ask(self, tokens: Tokens) -> str:
        found = await self._fetch("GET", self._discovery)
        endpoint = parse_object(found.body).get("userinfo_endpoint")
        if not isinstance(endpoint, str):
            return NAMELESS
        authorization = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
        answer = await self._fetch("GET", endpoint, headers=authorization)
        told = parse_object(answer.body) if answer.status == OK else {}
        # Section 5.3.2: an answer about another subject must not be used.
        names = (told.get("name"), told.get("preferred_username")) if told.get("sub") == tokens.subject else ()
        return next((name for name in names if isinstance(name, str) and name), NAMELESS)
