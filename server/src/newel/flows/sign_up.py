"""Sign-up: a one-time address, a password, and at once a second way if the person wants one.

Opening the address changes nothing. It is spent in the transaction that stores the password; what is enrolled in the
same interaction settles at once (S25).
"""

from newel.crypto.hashing import secret_hash
from newel.domain.interaction import Interaction, Purpose, State
from newel.domain.value import dataclass, replace
from newel.factors.base import Reason, Rejected
from newel.flows.browser import Held
from newel.flows.decide import Person
from newel.flows.enrol import begin_enrolment, confirm_enrolment, enrolled_entry, read_draft
from newel.flows.finish import lift
from newel.flows.known import known_person
from newel.services import Services, split_token
from newel.storage.base import Refused, Unit
from newel.storage.sql.authenticators import nothing_enrolled
from newel.storage.sql.interactions import add_interaction, advance_interaction
from newel.storage.sql.subjects import SignUp, spend_sign_up
from newel.storage.sql.subjects import sign_up as sign_up_query

PASSWORD, SECOND = "password", "second"


@dataclass(frozen=True, slots=True)
class PasswordRefused:
    """Why the password was not taken."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class AddressSpent:
    """The one-time address was used or ran out meanwhile."""


async def open_address(services: Services, token: str, now: int) -> tuple[SignUp, Person] | None:
    """The living sign-up behind an address, and whose it is. Changes nothing.

    A subject that has an authenticator is no new person: an address never takes over an account (S25).
    """
    parts = split_token(token)
    found = await services.store.one(sign_up_query(parts[0])) if parts else None
    if parts is None or found is None or found.spent_at is not None or found.expires_at <= now:
        return None
    person = await known_person(services, found.subject) if found.secret_hash == parts[1] else None
    return (found, person) if person is not None and not person.authenticators else None


async def address_of(services: Services, interaction: Interaction) -> SignUp | None:
    """The sign-up address whose password an interaction chooses."""
    return await services.store.one(sign_up_query(interaction.change.partition(":")[2]))


async def begin_sign_up(services: Services, sign_up: SignUp, person: Person, browser: str, locale: str) -> Interaction:
    """The interaction in which the person of an address chooses a password."""
    now = services.now()
    interaction = Interaction(
        id=services.new_id(),
        purpose=Purpose.SIGN_UP,
        browser_hash=secret_hash(browser),
        created_at=now,
        expires_at=now + services.config.lives.interaction,
        subject=person.subject.id,
        change=f"{PASSWORD}:{sign_up.id}",
        locale=locale,
    )
    await services.store.commit(Unit((add_interaction(interaction),)))
    begun = await begin_enrolment(services, interaction, person, PASSWORD, now)
    return begun[0] if begun else interaction


async def choose_password(
    services: Services, interaction: Interaction, sign_up: SignUp, password: str
) -> Interaction | PasswordRefused | AddressSpent:
    """Store the password and spend the address; the interaction goes on to the second way.

    Of several addresses of one person, one becomes an account: the password is the first thing enrolled, or nothing is.
    """
    now = services.now()
    person = await known_person(services, interaction.subject)
    draft = read_draft(services, interaction, PASSWORD)
    if person is None or draft is None:
        return AddressSpent()
    confirmed = await confirm_enrolment(
        services, interaction, person, draft, password, name="Password", ceiling=None, now=now
    )
    if isinstance(confirmed, Rejected):
        return PasswordRefused(confirmed.reason)
    moved = replace(
        confirmed.interaction,
        change=SECOND,
        revision=interaction.revision + 1,
        expires_at=now + services.config.lives.interaction,
    )
    entry = enrolled_entry(interaction, confirmed.authenticator, now)
    spend = spend_sign_up(sign_up.id, sign_up.secret_hash, now)
    first = nothing_enrolled(person.subject.id)
    unit = Unit(
        (spend, first, advance_interaction(moved, interaction.revision), *confirmed.statements),
        audit=entry,
        refused=entry,
    )
    outcome = await services.store.commit(unit)
    return AddressSpent() if isinstance(outcome, Refused) else moved


async def end_sign_up(services: Services, interaction: Interaction, held: Held | None) -> str | None:
    """Leave the sign-up signed in: the value of the new session's cookie; None if it moved meanwhile."""
    now = services.now()
    person = await known_person(services, interaction.subject)
    if person is None:
        return None
    done = replace(interaction, state=State.DONE, revision=interaction.revision + 1)
    lifted = lift(services, interaction, person, held, now)
    outcome = await services.store.commit(Unit((advance_interaction(done, interaction.revision), *lifted.statements)))
    return None if isinstance(outcome, Refused) else lifted.cookie
