"""Enrol: a new authenticator, half made in a sealed draft until it is confirmed (S05, S25).

An unconfirmed authenticator does not exist for any check: its draft lies in the interaction and nowhere else.
"""

from typing import Any

import msgspec

from newel.crypto.hashing import Busy
from newel.domain.audit import DecisionRecord, Entry
from newel.domain.change import ReplaceMaterial
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Interaction
from newel.domain.method import PASSWORD, RECOVERY_CODE
from newel.domain.value import dataclass, replace
from newel.factors.base import Account, Confirmed, Rejected
from newel.factors.recovery_code import code_hashes
from newel.factors.table import FACTORS, sealed
from newel.factors.webauthn import credential_id
from newel.flows.challenge import context
from newel.flows.decide import Person
from newel.flows.record import decision_entry, proof_entry
from newel.services import NONCE_BYTES, Services
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.authenticators import add_authenticator, add_recovery_codes, apply_change, remove
from newel.storage.sql.interactions import advance_interaction

DRAFT = "draft"
ONE_EACH = frozenset({PASSWORD.name, RECOVERY_CODE.name})


class Draft(msgspec.Struct, array_like=True, frozen=True):
    """A half-made authenticator: its method, what its page shows, and the factor's secret part."""

    method: str
    public: dict[str, Any]
    secret: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A confirmed authenticator, with the statements that store it, and the interaction that has its evidence."""

    interaction: Interaction
    authenticator: Authenticator
    statements: tuple[Statement, ...]


def account_of(person: Person) -> Account:
    """The account as factors see it."""
    subject = person.subject
    return Account(
        id=subject.id, name=subject.name, display=subject.display, authenticators=tuple(person.authenticators.values())
    )


def read_draft(services: Services, interaction: Interaction, method: str) -> Draft | None:
    """The draft of `method` in an interaction; None where there is none."""
    if not interaction.draft:
        return None
    draft = msgspec.msgpack.decode(
        services.vault.open(DRAFT, interaction.draft, associated=(interaction.id,)), type=Draft
    )
    return draft if draft.method == method else None


async def begin_enrolment(
    services: Services, interaction: Interaction, person: Person, method: str, now: int
) -> tuple[Interaction, Draft] | None:
    """The draft of `method`, begun now unless it already lies there; None if the interaction moved meanwhile."""
    existing = read_draft(services, interaction, method)
    if existing is not None:
        return interaction, existing
    enrolment = FACTORS[method].enrol(context(services, interaction, now), account_of(person))
    draft = Draft(method, dict(enrolment.public), enrolment.draft)
    kept = replace(
        interaction,
        draft=services.seal(DRAFT, msgspec.msgpack.encode(draft), interaction.id),
        revision=interaction.revision + 1,
    )
    outcome = await services.store.commit(Unit((advance_interaction(kept, interaction.revision),)))
    return None if isinstance(outcome, Refused) else (kept, draft)


async def confirm_enrolment(
    services: Services,
    interaction: Interaction,
    person: Person,
    draft: Draft,
    response: str,
    *,
    name: str,
    ceiling: str | None,
    now: int,
) -> Enrolled | Rejected:
    """Let the factor judge the response. Nothing is stored here."""
    factor = FACTORS[draft.method]
    told, account = context(services, interaction, now), account_of(person)
    new_id = services.new_id()

    def confirm() -> Confirmed | Rejected:
        return factor.confirm(told, account, draft.secret, response, authenticator_id=new_id, name=name)

    judged = await services.pool.run(confirm) if factor.slow else confirm()
    if isinstance(judged, Busy):
        return Rejected("busy")
    if isinstance(judged, Rejected):
        return judged
    new = replace(judged.authenticator, ceiling=ceiling)
    stored = sealed(new, services.vault, nonce=services.random(NONCE_BYTES))
    statements = _stored(person, stored, credential_id(new.material) if new.how.signs else None, now)
    if new.method == RECOVERY_CODE.name:
        statements += add_recovery_codes(new.id, code_hashes(new.material))
    proven = (judged.evidence,) if judged.evidence is not None else ()
    return Enrolled(replace(interaction, draft=b"", evidence=(*interaction.evidence, *proven)), stored, statements)


def _stored(person: Person, new: Authenticator, credential: bytes | None, now: int) -> tuple[Statement, ...]:
    """A new password takes the place of the old one, new recovery codes that of the old ones; all else is added."""
    old = next((each for each in person.authenticators.values() if each.method == new.method), None)
    if old is None or new.method not in ONE_EACH:
        return add_authenticator(new, credential)
    if new.method == PASSWORD.name:
        return (apply_change(new.subject, ReplaceMaterial(old.id, old.material, new.material), now),)
    return (*remove(new.subject, old.id), *add_authenticator(new, credential))


def enrolled_entry(
    interaction: Interaction,
    new: Authenticator,
    now: int,
    record: DecisionRecord | None = None,
    *,
    fallen: bool = False,
) -> Entry:
    """The record of a new authenticator, of the class it counts as at most, and of the decision that allowed it."""
    kind, body = "authenticator.added", {"way": new.method, "ceiling": new.ceiling}
    if record is None:
        return proof_entry(kind, now, interaction, **body)
    entry = decision_entry(kind, now, interaction, record, fallen=fallen)
    return replace(entry, body={**entry.body, **body})
