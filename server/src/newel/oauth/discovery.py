"""Discovery and keys: what this server offers (OpenID Connect Discovery 1.0, RFC 8414, RFC 7517)."""

from newel.crypto import jwt
from newel.domain.authorization import Prompt
from newel.domain.client import Authentication
from newel.flows.known import signing_ring
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.services import Services

CACHED = (("cache-control", "public, max-age=300"), ("access-control-allow-origin", "*"))
REACHABLE = ("aal1", "aal2", "phr")
"""Classes that evidence can reach here; aal3 is listed once attestation is checked."""


async def discovery_endpoint(services: Services, _request: Request) -> Response:
    """The metadata document."""
    issuer = services.config.issuer
    ring = await signing_ring(services)
    methods = [each.value for each in Authentication if each is not Authentication.NONE]
    return json(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "pushed_authorization_request_endpoint": f"{issuer}/par",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "introspection_endpoint": f"{issuer}/introspect",
            "revocation_endpoint": f"{issuer}/revoke",
            "newel_epoch_endpoint": f"{issuer}/epoch",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "acr_values_supported": list(REACHABLE),
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "acr",
                "amr",
                "nonce",
                "sid",
                "name",
                "preferred_username",
                "email",
                "locale",
                "zoneinfo",
            ],
            "claims_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "require_pushed_authorization_requests": False,
            "authorization_response_iss_parameter_supported": True,
            "authorization_details_types_supported": sorted(services.policy.resources),
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": [each.value for each in Prompt if each is not Prompt.CONSENT],
            "id_token_signing_alg_values_supported": list(ring.algorithms),
            "token_endpoint_auth_methods_supported": [*methods, "none"],
            "token_endpoint_auth_signing_alg_values_supported": sorted(jwt.ASYMMETRIC),
            "introspection_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_signing_alg_values_supported": sorted(jwt.ASYMMETRIC),
            "revocation_endpoint_auth_methods_supported": [*methods, "none"],
            "revocation_endpoint_auth_signing_alg_values_supported": sorted(jwt.ASYMMETRIC),
            "ui_locales_supported": list(services.wordings),
        },
        headers=CACHED,
    )


async def jwks_endpoint(services: Services, _request: Request) -> Response:
    """The public keys: the next before it signs, the previous until its last token has expired."""
    ring = await signing_ring(services)
    return json(ring.jwks(), headers=CACHED)
