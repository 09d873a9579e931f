"""/epoch: what was revoked within the life of an access token, signed, for guards that poll (S29)."""

from newel.crypto import jwt
from newel.flows.known import signing_ring
from newel.http.request import Request
from newel.http.responses import Response
from newel.services import Services
from newel.storage.sql.epoch import epoch as epoch_query
from newel.storage.sql.revocations import Revocation, revoked_since

LIVES = 30
TYP = "newel-epoch+jwt"


async def epoch_endpoint(services: Services, _request: Request) -> Response:
    """The signed document of docs/wire.md."""
    now = services.now()
    epoch = await services.store.one(epoch_query())
    ended = await services.store.all(revoked_since(now - services.config.lives.access_token - LIVES))
    claims = {
        "iss": services.config.issuer,
        "iat": now,
        "exp": now + LIVES,
        "epoch": {
            "keys": epoch.keys if epoch else 0,
            "policy": epoch.policy if epoch else 0,
            "revocations": epoch.revocations if epoch else 0,
        },
        "revoked_sessions": [[each.id, each.at] for each in ended if each.kind == "session"],
        "revoked_tokens": _ids(ended, "token"),
        "revoked_families": _ids(ended, "family"),
    }
    token = jwt.sign(await signing_ring(services), claims, typ=TYP)
    return Response(200, (("content-type", "application/jwt"), ("cache-control", "no-store")), token.encode())


def _ids(ended: list[Revocation], kind: str) -> list[str]:
    return [each.id for each in ended if each.kind == kind]
