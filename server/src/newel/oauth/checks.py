"""Every check of an authorization request, once, in the order it runs.

| check                   | /authorize                     | /par                                |
|-------------------------|--------------------------------|-------------------------------------|
| client, redirect_uri    | a page, never a redirect (S19) | invalid_client, invalid_request     |
| once each               | on the redirect                | as JSON, like all that follow       |
| request, request_uri    | a pushed one only              | refused                             |
| response_type, mode     | yes                            | yes                                 |
| code_challenge          | yes                            | yes                                 |
| prompt, max_age         | yes                            | yes                                 |
| acr_values, claims      | yes                            | yes                                 |
| scope, resource         | yes                            | yes                                 |
| authorization_details   | yes                            | yes                                 |
| id_token_hint           | yes                            | yes                                 |
"""

import re
from collections.abc import Mapping

from newel.domain.authorization import AuthorizationRequest, Prompt
from newel.domain.client import Client
from newel.domain.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from newel.domain.value import dataclass
from newel.oauth.acr import asked_acr, parse_claims
from newel.oauth.details import parse_details
from newel.oauth.hint import hinted_subject
from newel.services import Services

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
MOST_SCOPES = 50
LONGEST: Mapping[str, int] = {
    "state": 2048,
    "nonce": 1024,
    "login_hint": 320,
    "ui_locales": 200,
    "acr_values": 500,
    "claims": 8192,
    "scope": 2048,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Unverified parameters: each name's value, the names that came twice, and every `resource`."""

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()
    resources: tuple[str, ...] = ()


async def check(services: Services, client: Client, incoming: Incoming, redirect_uri: str) -> AuthorizationRequest:
    """The frozen request, after every check but the client's and the redirect's. ProtocolError for the first that fails."""
    values = incoming.values
    _once_each(incoming)
    _no_objects(values)
    _response(values)
    claims = parse_claims(values.get("claims"))
    prompt, max_age = _prompt(values), _max_age(values)
    asked = asked_acr(services.classes, values.get("acr_values"), claims, voluntary=client.acr_voluntary)
    return AuthorizationRequest(
        client_id=client.id,
        redirect_uri=redirect_uri,
        scope=_scope(client, values),
        state=values.get("state"),
        nonce=values.get("nonce"),
        code_challenge=_code_challenge(client, values),
        acr_values=asked.values,
        acr_best_effort=asked.best_effort,
        max_age=max_age,
        prompt=prompt,
        login_hint=values.get("login_hint"),
        hint_subject=_one_subject(await hinted_subject(services, client, values.get("id_token_hint")), claims.subject),
        ui_locales=tuple(values.get("ui_locales", "").split()),
        audience=_audience(services, client, incoming.resources),
        action=parse_details(services.policy, client, values.get("authorization_details")),
        claims_userinfo=claims.userinfo,
        claims_id_token=claims.id_token,
    )


def _once_each(incoming: Incoming) -> None:
    if incoming.repeated:
        raise InvalidRequest(f"a parameter came twice: {min(incoming.repeated)[:40]}")
    for name, most in LONGEST.items():
        if len(incoming.values.get(name, "")) > most:
            raise InvalidRequest(f"{name} is longer than {most} characters")


def _no_objects(values: Mapping[str, str]) -> None:
    if "request" in values:
        raise RequestNotSupported("request objects are not supported; push the request instead")
    if "request_uri" in values:
        raise RequestUriNotSupported("only a request_uri from the pushed authorization request endpoint is taken")


def _response(values: Mapping[str, str]) -> None:
    if "response_type" not in values:
        raise InvalidRequest("response_type is missing")
    if values["response_type"] != "code":
        raise UnsupportedResponseType("response_type is code")
    if values.get("response_mode", "query") != "query":
        raise InvalidRequest("response_mode is query")


def _code_challenge(client: Client, values: Mapping[str, str]) -> str | None:
    """S256 always; an old confidential client may go without it and must then send a nonce (RFC 9700 section 2.1.1)."""
    challenge, method = values.get("code_challenge"), values.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge_method without a code_challenge")
        if not client.pkce_optional or client.public:
            raise InvalidRequest("code_challenge is required")
        if "nonce" not in values:
            raise InvalidRequest("without code_challenge a nonce is required")
        return None
    if method != "S256":
        raise InvalidRequest("code_challenge_method is S256")
    if not S256_CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge is not the base64url of 32 bytes")
    return challenge


def _prompt(values: Mapping[str, str]) -> frozenset[Prompt]:
    try:
        prompt = frozenset(Prompt(each) for each in values.get("prompt", "").split())
    except ValueError:
        raise InvalidRequest("unknown prompt") from None
    if Prompt.NONE in prompt and len(prompt) > 1:
        raise InvalidRequest("prompt=none stands alone")
    return prompt


def _one_subject(hinted: str | None, asked: str | None) -> str | None:
    """The subject that id_token_hint or the claims request pins (OpenID Connect Core sections 3.1.2.2 and 5.5.1)."""
    if hinted is not None and asked is not None and hinted != asked:
        raise InvalidRequest("id_token_hint and the requested sub are two subjects")
    return hinted or asked


def _max_age(values: Mapping[str, str]) -> int | None:
    asked = values.get("max_age")
    if asked is None:
        return None
    if not WHOLE_NUMBER.fullmatch(asked):
        raise InvalidRequest("max_age is a number of seconds")
    return int(asked)


def _scope(client: Client, values: Mapping[str, str]) -> tuple[str, ...]:
    """What is asked and registered; others are ignored (OpenID Connect Core section 3.1.2.1)."""
    asked = values.get("scope", "").split()
    if len(asked) > MOST_SCOPES:
        raise InvalidScope(f"more than {MOST_SCOPES} scopes")
    known = tuple(dict.fromkeys(each for each in asked if each in client.scopes))
    if not known:
        raise InvalidScope("none of these scopes is registered for this client")
    return known


def _audience(services: Services, client: Client, resources: tuple[str, ...]) -> tuple[str, ...]:
    """Whom the access token is for (RFC 8707): the registered resources asked for, else the client's own."""
    own = client.audience or services.config.issuer
    if any(each != own and each not in client.resources for each in resources):
        raise InvalidTarget("resource is not registered for this client")
    return tuple(dict.fromkeys(resources)) or (own,)
