"""Grace: a demand at a sign-in that the person puts off, as often and as long as its rule allows.

1. What is put off is the demand of the sign-in's own rules, never that of a scope, a client or an action: with an action
   nothing can be put off, and without the skipped rules everything else is decided and planned as ever.
2. The wish is kept in the interaction. It counts in the unit that ends it, by one conditional statement a rule, and not
   before: two tabs never share a skip, and a proof that came meanwhile costs none (S13).
3. What was proven stays what it is: the code, and every token of it, says no more (S02, S09).
"""

from newel.domain.authorization import Prompt
from newel.domain.interaction import Interaction, Purpose
from newel.domain.session import Session
from newel.domain.value import dataclass, replace
from newel.flows.account import Changed, NotChanged, perform
from newel.flows.browser import Held, held_again
from newel.flows.challenge import offer, offered_ways
from newel.flows.decide import Person, position, stand
from newel.flows.finish import Answered, Moved, finish
from newel.flows.guess import AttemptsSpent, Elsewhere, Resting, reserve
from newel.flows.known import known_person
from newel.flows.record import proof_entry
from newel.flows.situate import decided_again
from newel.flows.skipped import put_off, used_skips
from newel.flows.step import Step, next_step
from newel.services import Services
from newel.storage.base import Refused, Unit
from newel.storage.sql.interactions import advance_interaction


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person may put off now: the rules, how many times more, and until when (Unix seconds)."""

    rules: tuple[str, ...]
    left: int
    until: int


@dataclass(frozen=True, slots=True)
class NotGranted:
    """It cannot be put off, or not any more; nothing was changed."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """It is put off; the page of the interaction shows what is still asked."""


Skipped = Answered | Changed | NotChanged | Moved | PutOff | NotGranted | AttemptsSpent | Elsewhere | Resting


async def offered(
    services: Services, interaction: Interaction, person: Person, session: Session | None, now: int
) -> Offer | None:
    """What may be put off in a decided interaction whose demand is not met; None where nothing is, or it is already.

    What is left without it must be less, and be met or provable: nobody is led from one demand to another that they
    cannot meet, or to the same one.
    """
    decided, request = interaction.decided, interaction.request
    grace = decided.grace if decided else None
    if (
        decided is None
        or grace is None
        or interaction.skipped
        or (request is not None and Prompt.NONE in request.prompt)
    ):
        return None
    standing, used = stand(services, person, interaction, session, now), await used_skips(services, person)
    rules = grace.open(standing, used)
    lesser = put_off(replace(interaction, skipped=rules), standing) if rules else None
    if lesser is None or not (lesser.plan.met or lesser.plan.steps):
        return None
    if lesser.demanded == position(request, decided, standing, interaction=interaction.id).demanded:
        return None
    left = min(grace.rules[rule].most - used.get(rule, 0) for rule in rules)
    return Offer(rules, left, min(grace.rules[rule].until for rule in rules))


async def or_put_off(
    services: Services, interaction: Interaction, person: Person, session: Session | None, step: Step, now: int
) -> Step:
    """The same step; where nothing could be proven or enrolled and the demand may be put off, the step that offers it."""
    if step.kind != "refused" or interaction.decided is None or interaction.decided.grace is None:
        return step
    offer_ = await offered(services, interaction, person, session, now)
    return step if offer_ is None else Step("put_off", step.where)


async def skip(services: Services, interaction: Interaction, held: Held | None, *, address: str) -> Skipped:
    """The person puts off what may be put off in an open interaction, and goes on with what is left."""
    now = services.now()
    if interaction.subject is None or interaction.decided is None:
        return NotGranted()
    limit = services.config.guessing.per_name
    reserved = await reserve(services, interaction, ((f"skip:{interaction.subject}", limit),), now)
    if not isinstance(reserved, int):
        return reserved
    person = await known_person(services, interaction.subject)
    if person is None:
        return NotGranted()
    return await _skip(services, interaction, person, held, address, now)


async def _skip(
    services: Services, interaction: Interaction, person: Person, held: Held | None, address: str, now: int
) -> Skipped:
    decided, record = await decided_again(services, interaction, person, address, now)
    done: Answered | Moved | PutOff
    while True:  # twice at most: what `held_again` gives has no identifier left that could move
        session = held.session if held else None
        step, wanted = next_step(services, decided, person, session, now), decided
        if step.kind != "met" and decided.skipped:
            return PutOff()
        if step.kind != "met":
            may = await offered(services, decided, person, session, now)
            if may is None:
                return await _refused(services, decided, now)
            wanted = replace(decided, skipped=may.rules)
            step = next_step(services, wanted, person, session, now)
        if step.kind == "met" and decided.purpose is Purpose.ACCOUNT:
            return await perform(
                services, wanted, person, held, now, where=step.where, record=record, revision=interaction.revision
            )
        if step.kind == "met":
            revision = interaction.revision
            done = await finish(services, wanted, person, step.where, held, now, record=record, revision=revision)
        else:
            done = await _go_on(services, interaction, wanted, step, now)
        if not isinstance(done, Moved):
            return done
        if done.what == "skip":
            return await _refused(services, decided, now)
        if done.what != "session" or held is None:
            return done
        held = await held_again(services, held, now)


async def _go_on(services: Services, stored: Interaction, wanted: Interaction, step: Step, now: int) -> PutOff | Moved:
    """Keep the wish and offer the proofs that what is left still needs."""
    following = offer(services, replace(wanted, revision=stored.revision + 1), offered_ways(step.where.plan), now)
    entry = proof_entry("person.skipped", now, wanted, rules=list(wanted.skipped))
    outcome = await services.store.commit(Unit((advance_interaction(following, stored.revision),), audit=entry))
    return Moved("interaction") if isinstance(outcome, Refused) else PutOff()


async def _refused(services: Services, interaction: Interaction, now: int) -> NotGranted:
    await services.store.commit(Unit(audit=proof_entry("skip.refused", now, interaction)))
    return NotGranted()
