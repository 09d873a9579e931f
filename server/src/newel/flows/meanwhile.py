"""Meanwhile: a code that was issued under another policy than the one in force must meet that one too.

What it met then was checked when it was issued; here the policy of now decides the same, from the facts of then and
what the server and the directory say now. Scopes are decided anew at every issue anyway (`issue.granted_scope`).
"""

from newel.domain.action import ActionRequest
from newel.domain.errors import InvalidGrant
from newel.domain.grant import CodeGrant, Elevation
from newel.domain.requirement import require
from newel.domain.standing import satisfied
from newel.domain.value import replace
from newel.flows.decide import Person
from newel.flows.facts import action_facts, directory_facts, fits
from newel.flows.issue import Proven, still_meets
from newel.policy.base import SIGN_IN, DecisionRequest
from newel.services import Services

ANOTHER_POLICY = "another policy came into force, and it demands more: ask again"


def elevation_now(services: Services, waiting: CodeGrant, person: Person, proof: Proven) -> Elevation | None:
    """What of a code's elevation may still be issued. InvalidGrant where not even the sign-in meets the policy in force."""
    policy, elevation = services.policy, waiting.grant.elevation
    if waiting.policy == policy.version:
        return elevation
    now = proof.standing.now
    facts = {**waiting.facts, **directory_facts(person.subject, policy.facts_at(SIGN_IN)), "now": now}
    sign_in = policy.decide(DecisionRequest(target=SIGN_IN, facts=facts))
    if not still_meets(sign_in, proof.standing):
        raise InvalidGrant(ANOTHER_POLICY)
    if elevation is None:
        return None
    action = elevation.action
    asked = ActionRequest(resource=action.resource, action=action.action, fields=action.fields)
    if not fits(policy, asked):
        return None
    decision = policy.decide(DecisionRequest(target=asked.target, facts={**facts, **action_facts(policy, asked)}))
    bound = replace(proof.standing, digest=elevation.digest)
    confirmed = satisfied(require(bind={"aal1": frozenset(action.fields)}), bound)
    return elevation if confirmed and still_meets(decision, bound) else None
