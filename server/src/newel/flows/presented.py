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
from newel.domain.standing import Steady
from newel.domain.value import dataclass
from newel.flows.bearer import standing_claims
from newel.flows.decide import Person
from newel.flows.issue import ACCESS_TYP
from newel.flows.known import person_of, signing_ring
from newel.flows.verdict import Met
from newel.services import Services
from newel.storage.base import Row
from newel.storage.sql.authenticators import rows_unless_revoked, subject_and_authenticator
from newel.storage.sql.grants import family
from newel.storage.sql.sessions import session

LOOKED_AT = ("subjects", "authenticators", "revocations")
"""The tables whose rows say whether a token stands, and what its person has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token that stands: its claims, the grant whose evidence it shows, its person, the session's last activity.

    `steady` remembers what its evidence reaches, `met` the decision that it met last.
    """

    claims: Mapping[str, Any]
    grant: Grant
    person: Person
    active_at: int
    steady: Steady
    met: Met


@dataclass(frozen=True, slots=True)
class Elevated:
    """Object A of a token, with its digest (32 bytes)."""

    action: Mapping[str, Any]
    digest: bytes


@dataclass(slots=True, kw_only=True)
class Issued:
    """What never changes of a token: its claims, the grant it was issued from, and its session's end.

    `shown` is what it showed last, by what the store had at `mark`.

    `active_at` is the session's last activity when the token was issued or first shown; later it can only be later.
    """

    claims: dict[str, Any]
    grant: Grant
    expires_at: int
    active_at: int
    shown: Presented | None = None
    mark: object = None


class Verified:
    """Tokens whose signature was verified under the present keys, with what never changes of them (rule 12).

    Whether a token stands, and what is stored of its person, is looked up whenever anything may have changed in it; what
    the very same rows say is not worked out again.
    """

    def __init__(self, most: int = 2048) -> None:
        self._ring: object = None
        self._known: dict[str, Issued] = {}
        self._people: dict[str, tuple[list[Row], Person | None]] = {}
        self._most = most

    def person(self, subject: str, rows: list[Row]) -> Person | None:
        """Who these rows say a subject is."""
        known = self._people.get(subject)
        if known is not None and known[0] == rows:
            return known[1]
        person = person_of([subject_and_authenticator(row) for row in rows])
        if len(self._people) >= self._most:
            self._people = {}
        self._people[subject] = rows, person
        return person

    def seen(self, ring: KeyRing, unverified_token: str, now: int) -> Issued | None:
        """What a token was found to be issued as, under the present keys and in time."""
        if ring is not self._ring or len(self._known) >= self._most:
            self._ring, self._known = ring, {}
        known = self._known.get(unverified_token)
        if known is not None and now >= known.claims["exp"]:
            del self._known[unverified_token]
            return None
        return known

    async def issued(self, services: Services, ring: KeyRing, unverified_token: str, now: int) -> Issued | None:
        """What a token of ours that is in time was issued as; None for any other."""
        try:
            claims = jwt.verify(unverified_token, ring.key_set, algorithms=jwt.ASYMMETRIC, typ=(ACCESS_TYP,), now=now)
        except jwt.TokenRefused:
            return None
        found = await _issued(services, claims)
        if found is not None and ring is self._ring:
            self._known[unverified_token] = found
        return found


async def _issued(services: Services, claims: dict[str, Any]) -> Issued | None:
    standing = await standing_claims(services, claims)
    if standing is None:
        return None
    issued_from = await services.store.one(family(standing.family))
    held = await services.store.one(session(claims["sid"]))
    if issued_from is None or held is None or not claims.get("sub") == issued_from.grant.subject == held.subject:
        return None
    active_at = max(held.active_at, _seconds(claims.get("iat")))
    return Issued(claims=claims, grant=issued_from.grant, expires_at=held.expires_at, active_at=active_at)


async def present(
    services: Services, verified: Verified, caller: Client, unverified_token: str, now: int
) -> Presented | None:
    """What a token shows to `caller`; None where it does not stand now, or is not meant for it."""
    ring = await signing_ring(services)
    issued = verified.seen(ring, unverified_token, now) or await verified.issued(services, ring, unverified_token, now)
    if issued is None or now >= issued.expires_at or not for_caller(caller, issued.claims.get("aud")):
        return None
    shown, mark = issued.shown, services.store.mark(*LOOKED_AT)
    if shown is not None and issued.mark == mark:
        return shown
    claims, grant = issued.claims, issued.grant
    rows = await services.store.all(rows_unless_revoked(grant.subject, claims["jti"], claims["sid"], grant.family))
    person = verified.person(grant.subject, rows)
    if person is None:
        return None
    if shown is None or shown.person is not person:
        shown = Presented(
            claims=claims, grant=grant, person=person, active_at=issued.active_at, steady=Steady(), met=Met()
        )
    issued.shown, issued.mark = shown, mark
    return shown


def for_caller(caller: Client, audience: object) -> bool:
    """Whether an audience names the resource server that asks, as at introspection."""
    named = audience if isinstance(audience, list) else [audience]
    return caller.id in named or (caller.audience is not None and caller.audience in named)


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
