"""Resume: what the page of an open interaction shows now. Whatever changed since is taken up here, never asked twice.

When another tab lifted the session, an unbound interaction goes on by itself; a bound one still needs its own yes.
"""

from newel.domain.audit import DecisionRecord
from newel.domain.errors import UnmetAuthenticationRequirements
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.value import dataclass, replace
from newel.flows.account import Changed, NotChanged, perform, refused
from newel.flows.bind import bind
from newel.flows.browser import Held
from newel.flows.challenge import offer, offered_ways
from newel.flows.decide import Person
from newel.flows.finish import Answered, Moved, finish
from newel.flows.grace import or_put_off
from newel.flows.leave import used_up
from newel.flows.record import proof_entry
from newel.flows.respond import failure
from newel.flows.shortfall import unmet_words
from newel.flows.situate import decided_again
from newel.flows.step import Step, next_step
from newel.services import Services
from newel.storage.base import Refused, Unit
from newel.storage.sql.interactions import advance_interaction


@dataclass(frozen=True, slots=True)
class Shown:
    """The interaction as its page shows it, with the step it is at."""

    interaction: Interaction
    step: Step


async def resume(
    services: Services,
    interaction: Interaction,
    person: Person,
    held: Held | None,
    locale: str,
    now: int,
    *,
    address: str,
    told: bool = False,
) -> Shown | Answered | Changed | NotChanged | Moved:
    """The step an open, decided interaction is at, its challenges in place; or its end where nothing is left to ask.

    It is decided again first: another policy may be in force, and both decisions have to be met. `told`: the person has
    pressed on from the page that says that a fallback is met.
    """
    translated = _in_language(services, interaction, locale)
    spoken, record = await decided_again(services, translated, person, address, now)
    session = held.session if held else None
    step = await or_put_off(services, spoken, person, session, next_step(services, spoken, person, session, now), now)
    if step.kind == "met" or (step.kind == "tell" and told):
        return await _end(services, spoken, person, held, step, now, record)
    if step.kind == "refused":
        return await _refuse(services, replace(interaction, decided=spoken.decided), step, now)
    if step.kind in {"tell", "enrol", "put_off"}:
        return Shown(spoken, step)
    ways = offered_ways(step.where.plan)
    asked = {way.method.name: {each.id for each in way.authenticators} for way in ways}
    ready = {each.method for each in spoken.challenges if each.digest == step.where.standing.digest}
    if translated is interaction and asked.keys() <= ready:
        return Shown(spoken, step)
    offered = replace(offer(services, spoken, ways, now), revision=interaction.revision + 1)
    outcome = await services.store.commit(Unit((advance_interaction(offered, interaction.revision),)))
    return Moved("interaction") if isinstance(outcome, Refused) else Shown(offered, step)


def _in_language(services: Services, interaction: Interaction, locale: str) -> Interaction:
    """The interaction in another language: what is shown is what is hashed, so object A is made anew (S17)."""
    request = interaction.request
    if interaction.locale == locale or request is None or interaction.subject is None:
        return interaction
    if any(event.binding is not None for event in interaction.evidence):
        return interaction
    action = bind(
        services,
        request,
        subject=interaction.subject,
        interaction=interaction.id,
        locale=locale,
        expires_at=interaction.expires_at,
    )
    return replace(interaction, locale=locale, action=action, challenges=())


async def _end(
    services: Services,
    spoken: Interaction,
    person: Person,
    held: Held | None,
    step: Step,
    now: int,
    record: DecisionRecord,
) -> Answered | Changed | NotChanged | Moved:
    if spoken.purpose is Purpose.ACCOUNT:
        return await perform(
            services, spoken, person, held, now, where=step.where, record=record, revision=spoken.revision
        )
    return await finish(services, spoken, person, step.where, held, now, record=record, revision=spoken.revision)


async def _refuse(services: Services, interaction: Interaction, step: Step, now: int) -> Answered | NotChanged | Moved:
    over = replace(interaction, state=State.REFUSED, revision=interaction.revision + 1, challenges=())
    entry = proof_entry("interaction.refused", now, interaction)
    statements = (advance_interaction(over, interaction.revision), *used_up(interaction, now))
    outcome = await services.store.commit(Unit(statements, audit=entry))
    if isinstance(outcome, Refused):
        return Moved("interaction")
    if interaction.request is None:
        return refused(interaction.decided)
    error = UnmetAuthenticationRequirements(unmet_words(step.where.demanded, step.where.standing))
    return Answered(failure(services, interaction.request, error))
