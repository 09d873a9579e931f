"""Bearer: whether an access token of ours still stands: signature, life, and nothing above it revoked (S29)."""

from typing import Any

from newel.crypto import jwt
from newel.domain.value import dataclass
from newel.flows.issue import ACCESS_TYP
from newel.flows.known import signing_ring
from newel.services import Services, split_token
from newel.storage.sql.grants import family
from newel.storage.sql.revocations import revoked


@dataclass(frozen=True, slots=True)
class Standing:
    """The claims of a token that stands, and the family it was issued from."""

    claims: dict[str, Any]
    family: str


async def standing_token(services: Services, token: str) -> Standing | None:
    """The claims of an access token that stands now; None for anything else."""
    ring = await signing_ring(services)
    try:
        claims = jwt.verify(token, ring.key_set, algorithms=jwt.ASYMMETRIC, typ=(ACCESS_TYP,), now=services.now())
    except jwt.TokenRefused:
        return None
    return await standing_claims(services, claims)


async def standing_claims(services: Services, claims: dict[str, Any]) -> Standing | None:
    """The same of an access token whose signature, type and times were verified."""
    jti, sid = claims.get("jti"), claims.get("sid")
    if claims.get("iss") != services.config.issuer or not isinstance(jti, str) or not isinstance(sid, str):
        return None
    issued_from = jti.partition(".")[0]
    if await services.store.one(revoked(jti, sid, issued_from)) is not None:
        return None
    return Standing(claims, issued_from)


async def standing_refresh(services: Services, token: str) -> dict[str, Any] | None:
    """What introspection says of a refresh token that stands; None for anything else."""
    parts = split_token(token)
    row = await services.store.one(family(parts[0])) if parts else None
    now = services.now()
    if (
        parts is None
        or row is None
        or row.refresh_hash != parts[1]
        or row.revoked_at is not None
        or row.expires_at <= now
    ):
        return None
    grant = row.grant
    return {
        "iss": services.config.issuer,
        "sub": grant.subject,
        "client_id": grant.client_id,
        "scope": " ".join(grant.scope),
        "iat": grant.issued_at,
        "exp": row.expires_at,
        "sid": grant.session,
    }
