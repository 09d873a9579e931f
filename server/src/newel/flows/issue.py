"""Issue: what tokens say, derived from the grant's evidence at this moment (S02) and signed.

(acr, auth_time) is a true pair: auth_time is the time of the class named in acr. Nothing here can raise either beyond
the evidence the grant was made with (S06).
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from newel.crypto import jwt
from newel.domain.action import ActionRequest, canonical
from newel.domain.assurance import Reached
from newel.domain.evidence import Evidence
from newel.domain.grant import CodeGrant, Elevation, Grant
from newel.domain.plan import plan
from newel.domain.standing import Standing, satisfied
from newel.domain.value import dataclass, replace
from newel.flows.decide import Person
from newel.flows.facts import action_facts, directory_facts, server_facts
from newel.flows.known import signing_ring
from newel.policy.base import SIGN_IN, Decision, DecisionRequest, scope_target
from newel.services import Services

ACCESS_TYP = "at+jwt"
ID_TYP = "JWT"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a grant's evidence still proves: the chosen acr with its time, where it stands, and the events in it."""

    acr: str
    auth_time: int
    amr: tuple[str, ...]
    standing: Standing
    events: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """The members of a token answer (RFC 6749 section 5.1)."""

    access_token: str
    id_token: str | None
    scope: str
    expires_in: int
    elevation: Elevation | None


def _standing(services: Services, grant: Grant, person: Person, now: int) -> Standing:
    """What a grant stands on now: its snapshot, less what was removed, has lapsed or lost its ceiling since."""
    return Standing(
        now=now, active_at=now, events=grant.evidence, authenticators=person.authenticators, classes=services.classes
    )


def proven(services: Services, grant: Grant, person: Person, now: int) -> Proven | None:
    """What a grant proves now; None where nothing is left of it."""
    standing = _standing(services, grant, person, now)
    reached = standing.reached()
    acr = _chosen(services, grant, reached)
    if acr is None:
        return None
    used = tuple(event for event in standing.counted if event.authenticator in person.authenticators)
    amr = tuple(dict.fromkeys(value for event in used for value in event.amr))
    multiple = len({event.how.kind for event in used}) > 1 and "mfa" not in amr
    return Proven(acr, reached[acr].at, (*amr, "mfa") if multiple else amr, standing, used)


def _chosen(services: Services, grant: Grant, reached: Mapping[str, Reached]) -> str | None:
    """The first acr the client named that is reached at the asked age, measured when the grant was made; else the
    strongest inside max_age; else the strongest.
    """

    def fresh(name: str) -> bool:
        return name in reached and (grant.max_age is None or grant.issued_at - reached[name].at <= grant.max_age)

    named = next((name for name in grant.acr_values if fresh(name)), None)
    if named is not None:
        return named
    inside = services.classes.strongest(name for name in reached if fresh(name))
    return inside or services.classes.strongest(reached)


def granted_scope(
    services: Services, grant: Grant, person: Person, proof: Proven, then: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The scopes of a grant whose demand its evidence still meets: none is ever granted without.

    `then` are facts of the authorization request, where they are known; one that is missing can only add.
    """
    policy, facts = services.policy, _known(services, grant, person, proof, then or {})
    kept = []
    for scope in grant.scope:
        decision = policy.decide(DecisionRequest(target=scope_target(scope), facts=facts))
        if still_meets(decision, proof.standing):
            kept.append(scope)
    return tuple(kept)


def _known(
    services: Services, grant: Grant, person: Person, proof: Proven, then: Mapping[str, object]
) -> dict[str, object]:
    """What a decision at an issue is made from: what was known then, and what the directory and the server say now."""
    return {
        **then,
        **directory_facts(person.subject, services.policy.facts_at(SIGN_IN)),
        **server_facts(grant.client_id, None, proof.standing.now),
    }


def demanded_life(
    services: Services,
    grant: Grant,
    person: Person,
    proof: Proven,
    scope: Iterable[str],
    then: CodeGrant | None = None,
) -> int | None:
    """The most seconds that an access token may live by the policy now, and by what was demanded `then`; None for any.

    An elevation's action is decided anew where another policy came into force.
    """
    policy, standing = services.policy, proof.standing
    if not policy.bounds_life:
        return then.life if then else None
    facts = _known(services, grant, person, proof, then.facts if then else {})
    decisions = [
        policy.decide(DecisionRequest(target=each, facts=facts)) for each in (SIGN_IN, *map(scope_target, scope))
    ]
    lives = [_life(each, standing) for each in decisions] + [then.life if then else None]
    if then is not None and grant.elevation is not None and then.policy != policy.version:
        action = grant.elevation.action
        asked = ActionRequest(resource=action.resource, action=action.action, fields=action.fields)
        decision = policy.decide(DecisionRequest(target=asked.target, facts={**facts, **action_facts(policy, asked)}))
        lives.append(_life(decision, replace(standing, digest=grant.elevation.digest)))
    return min((life for life in lives if life is not None), default=None)


def _life(decision: Decision, standing: Standing) -> int | None:
    """The most seconds that a decision lets a token live: its fallback's where only that is met."""
    demanded, lesser = decision.requirement, decision.fallback
    fallen = lesser is not None and not satisfied(demanded, standing) and satisfied(lesser, standing)
    return (lesser if lesser is not None and fallen else demanded).session.life


def still_meets(decision: Decision, standing: Standing) -> bool:
    """Whether a standing meets a decision: its demand, or the fallback that it declares where the demand cannot be met."""
    if satisfied(decision.requirement, standing):
        return True
    if decision.fallback is None or not satisfied(decision.fallback, standing):
        return False
    return not plan(decision.requirement, standing, interaction="").possible


async def issue(
    services: Services,
    grant: Grant,
    person: Person,
    proof: Proven,
    *,
    scope: tuple[str, ...],
    audience: tuple[str, ...],
    nonce: str | None,
    now: int,
    elevated: bool,
    most: int | None,
    id_signing: str = "ES256",
) -> Issued:
    """Sign an access token and, for `openid`, an ID token. `elevated` puts the grant's bound action inside.

    The access token lives as long as configured, at `most` so many seconds.
    """
    ring, lives = await signing_ring(services), services.config.lives
    elevation = grant.elevation if elevated else None
    usual = lives.elevated_token if elevation else lives.access_token
    life = usual if most is None else min(usual, most)
    common = {"iss": services.config.issuer, "sub": grant.subject, "iat": now, "sid": grant.session}
    claims = {
        **common,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "client_id": grant.client_id,
        "exp": now + life,
        "jti": f"{grant.family}.{services.random(9).hex()}",
        "scope": " ".join(scope),
        **authentication_claims(proof),
        "newel_acrs": {name: each.at for name, each in sorted(proof.standing.reached().items())},
        "newel_ledger": [_ledger_line(event) for event in proof.events],
    }
    if elevation is not None:
        claims["authorization_details"] = [bound_entry(elevation)]
    access_token = jwt.sign(ring, claims, typ=ACCESS_TYP)
    id_token = None
    if "openid" in scope:
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        members = {
            **common,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "exp": now + lives.id_token,
            **authentication_claims(proof),
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
            **({"nonce": nonce} if nonce is not None else {}),
            **subject_claims(person, frozenset(grant.claims_id_token)),
        }
        id_token = jwt.sign(ring, members, typ=ID_TYP, alg=id_signing)
    return Issued(access_token, id_token, " ".join(scope), life, elevation)


def authentication_claims(proof: Proven) -> dict[str, Any]:
    """acr, auth_time and amr (OpenID Connect Core section 2, RFC 9470 section 6)."""
    return {"acr": proof.acr, "auth_time": proof.auth_time, "amr": list(proof.amr)}


def subject_claims(person: Person, names: frozenset[str]) -> dict[str, Any]:
    """The standard claims of OpenID Connect Core section 5.1 that are asked for and known."""
    subject = person.subject
    known = {"name": subject.display, "preferred_username": subject.name, **subject.attributes}
    return {name: known[name] for name in sorted(names) if name in STANDARD_CLAIMS and name in known}


STANDARD_CLAIMS = frozenset({"name", "preferred_username", "email", "locale", "zoneinfo"})
SCOPE_CLAIMS = {
    "profile": frozenset({"name", "preferred_username", "locale", "zoneinfo"}),
    "email": frozenset({"email"}),
}


def bound_entry(elevation: Elevation) -> dict[str, Any]:
    """The authorization_details entry of an elevation: what was asked, object A, its digest and how it was bound."""
    action = elevation.action
    whole = action.as_object()
    return {
        "type": action.resource,
        "actions": [action.action],
        "fields": whole["fields"],
        "elevation": whole,
        "binding": elevation.binding,
        "digest": urlsafe_b64encode(hashlib.sha256(canonical(whole)).digest()).rstrip(b"=").decode(),
    }


def _ledger_line(event: Evidence) -> dict[str, Any]:
    return {
        "method": event.method,
        "at": event.at,
        "uv": event.user_verified,
        "phr": event.how.phishing_resistant,
        "hw": event.hardware,
        "binding": event.binding.kind if event.binding else None,
    }
