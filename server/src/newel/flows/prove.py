"""Prove: one answer of a person to an open interaction.

1. The attempt is counted by one conditional statement before anything is checked (S10), together with the buckets of
   the name and address it came under (S11, S15).
2. The factor judges with no transaction open.
3. One transaction uses the proof: its conditional change, the interaction's next state, and the record. If the row
   moved, the proof is refused (S13).
4. Then the demand is decided and planned again: the next challenge, the client's answer, or a refusal (S09).
"""

from newel.domain.errors import UnmetAuthenticationRequirements
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.value import dataclass, replace
from newel.factors.base import Reason, Rejected, Verified
from newel.flows.account import Changed, NotChanged, perform
from newel.flows.browser import Held, held_again
from newel.flows.challenge import fresh_challenge, offer, offered_ways, verify
from newel.flows.decide import Person
from newel.flows.finish import Answered, Moved, finish
from newel.flows.grace import or_put_off
from newel.flows.guess import AttemptsSpent, Elsewhere, Resting, reserve
from newel.flows.known import known_person
from newel.flows.leave import used_up
from newel.flows.record import proof_entry
from newel.flows.respond import failure
from newel.flows.shortfall import unmet_words
from newel.flows.sign_in import Nobody, identify
from newel.flows.situate import decided_again
from newel.flows.step import Step, next_step
from newel.services import Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.authenticators import apply_change, mark_used
from newel.storage.sql.interactions import advance_interaction

MOST_NAME = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the page posted: the way (a method's name) and its response.

    `name` is the canonical form (S11) of the name `typed` at a sign-in; `buckets` are canonical names of what the attempt
    counts against, with their limits; `address` is where it came from.
    """

    way: str
    response: str
    name: str = ""
    typed: str = ""
    buckets: tuple[tuple[str, int], ...] = ()
    address: str = ""
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """One proof more: the page of the same interaction shows what."""


@dataclass(frozen=True, slots=True)
class Again:
    """The proof did not hold; nothing changed but the count. `left` tries remain."""

    reason: Reason
    way: str
    left: int


Proof = Answered | Next | Again | Elsewhere | AttemptsSpent | Resting | Changed | NotChanged


async def prove(services: Services, interaction: Interaction, given: Given) -> Proof:
    """Judge one answer and go on from there."""
    now = services.now()
    reserved = await reserve(services, interaction, _buckets(services, interaction, given), now)
    if not isinstance(reserved, int):
        return reserved
    left = services.config.guessing.attempts - reserved
    judged = await _judge(services, interaction, given, now)
    if isinstance(judged, Rejected):
        return await _rejected(services, interaction, given, judged, left, now)
    person, verified = judged
    proven = replace(
        interaction,
        subject=person.subject.id,
        lineage=given.held.session.lineage if given.held and given.held.session.subject == person.subject.id else None,
        evidence=(*interaction.evidence, verified.evidence),
        challenges=interaction.challenges if interaction.decided else (),  # what asks who it is tells of no demand
    )
    return await _proven(services, interaction, proven, person, verified, given, left, now)


def _buckets(services: Services, interaction: Interaction, given: Given) -> tuple[tuple[str, int], ...]:
    """What was given, and the person's own proofs of this method, whichever interaction they are tried in."""
    if interaction.subject is None:
        return given.buckets
    return (*given.buckets, (f"proof:{interaction.subject}:{given.way}", services.config.guessing.per_name))


async def _judge(
    services: Services, interaction: Interaction, given: Given, now: int
) -> tuple[Person, Verified] | Rejected:
    """Who answered and whether the proof holds."""
    if interaction.subject is None or interaction.decided is None:
        found = await identify(services, interaction, given.way, given.response, given.name, now)
        return Rejected(found.reason) if isinstance(found, Nobody) else found
    person = await known_person(services, interaction.subject)
    challenge = next((each for each in interaction.challenges if each.method == given.way), None)
    if person is None or challenge is None:
        return Rejected("malformed")
    asked = tuple(a for key, a in person.authenticators.items() if key in challenge.authenticators)
    verified = await verify(services, interaction, challenge, asked, given.response, now)
    return verified if isinstance(verified, Rejected) else (person, verified)


async def _rejected(
    services: Services, interaction: Interaction, given: Given, rejected: Rejected, left: int, now: int
) -> Again | Elsewhere:
    """Record the failure; a challenge that was answered is spent and makes room for a new one."""
    statements: tuple[Statement, ...] = ()
    spent = next((each for each in interaction.challenges if each.method == given.way and each.secret), None)
    if spent is not None:
        person = await known_person(services, interaction.subject)
        renewed = fresh_challenge(services, interaction, spent, person.authenticators.values() if person else (), now)
        renewed = _with_name(renewed, given.typed)
        statements = (advance_interaction(replace(renewed, revision=interaction.revision + 1), interaction.revision),)
    elif given.typed:
        named = replace(_with_name(interaction, given.typed), revision=interaction.revision + 1)
        statements = (advance_interaction(named, interaction.revision),)
    entry = proof_entry("proof.rejected", now, interaction, way=given.way, reason=rejected.reason)
    outcome = await services.store.commit(Unit(statements, audit=entry, refused=entry))
    if isinstance(outcome, Refused):
        return Elsewhere()
    return Again(rejected.reason, given.way, left)


def _with_name(interaction: Interaction, typed: str) -> Interaction:
    """Keep the name that was typed, so that nobody types it twice."""
    if interaction.request is None or not typed:
        return interaction
    return replace(interaction, request=replace(interaction.request, login_hint=typed[:MOST_NAME]))


async def _proven(
    services: Services,
    interaction: Interaction,
    proven: Interaction,
    person: Person,
    verified: Verified,
    given: Given,
    left: int,
    now: int,
) -> Proof:
    decided, record = await decided_again(services, proven, person, given.address, now)
    held = given.held
    done: Answered | Next | Moved
    while True:  # twice at most: what `held_again` gives has no identifier left that could move
        session = held.session if held else None
        step = next_step(services, decided, person, session, now)
        step = await or_put_off(services, decided, person, session, step, now)
        change = _change(person, verified, now)
        if step.kind == "met" and decided.purpose is Purpose.AUTHORIZE:
            done = await finish(
                services,
                decided,
                person,
                step.where,
                held,
                now,
                record=record,
                change=change,
                revision=interaction.revision,
            )
        elif step.kind == "met":
            return await perform(
                services,
                decided,
                person,
                held,
                now,
                where=step.where,
                record=record,
                revision=interaction.revision,
                proof=change,
            )
        else:
            done = await _advance(services, interaction, decided, step, change, now)
        if not isinstance(done, Moved):
            return done
        if done.what == "proof":
            return Again("code_used", given.way, left)
        if done.what != "session" or held is None:
            return Elsewhere()
        held = await held_again(services, held, now)


def _change(person: Person, verified: Verified, now: int) -> Statement:
    """The conditional update of a proof; a proof that changes nothing still needs its authenticator to exist."""
    subject = person.subject.id
    if verified.change is not None:
        return apply_change(subject, verified.change, now)
    return mark_used(subject, verified.evidence.authenticator, now)


async def _advance(
    services: Services, stored: Interaction, proven: Interaction, step: Step, change: Statement, now: int
) -> Answered | Next | Moved:
    """Keep the proof in the interaction and offer what comes next; refuse where nothing can (S09)."""
    following = replace(proven, revision=stored.revision + 1, challenges=())
    if step.kind == "prove":
        following = offer(services, following, offered_ways(step.where.plan), now)
    elif step.kind == "refused":
        following = replace(following, state=State.REFUSED)
    entry = proof_entry("proof.verified", now, proven, way=proven.evidence[-1].method, next=step.kind)
    over = used_up(following, now) if step.kind == "refused" else ()
    unit = Unit((advance_interaction(following, stored.revision), change, *over), audit=entry, refused=entry)
    outcome = await services.store.commit(unit)
    if isinstance(outcome, Refused):
        return Moved("interaction" if outcome.index == 0 else "proof")
    if step.kind == "refused" and proven.request is not None:
        error = UnmetAuthenticationRequirements(unmet_words(step.where.demanded, step.where.standing))
        return Answered(failure(services, proven.request, error))
    return Next()
