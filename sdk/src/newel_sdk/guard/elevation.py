"""Whether an approval fits the action about to be executed (S17).

1. Of the token's elevations, those for this resource and action. 2. The action, resource and fields of the *request* go
into the object A of the token. 3. iss, aud, client_id, sub, cnf and exp of A agree with the token and this resource
server. 4. The digest of what results is the token's, compared in constant time.
"""

import hashlib
import hmac
import json

from newel_sdk.action import Fields, Target, digest
from newel_sdk.claims import Claims, Elevation
from newel_sdk.errors import ActionRefused

MEMBERS = frozenset(
    {"v", "iss", "aud", "client_id", "cnf", "sub", "interaction", "action", "resource", "fields", "display", "exp"}
)


def _misfit(elevation: Elevation, claims: Claims, target: Target, fields: Fields, audience: str, now: int) -> str:
    """Return why the approval does not fit, or the empty text."""
    approved = elevation.approved
    expected = {
        "v": 1,
        "iss": claims.issuer,
        "aud": audience,
        "client_id": claims.client_id,
        "cnf": claims.raw.get("cnf") if claims.key_bound else None,
        "sub": claims.subject,
    }
    if approved.keys() != MEMBERS or any(approved[name] != value for name, value in expected.items()):
        return "the approval was given elsewhere"
    if now >= elevation.expires_at:
        return "the approval has expired"
    executed = {**approved, "action": target.action, "resource": target.resource, "fields": fields}
    try:
        fits = hmac.compare_digest(digest(executed), elevation.digest)
    except ActionRefused as problem:
        return str(problem)
    return "" if fits else "what was approved is not what was sent"


def find_elevation(
    claims: Claims, *, target: Target, fields: Fields, audience: str, now: int
) -> tuple[Elevation | None, str]:
    """Return the approval that fits exactly this action at `now`, or None with the reason."""
    because = ""
    for elevation in claims.elevations:
        if (elevation.resource, elevation.action) != (target.resource, target.action):
            continue
        because = _misfit(elevation, claims, target, fields, audience, now)
        if not because:
            return elevation, ""
    return None, because


def spent_key(issuer: str, elevation: Elevation) -> str:
    """Return the name under which an approval is spent once: (iss, interaction, digest), 64 hex digits."""
    named = json.dumps([issuer, elevation.interaction, elevation.digest.hex()])
    return hashlib.sha256(named.encode("utf-8")).hexdigest()
