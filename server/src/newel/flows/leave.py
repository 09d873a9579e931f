"""Leave: the person says no, did not start this, or signs out; or the request cannot be met."""

from newel.domain.authorization import AuthorizationRequest
from newel.domain.errors import AccessDenied, ProtocolError
from newel.domain.interaction import Interaction, State
from newel.domain.value import dataclass, replace
from newel.flows.account import signed_out_entry
from newel.flows.record import proof_entry
from newel.flows.respond import failure
from newel.services import Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.interactions import advance_interaction
from newel.storage.sql.pushed import answered
from newel.storage.sql.revocations import revoke_session


@dataclass(frozen=True, slots=True)
class Left:
    """The interaction is over; `location` takes the answer to the client, None where there is none to tell."""

    location: str | None


async def decline(services: Services, interaction: Interaction) -> Left | None:
    """The person said no; the base session is untouched (S07). None if the interaction moved meanwhile."""
    now = services.now()
    declined = replace(interaction, state=State.DECLINED, revision=interaction.revision + 1, challenges=())
    unit = Unit(
        (advance_interaction(declined, interaction.revision), *used_up(interaction, now)),
        audit=proof_entry("person.declined", now, interaction),
    )
    return await _leave(services, interaction, unit, "the person said no")


async def report(services: Services, interaction: Interaction) -> Left | None:
    """The person did not start this: the interaction and the session it came from end (S21)."""
    now = services.now()
    reported = replace(interaction, state=State.REPORTED, revision=interaction.revision + 1, challenges=())
    ended = revoke_session(interaction.lineage, now) if interaction.lineage else ()
    unit = Unit(
        (advance_interaction(reported, interaction.revision), *used_up(interaction, now), *ended),
        audit=proof_entry("person.reported", now, interaction, session=interaction.lineage),
    )
    return await _leave(services, interaction, unit, "the person did not start this")


async def refused(services: Services, request: AuthorizationRequest, error: ProtocolError) -> str:
    """The address that tells the client why there is no code: an answer too, which uses a pushed request up."""
    if request.pushed is not None:
        await services.store.apply(Unit((answered(request.pushed, services.now()),)))
    return failure(services, request, error)


async def sign_out(services: Services, lineage: str, subject: str) -> None:
    """End a session, its refresh families and their tokens (S29)."""
    now = services.now()
    await services.store.commit(Unit(revoke_session(lineage, now), audit=signed_out_entry(lineage, subject, now)))


def used_up(interaction: Interaction, now: int) -> tuple[Statement, ...]:
    """A no is an answer: the pushed request behind it, if there is one, is not looked at again."""
    pushed = interaction.request.pushed if interaction.request else None
    return (answered(pushed, now),) if pushed else ()


async def _leave(services: Services, interaction: Interaction, unit: Unit, description: str) -> Left | None:
    outcome = await services.store.commit(unit)
    if isinstance(outcome, Refused):
        return None
    request = interaction.request
    return Left(failure(services, request, AccessDenied(description)) if request else None)
