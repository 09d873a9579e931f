"""Account: a person's own authenticators: add, rename, remove, confirm. Each needs a proof at least as strong, fresh (S05)."""

from typing import Literal

from newel.crypto.hashing import secret_hash
from newel.domain.audit import Entry
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Decided, Interaction, Purpose, State
from newel.domain.plan import AUTHORISES
from newel.domain.requirement import require
from newel.domain.value import dataclass, replace
from newel.flows.browser import Held
from newel.flows.challenge import offer, offer_anyone, offered_ways
from newel.flows.decide import Person, described
from newel.flows.finish import lift
from newel.flows.known import known_person
from newel.flows.record import decision_entry, proof_entry
from newel.flows.skipped import counted_skips
from newel.flows.step import ADD, OPEN, REACHES, change_reason, change_requirement, has_other_kind, next_step
from newel.services import Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.authenticators import remove, rename, settle
from newel.storage.sql.interactions import add_interaction, advance_interaction

ADDABLE = ("passkey", "security_key", "totp", "recovery_code", "password")
FLOOR = "account-floor"
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
    """Why nothing was done."""

    why: Literal["unknown", "last_way", "impossible", "moved"]
    name: str = ""


async def begin_change(
    services: Services, held: Held, browser: str, change: str, locale: str
) -> Begun | Changed | NotChanged:
    """Begin a change: `add:METHOD`, `remove:ID`, `rename:ID:NAME` or `confirm:ID`. Done at once where nothing is asked."""
    now = services.now()
    person = await known_person(services, held.session.subject)
    if person is None:
        return NotChanged("unknown")
    target = _target(person, change)
    if fault := _fault(person, change, target):
        return fault
    interaction = Interaction(
        id=services.new_id(),
        purpose=Purpose.ACCOUNT,
        browser_hash=secret_hash(browser),
        created_at=now,
        expires_at=now + services.config.lives.interaction,
        change=change,
        subject=person.subject.id,
        lineage=held.session.lineage,
        decided=_demand(services, person, change, target, now),
        locale=locale,
    )
    step = next_step(services, interaction, person, held.session, now)
    if step.kind == "met":
        return await perform(services, interaction, person, held, now, revision=None)
    if step.kind == "refused":
        return NotChanged("impossible")
    if step.kind == "prove":
        interaction = offer(services, interaction, offered_ways(step.where.plan), now)
    entry = decision_entry("account.asked", now, interaction, described(interaction))
    await services.store.commit(Unit((add_interaction(interaction),), audit=entry))
    return Begun(interaction.id)


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
    revision: int | None,
    proof: Statement | None = None,
    skipped: tuple[str, ...] = (),
) -> Changed | NotChanged:
    """Do the change that an interaction was begun for, in the transaction that uses its last proof.

    `skipped` are the rules whose demand the person put off to come in.
    """
    target = _target(person, interaction.change)
    if interaction.change != OPEN and (fault := _fault(person, interaction.change, target)):
        return fault
    statements: list[Statement] = []
    if revision is not None:
        done = replace(interaction, state=State.DONE, revision=revision + 1, challenges=())
        statements.append(advance_interaction(done, revision))
    if proof is not None:
        statements.append(proof)
    statements.extend(counted_skips(interaction, person, skipped, now))
    lifted = lift(services, interaction, person, held, now)
    statements.extend(lifted.statements)
    act, changes = _changes(person, interaction.change, target)
    put_off = {"skipped": list(skipped)} if skipped else {}
    entry = proof_entry(f"account.{act}", now, interaction, authenticator=target.id if target else None, **put_off)
    outcome = await services.store.commit(Unit((*statements, *changes), audit=entry, refused=entry))
    if isinstance(outcome, Refused):
        return NotChanged("moved")
    return Changed(act, target.name if target else "", lifted.cookie)


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


def _demand(services: Services, person: Person, change: str, target: Authenticator | None, now: int) -> Decided:
    removed = target if change.startswith("remove:") else None
    requirement = change_requirement(person, services.classes, now, removed)
    if change.startswith("confirm:") and target is not None:
        requirement = require({REACHES[target.method]: AUTHORISES}, classes=services.classes)
    return Decided(requirement=requirement, policy=FLOOR, reasons=(change_reason(change),))


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
