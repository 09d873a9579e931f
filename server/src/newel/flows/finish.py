"""Finish: the requirement is met. One transaction ends the interaction, lifts the session and makes the code.

The session identifier changes when evidence is added (S06); a step-up begins a new refresh family. Every guard of the
transaction is a single use: whoever comes second changes nothing and is told why (S13).
"""

from typing import Literal

from newel.crypto.hashing import secret_hash
from newel.domain.action import Action
from newel.domain.audit import DecisionRecord, Entry
from newel.domain.authorization import AuthorizationRequest
from newel.domain.evidence import Evidence
from newel.domain.grant import CodeGrant, Elevation, Grant
from newel.domain.interaction import Interaction, State
from newel.domain.session import Session
from newel.domain.standing import Standing
from newel.domain.value import dataclass, replace
from newel.flows.browser import Held, activity, awake
from newel.flows.decide import Person, Position, reached_times
from newel.flows.record import decision_entry, proof_entry
from newel.flows.respond import success
from newel.flows.skipped import counted_skips
from newel.services import Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.codes import add_code
from newel.storage.sql.interactions import advance_interaction
from newel.storage.sql.pushed import use_pushed
from newel.storage.sql.sessions import add_session, rotate_session

MOST_EVENTS = 20
ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Answered:
    """The way back to the client, and the session cookie where it changed."""

    location: str
    session_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Another request was first: the interaction was answered, the session lifted, the proof or the skip spent meanwhile."""

    what: Literal["interaction", "proof", "skip", "session", "request"]


@dataclass(frozen=True, slots=True)
class Lifted:
    """What a finished interaction does to the session: statements, the new cookie value if any, its lineage."""

    statements: tuple[Statement, ...]
    lineage: str
    cookie: str | None


async def finish(
    services: Services,
    interaction: Interaction,
    person: Person,
    where: Position,
    held: Held | None,
    now: int,
    *,
    record: DecisionRecord,
    change: Statement | None = None,
    revision: int | None = None,
) -> Answered | Moved:
    """End an authorization interaction with a code.

    `change` is the conditional update of the last proof; `revision` the stored revision, None where the interaction
    never was stored because nothing had to be asked. An interaction whose pushed request was answered elsewhere is over.
    """
    request = _request(interaction)
    lifted = lift(services, interaction, person, held, now)
    code_id, secret = services.new_id(), services.secret()
    grant = _grant(services, interaction, person, where, lifted.lineage, now)
    location = success(services, request, f"{code_id}.{secret}")
    guards: list[tuple[str, Statement]] = []
    if revision is not None:
        done = replace(
            interaction,
            state=State.DONE,
            revision=revision + 1,
            challenges=(),
            answer=services.seal(ANSWER, location.encode(), interaction.id),
            answered_at=now,
        )
        guards.append(("interaction", advance_interaction(done, revision)))
    if change is not None:
        guards.append(("proof", change))
    guards.extend(("skip", each) for each in counted_skips(interaction, person, where.skipped, now))
    guards.extend(("session", statement) for statement in lifted.statements)
    if request.pushed is not None:
        guards.append(("request", use_pushed(request.pushed, now)))
    guards.append(("session", add_code(code_id, secret_hash(secret), grant, now + services.config.lives.code)))
    outcome = await services.store.commit(
        Unit(
            tuple(statement for _, statement in guards),
            audit=_entry(interaction, where, record, now),
            refused=proof_entry("authorize.moved", now, interaction),
        )
    )
    if isinstance(outcome, Refused):
        if guards[outcome.index][0] == "request" and revision is not None:
            over = replace(interaction, state=State.REFUSED, revision=revision + 1, challenges=())
            await services.store.commit(Unit((advance_interaction(over, revision),)))
        return Moved(guards[outcome.index][0])  # type: ignore[arg-type]  # the names above are the literals
    return Answered(location, lifted.cookie)


def _entry(interaction: Interaction, where: Position, record: DecisionRecord, now: int) -> Entry:
    """The record of the end: met, or ended below a demand that was skipped."""
    how: Literal["met", "skipped"] = "skipped" if where.skipped else "met"
    reached = replace(record, outcome=how, reached=reached_times(where.standing), skipped=where.skipped)
    return decision_entry(f"authorize.{how}", now, interaction, reached, fallen=where.fallen)


def lift(services: Services, interaction: Interaction, person: Person, held: Held | None, now: int) -> Lifted:
    """Add what was proven to the session that is held, or begin one. Nothing proven: only its activity is noted.

    Whoever shows the identifier before the last rotation gains nothing from it: what is proven there begins a session
    of its own (S06).
    """
    proven, subject = interaction.evidence, person.subject.id
    mine = held if held is not None and held.session.subject == subject else None
    if mine is not None and not proven:
        return Lifted(activity(mine, now), mine.session.lineage, None)
    secret = services.secret()
    if mine is not None and mine.session.current:
        lineage = mine.session.lineage
        merged = newest((*awake(mine.session, now), *proven))
        rotate = rotate_session(lineage, mine.row.secret_hash, secret_hash(secret), merged, now)
        return Lifted((rotate,), lineage, f"{lineage}.{secret}")
    session = Session(
        lineage=services.new_id(),
        subject=subject,
        created_at=now,
        active_at=now,
        expires_at=now + services.config.lives.session,
        evidence=newest(proven),
    )
    return Lifted((add_session(session, secret_hash(secret)),), session.lineage, f"{session.lineage}.{secret}")


def newest(events: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The newest event of each authenticator, oldest first: an older one of the same can reach nothing more."""
    latest: dict[str, Evidence] = {}
    for event in sorted(events, key=lambda event: event.at):
        latest[event.authenticator] = event
    return tuple(sorted(latest.values(), key=lambda event: event.at))[-MOST_EVENTS:]


def _request(interaction: Interaction) -> AuthorizationRequest:
    if interaction.request is None:
        raise ValueError("only an authorization interaction ends with a code")
    return interaction.request


def _grant(
    services: Services, interaction: Interaction, person: Person, where: Position, lineage: str, now: int
) -> CodeGrant:
    request, decided = _request(interaction), interaction.decided
    counted = _as_counted(where.standing)
    grant = Grant(
        family=services.new_id(),
        subject=person.subject.id,
        client_id=request.client_id,
        session=lineage,
        scope=request.scope,
        audience=request.audience,
        evidence=newest(counted),
        issued_at=now,
        acr_values=request.acr_values,
        max_age=request.max_age or None,
        interaction=interaction.id,
        elevation=_elevation(interaction.action, counted),
        claims_userinfo=request.claims_userinfo,
        claims_id_token=request.claims_id_token,
    )
    return CodeGrant(
        grant=grant,
        redirect_uri=request.redirect_uri,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        policy=decided.policy if decided else "",
        facts=decided.facts if decided else {},
        life=where.demanded.session.life,
    )


def _as_counted(standing: Standing) -> tuple[Evidence, ...]:
    """The events as they count now: a class that lapsed while the session lay idle does not come back in a token."""
    now, active_at = standing.now, standing.active_at
    return tuple(replace(event, rested=max(event.rested, now - max(active_at, event.at))) for event in standing.counted)


def _elevation(action: Action | None, events: tuple[Evidence, ...]) -> Elevation | None:
    if action is None:
        return None
    digest = action.digest()
    kinds = {event.binding.kind for event in events if event.binding is not None and event.binding.digest == digest}
    return Elevation(action=action, digest=digest, binding="signed" if "signed" in kinds else "confirmed")
