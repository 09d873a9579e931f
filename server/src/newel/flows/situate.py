"""Situate: what a decision about one request depends on, its action's counters read from the store; and deciding again."""

from newel.domain.audit import DecisionRecord
from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.interaction import Interaction
from newel.domain.value import replace
from newel.flows.bind import bind
from newel.flows.decide import Person, Situation, decide, facts_of
from newel.flows.known import known_client
from newel.flows.own import OPEN, decide_own
from newel.flows.skipped import still_skipped
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


async def decided_again(
    services: Services, interaction: Interaction, person: Person, address: str, now: int
) -> tuple[Interaction, DecisionRecord]:
    """The interaction with the join of its first decision and today's, and its action in the person's language.

    What the person wanted to put off is forgotten where it has been used up since.
    """
    request = interaction.request
    client = await known_client(services, request.client_id) if request else None
    if request is None or client is None:
        change = interaction.change or OPEN
        decided, record = decide_own(services, person, change, interaction.decided, address=address, now=now)
        return await _as_granted(services, replace(interaction, decided=decided), person), record
    situation = await situate(services, request, client, person, address, now)
    decided, record = decide(services, situation, interaction.decided)
    action = interaction.action or bind(
        services,
        request,
        subject=person.subject.id,
        interaction=interaction.id,
        locale=interaction.locale,
        expires_at=interaction.expires_at,
    )
    again = replace(interaction, decided=decided, action=action)
    return await _as_granted(services, again, person), record


async def _as_granted(services: Services, interaction: Interaction, person: Person) -> Interaction:
    return await still_skipped(services, interaction, person) if interaction.skipped else interaction
