"""Enrolling: the confirmation of a new authenticator, inside a step-up, from the account page, or at sign-up."""

from newel.domain.audit import DecisionRecord
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.value import dataclass, replace
from newel.factors.base import Reason, Rejected
from newel.flows.browser import Held
from newel.flows.challenge import offer, offered_ways
from newel.flows.decide import Person, reached_times
from newel.flows.enrol import Enrolled, confirm_enrolment, enrolled_entry, read_draft
from newel.flows.finish import lift
from newel.flows.guess import AttemptsSpent, Elsewhere, Resting, reserve
from newel.flows.known import known_person
from newel.flows.situate import decided_again
from newel.flows.step import ceiling, decide_enrolment, next_step
from newel.services import Services
from newel.storage.base import Refused, Unit
from newel.storage.sql.interactions import advance_interaction

ACCOUNT_PAGE = "/account"


@dataclass(frozen=True, slots=True)
class Added:
    """The authenticator is there. `location` is where its interaction leads when it is over, else None."""

    name: str
    location: str | None = None
    session_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class NotAdded:
    """It was not confirmed, and why; nothing changed."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class _Due:
    """An interaction at the step of adding something, and the record of what allows that."""

    interaction: Interaction
    record: DecisionRecord | None
    fallen: bool = False


async def confirm_new(
    services: Services,
    interaction: Interaction,
    held: Held | None,
    method: str,
    response: str,
    *,
    name: str,
    address: str,
) -> Added | NotAdded | AttemptsSpent | Elsewhere | Resting:
    """Confirm the drafted authenticator of `method`. Elsewhere where the interaction is not at that step, as decided now."""
    now = services.now()
    person = await known_person(services, interaction.subject)
    draft = read_draft(services, interaction, method)
    if person is None or draft is None:
        return NotAdded("malformed")
    due = await _due(services, interaction, person, held, method, address, now)
    if due is None:
        return Elsewhere()
    reserved = await reserve(services, interaction, (), now)
    if not isinstance(reserved, int):
        return reserved
    session = held.session if held else None
    limit = ceiling(services, interaction, person, session, method, now)
    confirmed = await confirm_enrolment(
        services, interaction, person, draft, response, name=name, ceiling=limit, now=now
    )
    if isinstance(confirmed, Rejected):
        return NotAdded(confirmed.reason)
    if interaction.purpose is Purpose.AUTHORIZE:
        return await _go_on(services, due, confirmed, person, held, now)
    entry = enrolled_entry(interaction, confirmed.authenticator, now, due.record, fallen=due.fallen)
    done = replace(confirmed.interaction, state=State.DONE, revision=interaction.revision + 1, challenges=())
    lifted = lift(services, confirmed.interaction, person, held, now)
    unit = Unit(
        (advance_interaction(done, interaction.revision), *confirmed.statements, *lifted.statements),
        audit=entry,
        refused=entry,
    )
    outcome = await services.store.commit(unit)
    if isinstance(outcome, Refused):
        return NotAdded("already_enrolled")
    return Added(confirmed.authenticator.name, ACCOUNT_PAGE, lifted.cookie)


async def _due(
    services: Services,
    interaction: Interaction,
    person: Person,
    held: Held | None,
    method: str,
    address: str,
    now: int,
) -> _Due | None:
    """The interaction, decided again where it is about one's own account; None where this is not its step now.

    A sign-up is a ceremony of its own: its address allows it.
    """
    if interaction.purpose is Purpose.SIGN_UP:
        return _Due(interaction, None)
    again = interaction
    if interaction.purpose is Purpose.ACCOUNT:
        again, record = await decided_again(services, interaction, person, address, now)
    else:
        _, record = decide_enrolment(services, person, method, address=address, now=now)
    step = next_step(services, again, person, held.session if held else None, now)
    if step.kind != "enrol" or step.method != method:
        return None
    where = step.where
    met = replace(record, outcome="met", reached=reached_times(where.standing))
    return _Due(interaction, met, where.fallen)


async def _go_on(
    services: Services, due: _Due, confirmed: Enrolled, person: Person, held: Held | None, now: int
) -> Added | NotAdded:
    """Inside a step-up the new authenticator now proves what is asked: its challenge is offered at once."""
    added, interaction = confirmed.authenticator, due.interaction
    with_new = Person(person.subject, {**person.authenticators, added.id: added})
    moved = replace(confirmed.interaction, revision=interaction.revision + 1, challenges=())
    step = next_step(services, moved, with_new, held.session if held else None, now)
    if step.kind == "prove":
        moved = offer(services, moved, offered_ways(step.where.plan), now)
    entry = enrolled_entry(interaction, added, now, due.record, fallen=due.fallen)
    outcome = await services.store.commit(
        Unit((advance_interaction(moved, interaction.revision), *confirmed.statements), audit=entry, refused=entry)
    )
    return NotAdded("already_enrolled") if isinstance(outcome, Refused) else Added(confirmed.authenticator.name)
