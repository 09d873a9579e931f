"""/userinfo: GET, POST with a header, POST with a body (OpenID Connect Core section 5.3)."""

from typing import Any

from newel.domain.errors import InsufficientScope, InvalidRequest, InvalidToken, ProtocolError
from newel.flows.bearer import standing_token
from newel.flows.issue import SCOPE_CLAIMS, subject_claims
from newel.flows.known import known_person
from newel.http.errors import oauth_error
from newel.http.request import Request
from newel.http.responses import Response, json
from newel.services import Services
from newel.storage.sql.grants import family


async def userinfo_endpoint(services: Services, request: Request) -> Response:
    """Claims about the subject of an access token with scope openid."""
    try:
        token = _presented(request)
        if token is None:
            return Response(401, (("www-authenticate", "Bearer"), ("cache-control", "no-store")), b"")
        return json(await _claims(services, token))
    except ProtocolError as error:
        challenge = f'Bearer error="{error.code}", error_description="{error.description}"'
        return oauth_error(
            error.code, error.description, status=error.status, headers=(("www-authenticate", challenge),)
        )


async def _claims(services: Services, token: str) -> dict[str, Any]:
    found = await standing_token(services, token)
    person = await known_person(services, str(found.claims["sub"])) if found else None
    if found is None or person is None or found.claims.get("cnf") is not None:
        raise InvalidToken("the access token is not valid here")
    scopes = str(found.claims["scope"]).split()
    if "openid" not in scopes:
        raise InsufficientScope("scope openid is required")
    row = await services.store.one(family(found.family))
    asked = frozenset(row.grant.claims_userinfo) if row else frozenset()
    names = asked.union(*(SCOPE_CLAIMS.get(scope, frozenset()) for scope in scopes))
    return {"sub": person.subject.id, **subject_claims(person, names)}


def _presented(request: Request) -> str | None:
    """The one token of a request (RFC 6750 section 2); InvalidRequest for two, or for one in the query."""
    if request.repeated:
        raise InvalidRequest("a parameter came twice")
    if "access_token" in request.query:
        raise InvalidRequest("an access token never travels in a query")
    header, body = request.headers.get("authorization"), request.form.get("access_token")
    if header is not None and body is not None:
        raise InvalidRequest("more than one access token")
    if header is None:
        return body
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
