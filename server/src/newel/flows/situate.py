"""Situate: what a decision about one request depends on, its action's counters read from the store; and deciding again."""

from newel.domain.audit import DecisionRecord
from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.grace import Skippable, skips_of_both
from newel.domain.interaction import Decided, Interaction
from newel.domain.requirement import join
from newel.domain.value import replace
from newel.flows.bind import bind
from newel.flows.decide import Person, Situation, decide, decide_sign_in, described, facts_of
from newel.flows.known import known_client
from newel.flows.skipped import still_skipped
from newel.flows.step import OPEN
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
        decided = interaction.decided
        if decided is None or interaction.change == OPEN:
            decided = _both(decided, decide_sign_in(services, person, now))
        opened = replace(interaction, decided=decided)
        return await _as_granted(services, opened, person), described(opened)
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


def _both(earlier: Decided | None, today: Decided) -> Decided:
    """The join of two decisions about a sign-in to the house itself; only what both allow may be put off."""
    if earlier is None:
        return today
    fallback = join(earlier.fallback or earlier.requirement, today.fallback or today.requirement)
    grace, before = today.grace, earlier.grace
    demanded = join(before.demanded if before else earlier.requirement, grace.demanded if grace else today.requirement)
    rules = skips_of_both(before.rules if before else {}, grace.rules if grace else {})
    return replace(
        today,
        requirement=join(earlier.requirement, today.requirement),
        fallback=fallback if earlier.fallback or today.fallback else None,
        grace=Skippable(demanded=demanded, rules=rules) if rules else None,
    )


async def _as_granted(services: Services, interaction: Interaction, person: Person) -> Interaction:
    return await still_skipped(services, interaction, person) if interaction.skipped else interaction
