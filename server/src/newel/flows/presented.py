"""Presented: the person's access token that a resource server shows when it asks for a decision.

It stands as at introspection, is meant for the resource server that shows it, and its session is not over. What it
gives is evidence; none of its claims is a fact (S27, S29).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from newel.crypto import jwt
from newel.crypto.keys import KeyRing
from newel.domain.action import ActionRefused, canonical
from newel.domain.client import Client
from newel.domain.grant import Grant
from newel.domain.value import dataclass
from newel.flows.bearer import standing_claims
from newel.flows.decide import Person
from newel.flows.issue import ACCESS_TYP
from newel.flows.known import known_person, signing_ring
from newel.services import Services
from newel.storage.sql.grants import family
from newel.storage.sql.sessions import session


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token that stands: its claims, the grant whose evidence it shows, its person, the session's last activity."""

    claims: Mapping[str, Any]
    grant: Grant
    person: Person
    active_at: int


@dataclass(frozen=True, slots=True)
class Elevated:
    """Object A of a token, with its digest (32 bytes)."""

    action: Mapping[str, Any]
    digest: bytes


class Verified:
    """Tokens whose signature was verified under the present keys: nothing else of them is remembered (rule 12)."""

    def __init__(self, most: int = 2048) -> None:
        self._ring: KeyRing | None = None
        self._claims: dict[str, dict[str, Any]] = {}
        self._most = most

    def claims(self, ring: KeyRing, token: str, now: int) -> dict[str, Any] | None:
        """The claims of a token that is signed by `ring` and in time; None for any other."""
        if ring is not self._ring or len(self._claims) >= self._most:
            self._ring, self._claims = ring, {}
        known = self._claims.get(token)
        if known is not None and now < known["exp"]:
            return known
        try:
            claims = jwt.verify(token, ring.key_set, algorithms=jwt.ASYMMETRIC, typ=(ACCESS_TYP,), now=now)
        except jwt.TokenRefused:
            self._claims.pop(token, None)
            return None
        self._claims[token] = claims
        return claims


async def present(services: Services, verified: Verified, caller: Client, token: str) -> Presented | None:
    """What a token shows to `caller`; None where it does not stand, or is not meant for it."""
    now = services.now()
    claims = verified.claims(await signing_ring(services), token, now)
    if claims is None or not for_caller(caller, claims.get("aud")):
        return None
    standing = await standing_claims(services, claims)
    if standing is None:
        return None
    issued_from = await services.store.one(family(standing.family))
    held = await services.store.one(session(claims["sid"]))
    if issued_from is None or held is None or held.revoked_at is not None or now >= held.expires_at:
        return None
    grant = issued_from.grant
    if not claims.get("sub") == grant.subject == held.subject:
        return None
    person = await known_person(services, grant.subject)
    if person is None:
        return None
    return Presented(
        claims=claims, grant=grant, person=person, active_at=max(held.active_at, _seconds(claims.get("iat")))
    )


def for_caller(caller: Client, audience: object) -> bool:
    """Whether an audience names the resource server that asks."""
    ours = {caller.id, *caller.resources}
    if caller.audience is not None:
        ours.add(caller.audience)
    named = audience if isinstance(audience, list) else [audience]
    return any(isinstance(each, str) and each in ours for each in named)


def elevated(presented: Presented, caller: Client, target: str, now: int) -> Elevated | None:
    """The action bound in a token, where it is one at `target` for this caller and still to be done (S17)."""
    claims = presented.claims
    details = claims.get("authorization_details")
    entry = details[0] if isinstance(details, list) and len(details) == 1 else None
    action = entry.get("elevation") if isinstance(entry, Mapping) else None
    if not isinstance(action, Mapping) or not isinstance(action.get("fields"), Mapping):
        return None
    same = all(action.get(name) == claims.get(name) for name in ("iss", "sub", "client_id"))
    fits = f"{action.get('resource')}:{action.get('action')}" == target and for_caller(caller, action.get("aud"))
    if not (same and fits and now < _seconds(action.get("exp"))):
        return None
    try:
        return Elevated(action, hashlib.sha256(canonical(action)).digest())
    except ActionRefused:
        return None


def _seconds(value: object) -> int:
    return value if type(value) is int else 0
