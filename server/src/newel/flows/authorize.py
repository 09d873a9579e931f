"""Authorize: from a checked request to the client's answer, or to the interaction that earns it.

1. The subject is the session's, unless the request pins another one.
2. The policy decides, the planner plans. Met: a code at once, no page.
3. prompt=none never shows a page: login_required, interaction_required or unmet_authentication_requirements.
4. Cannot be met, and no enrolment could lead there: unmet_authentication_requirements (S09), never a pass.
5. Else one write: the interaction with its challenges inside.
"""

from newel.crypto.hashing import secret_hash
from newel.domain.audit import Entry
from newel.domain.authorization import AuthorizationRequest, Prompt
from newel.domain.client import Client
from newel.domain.errors import (
    InteractionRequired,
    InvalidRequest,
    LoginRequired,
    ProtocolError,
    UnmetAuthenticationRequirements,
)
from newel.domain.interaction import Interaction, Purpose
from newel.domain.requirement import SESSION
from newel.domain.value import dataclass, replace
from newel.flows.bind import bind
from newel.flows.browser import Held, activity
from newel.flows.challenge import offer, offer_anyone, offered_ways
from newel.flows.decide import Person, Position, decide, position, reached_times, stand
from newel.flows.finish import Answered, Moved, finish
from newel.flows.grace import offered
from newel.flows.known import known_person
from newel.flows.record import decision_entry
from newel.flows.shortfall import unmet_words
from newel.flows.situate import situate
from newel.flows.step import untold
from newel.services import Services
from newel.storage.base import Unit
from newel.storage.sql.interactions import add_interaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A checked request with the browser that brought it; `browser` is its key, `address` where it came from."""

    request: AuthorizationRequest
    client: Client
    browser: str
    held: Held | None
    address: str
    locale: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The person is asked in this interaction; `person` and `where` are known where somebody is signed in."""

    interaction: Interaction
    person: Person | None = None
    where: Position | None = None


async def authorize(services: Services, arrival: Arrival) -> Answered | Asked:
    """The answer, or the interaction that leads to it. ProtocolError for what the client must be told instead."""
    now, request = services.now(), arrival.request
    held = _usable(arrival)
    blank = Interaction(
        id=services.new_id(),
        purpose=Purpose.AUTHORIZE,
        browser_hash=secret_hash(arrival.browser),
        created_at=now,
        expires_at=now + services.config.lives.interaction,
        request=request,
        locale=arrival.locale,
    )
    person = await known_person(services, held.session.subject) if held else None
    if held is None or person is None:
        return await _ask_who(services, arrival, replace(blank, subject=request.hint_subject), now)
    interaction = replace(blank, subject=person.subject.id, lineage=held.session.lineage)
    return await _known(services, arrival, interaction, person, held, now)


def _usable(arrival: Arrival) -> Held | None:
    """The session, unless the request is about another subject (S08) or wants an account chosen."""
    hint, held = arrival.request.hint_subject, arrival.held
    if held is None or (hint is not None and held.session.subject != hint):
        return None
    return None if Prompt.SELECT_ACCOUNT in arrival.request.prompt else held


async def _known(
    services: Services, arrival: Arrival, blank: Interaction, person: Person, held: Held, now: int
) -> Answered | Asked:
    request = arrival.request
    situation = await situate(services, request, arrival.client, person, arrival.address, now)
    decided, record = decide(services, situation)
    action = bind(
        services,
        request,
        subject=person.subject.id,
        interaction=blank.id,
        locale=blank.locale,
        expires_at=blank.expires_at,
    )
    interaction = replace(blank, decided=decided, action=action)
    where = position(request, decided, stand(services, person, interaction, held.session, now), interaction=blank.id)
    if where.plan.met and not untold(interaction, where):
        done = await finish(services, interaction, person, where, held, now, record=record)
        if isinstance(done, Moved):
            raise InvalidRequest("the pushed request was used meanwhile")
        return done
    error = _refused(request, where)
    if error and not await offered(services, interaction, person, held.session, now):
        refusal = decision_entry(
            "authorize.refused",
            now,
            interaction,
            replace(record, outcome="refused", reached=reached_times(where.standing)),
        )
        await services.store.commit(Unit(audit=refusal))
        raise error
    interaction = offer(services, interaction, offered_ways(where.plan), now)
    reached = replace(record, reached=reached_times(where.standing))
    entry = decision_entry("authorize.asked", now, interaction, reached, fallen=where.fallen)
    await services.store.commit(Unit((*activity(held, now), add_interaction(interaction)), audit=entry))
    return Asked(interaction, person, where)


def _refused(request: AuthorizationRequest, where: Position) -> ProtocolError | None:
    reachable = where.plan.possible or bool(where.plan.enrol)
    if not reachable:
        return UnmetAuthenticationRequirements(unmet_words(where.demanded, where.standing))
    if Prompt.NONE not in request.prompt:
        return None
    reached, longest = where.standing.reached().values(), request.max_age or SESSION
    if request.fresh_only or not any(where.standing.now - each.at <= longest for each in reached):
        return LoginRequired("the person must authenticate")
    return InteractionRequired("a further proof is required")


async def _ask_who(services: Services, arrival: Arrival, blank: Interaction, now: int) -> Asked:
    if Prompt.NONE in arrival.request.prompt:
        raise LoginRequired("nobody is signed in")
    interaction = offer_anyone(services, blank, now)
    entry = Entry(kind="authorize.who", at=now, body={"interaction": blank.id, "client": arrival.client.id})
    await services.store.commit(Unit((add_interaction(interaction),), audit=entry))
    return Asked(interaction)
