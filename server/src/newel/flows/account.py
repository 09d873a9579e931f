"""Account: a person's own authenticators: add, rename, remove, confirm. Each needs a proof at least as strong, fresh (S05)."""

from typing import Literal

from newel.crypto.hashing import secret_hash
from newel.domain.audit import DecisionRecord, Entry
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Decided, Interaction, Purpose, State
from newel.domain.plan import AUTHORISES
from newel.domain.requirement import Requirement, require
from newel.domain.standing import Standing, missing
from newel.domain.value import dataclass, replace
from newel.flows.browser import Held
from newel.flows.challenge import offer, offer_anyone, offered_ways
from newel.flows.decide import Person, Position, reached_times, reasons_of
from newel.flows.finish import lift
from newel.flows.known import known_person
from newel.flows.own import ADD, ENTER, OPEN, decide_own, opens
from newel.flows.record import decision_entry
from newel.flows.skipped import counted_skips
from newel.flows.step import REACHES, Step, change_requirement, has_other_kind, next_step, own_floor
from newel.services import Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.authenticators import remove, rename, settle
from newel.storage.sql.interactions import add_interaction, advance_interaction

ADDABLE = ("passkey", "security_key", "totp", "recovery_code", "password")
Act = Literal["removed", "renamed", "confirmed", "opened"]


@dataclass(frozen=True, slots=True)
class Begun:
    """The interaction at whose page the change goes on."""

    interaction: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done to which authenticator; the session cookie where it changed."""

    act: Act
    name: str
    session_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class NotChanged:
    """Why nothing was done.

    `because` are the reasons of the rules where the policy denies it, and the parts of its demand that cannot be given yet.
    """

    why: Literal["unknown", "last_way", "impossible", "moved", "denied", "not_yet"]
    name: str = ""
    because: tuple[str, ...] = ()


async def begin_change(
    services: Services, held: Held, browser: str, change: str, locale: str, *, address: str
) -> Begun | Changed | NotChanged:
    """Begin a change: `add:METHOD`, `remove:ID`, `rename:ID:NAME` or `confirm:ID`. Done at once where nothing is asked."""
    now = services.now()
    person = await known_person(services, held.session.subject)
    if person is None:
        return NotChanged("unknown")
    target = _target(person, change)
    if fault := _fault(person, change, target):
        return fault
    floor = _floor(services, person, change, target, now)
    if floor.denied:
        return NotChanged("impossible")
    decided, record = decide_own(services, person, change, own_floor(floor), address=address, now=now)
    interaction = _held_interaction(services, held, person, browser, change, decided, locale, now)
    step = next_step(services, interaction, person, held.session, now)
    if step.kind == "met":
        return await perform(services, interaction, person, held, now, where=step.where, record=record, revision=None)
    return await _ask(services, interaction, step, record, now)


async def enter(
    services: Services, held: Held, person: Person, browser: str, locale: str, *, address: str
) -> Begun | NotChanged | None:
    """What stands between a person who is signed in and their own account; None where nothing does."""
    now = services.now()
    decided, record = decide_own(services, person, ENTER, None, address=address, now=now)
    interaction = _held_interaction(services, held, person, browser, ENTER, decided, locale, now)
    step = next_step(services, interaction, person, held.session, now)
    return None if step.where.plan.met else await _ask(services, interaction, step, record, now)


def _held_interaction(
    services: Services, held: Held, person: Person, browser: str, change: str, decided: Decided, locale: str, now: int
) -> Interaction:
    return Interaction(
        id=services.new_id(),
        purpose=Purpose.ACCOUNT,
        browser_hash=secret_hash(browser),
        created_at=now,
        expires_at=now + services.config.lives.interaction,
        change=change,
        subject=person.subject.id,
        lineage=held.session.lineage,
        decided=decided,
        locale=locale,
    )


async def _ask(
    services: Services, interaction: Interaction, step: Step, record: DecisionRecord, now: int
) -> Begun | NotChanged:
    """Keep the interaction at whose page the person is asked, or record that it is refused."""
    where = step.where
    reached = replace(record, reached=reached_times(where.standing))
    if step.kind == "refused":
        refusal = replace(reached, outcome="refused")
        await services.store.commit(Unit(audit=decision_entry("account.refused", now, interaction, refusal)))
        return refused(interaction.decided)
    if step.kind == "prove":
        interaction = offer(services, interaction, offered_ways(where.plan), now)
    entry = decision_entry("account.asked", now, interaction, reached, fallen=where.fallen)
    await services.store.commit(Unit((add_interaction(interaction),), audit=entry))
    return Begun(interaction.id)


def refused(decided: Decided | None) -> NotChanged:
    """Why an account interaction whose demand cannot be met ends: what code alone refuses is never begun."""
    if decided is None:
        return NotChanged("impossible")
    demanded = decided.requirement
    if demanded.denied:
        return NotChanged("denied", because=tuple(reason.because for reason in reasons_of(decided)))
    short = missing(demanded, Standing(now=0, active_at=0))
    parts = {
        "approve": short.approve,
        "entitle": short.entitle,
        "meter": short.meter,
        "session": short.session.key_bound,
    }
    not_yet = tuple(name for name, demands in parts.items() if demands)
    return NotChanged("not_yet", because=not_yet) if not_yet else NotChanged("impossible")


async def open_account(services: Services, browser: str, locale: str) -> str:
    """Begin a sign-in to the house itself; the id of its interaction."""
    now = services.now()
    blank = Interaction(
        id=services.new_id(),
        purpose=Purpose.ACCOUNT,
        browser_hash=secret_hash(browser),
        created_at=now,
        expires_at=now + services.config.lives.interaction,
        change=OPEN,
        locale=locale,
    )
    interaction = offer_anyone(services, blank, now)
    entry = Entry(kind="account.who", at=now, body={"interaction": interaction.id})
    await services.store.commit(Unit((add_interaction(interaction),), audit=entry))
    return interaction.id


async def perform(
    services: Services,
    interaction: Interaction,
    person: Person,
    held: Held | None,
    now: int,
    *,
    where: Position,
    record: DecisionRecord,
    revision: int | None,
    proof: Statement | None = None,
) -> Changed | NotChanged:
    """Do the change that an interaction was begun for, in the transaction that uses its last proof.

    `where` is how its demand is met; what of it the person put off to come in is counted.
    """
    target = _target(person, interaction.change)
    if not opens(interaction.change) and (fault := _fault(person, interaction.change, target)):
        return fault
    statements: list[Statement] = []
    if revision is not None:
        done = replace(interaction, state=State.DONE, revision=revision + 1, challenges=())
        statements.append(advance_interaction(done, revision))
    if proof is not None:
        statements.append(proof)
    statements.extend(counted_skips(interaction, person, where.skipped, now))
    lifted = lift(services, interaction, person, held, now)
    statements.extend(lifted.statements)
    act, changes = _changes(person, interaction.change, target)
    entry = _entry(f"account.{act}", interaction, where, record, target, now)
    outcome = await services.store.commit(Unit((*statements, *changes), audit=entry, refused=entry))
    if isinstance(outcome, Refused):
        return NotChanged("moved")
    return Changed(act, target.name if target else "", lifted.cookie)


def _entry(
    kind: str, interaction: Interaction, where: Position, record: DecisionRecord, target: Authenticator | None, now: int
) -> Entry:
    """The record of what was done: the decision, how it was met, and which authenticator it was about."""
    how = "skipped" if where.skipped else "met"
    done = replace(record, outcome=how, reached=reached_times(where.standing), skipped=where.skipped)
    entry = decision_entry(kind, now, interaction, done, fallen=where.fallen)
    put_off = {"skipped": list(where.skipped)} if where.skipped else {}
    return replace(entry, body={**entry.body, "authenticator": target.id if target else None, **put_off})


def _target(person: Person, change: str) -> Authenticator | None:
    return person.authenticators.get(change.split(":", 2)[1]) if ":" in change else None


def _fault(person: Person, change: str, target: Authenticator | None) -> NotChanged | None:
    if change.startswith(ADD):
        return None if change.removeprefix(ADD) in ADDABLE else NotChanged("unknown")
    if target is None:
        return NotChanged("unknown")
    if change.startswith("remove:") and not has_other_kind(person, target):
        return NotChanged("last_way", target.name)
    return None


def _floor(services: Services, person: Person, change: str, target: Authenticator | None, now: int) -> Requirement:
    """What the code demands, whatever a policy says (S05, S25)."""
    removed = target if change.startswith("remove:") else None
    requirement = change_requirement(person, services.classes, now, removed)
    if change.startswith("confirm:") and target is not None:
        requirement = require({REACHES[target.method]: AUTHORISES}, classes=services.classes)
    return requirement


def _changes(person: Person, change: str, target: Authenticator | None) -> tuple[Act, tuple[Statement, ...]]:
    subject = person.subject.id
    if target is None:
        return "opened", ()
    if change.startswith("remove:"):
        return "removed", remove(subject, target.id)
    if change.startswith("confirm:"):
        return "confirmed", (settle(subject, target.id),)
    return "renamed", (rename(subject, target.id, change.split(":", 2)[2]),)


def signed_out_entry(lineage: str, subject: str, now: int) -> Entry:
    """The record of a sign-out."""
    return Entry(kind="session.ended", at=now, body={"session": lineage}, personal={"subject": subject})
