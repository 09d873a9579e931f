"""Situate: what a decision about one request depends on, its action's counters read from the store."""

from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.value import replace
from newel.flows.decide import Person, Situation, facts_of
from newel.flows.velocity import StoreCounters
from newel.services import Services


async def situate(
    services: Services, request: AuthorizationRequest, client: Client, person: Person, address: str, now: int
) -> Situation:
    """The situation of a request. Nothing is reserved: only the decision that lets an action happen counts it."""
    situation = Situation(request, client, person, address, now)
    if request.action is None or not services.policy.counters:
        return situation
    counters = StoreCounters(services.store, lambda: services.policy)
    counted = await counters.read(request.action.target, facts_of(services, situation), now)
    return replace(situation, counted=counted)
