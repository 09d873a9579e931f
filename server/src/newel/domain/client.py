"""A client (relying party) as registered."""

from enum import StrEnum
from typing import Any

from newel.domain.value import dataclass


class Authentication(StrEnum):
    """How a client authenticates at the token, PAR, introspection and revocation endpoints (RFC 6749 section 2.3)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client.

    `secret_hash` is SHA-256 of a high-entropy secret; `jwks` the public keys for private_key_jwt; `audience` what its
    access tokens are for unless it asks by `resource` for one of `resources`. `acr_voluntary` answers with what was
    proven instead of unmet_authentication_requirements; `minimum_acr` joins with everything asked. `strict_audience`
    takes only the issuer as the audience of an assertion; `id_signing` signs its ID tokens (ES256 or RS256); `states` are
    the types of resources about which it may state facts in questions to the decision point.
    """

    id: str
    name: str
    authentication: Authentication
    redirect_uris: tuple[str, ...]
    created_at: int
    secret_hash: bytes = b""
    jwks: dict[str, Any] | None = None
    scopes: tuple[str, ...] = ("openid",)
    audience: str | None = None
    resources: tuple[str, ...] = ()
    action_types: tuple[str, ...] = ()
    pkce_optional: bool = False
    acr_voluntary: bool = False
    minimum_acr: str | None = None
    strict_audience: bool = False
    introspects: bool = False
    id_signing: str = "ES256"
    disabled: bool = False
    states: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        """Whether it has no credential of its own."""
        return self.authentication is Authentication.NONE
