"""Sign-in: who answers, when nobody is known yet. Neither text nor time tells whether a name exists (S31)."""

from newel.crypto.hashing import Busy, verify_nothing
from newel.domain.interaction import Challenge, Interaction
from newel.domain.method import PASSWORD
from newel.domain.value import dataclass
from newel.factors.base import Reason, Rejected, Verified
from newel.factors.table import FACTORS
from newel.factors.webauthn import unverified_subject
from newel.flows.challenge import context, verify
from newel.flows.decide import Person
from newel.flows.known import known_person
from newel.services import Services
from newel.storage.sql.subjects import subject_by_name


@dataclass(frozen=True, slots=True)
class Nobody:
    """No subject proved itself, and why, in the words of the factors."""

    reason: Reason


async def identify(
    services: Services, interaction: Interaction, way: str, response: str, canonical: str, now: int
) -> tuple[Person, Verified] | Nobody:
    """The subject that a name and password, or a passkey, prove. `canonical` is the name's canonical form (S11)."""
    if way == PASSWORD.name:
        return await _by_password(services, interaction, canonical, response, now)
    challenge = next((each for each in interaction.challenges if each.method == way), None)
    if challenge is None:
        return Nobody("malformed")
    return await _by_passkey(services, interaction, challenge, response, now)


async def _by_password(
    services: Services, interaction: Interaction, canonical: str, password: str, now: int
) -> tuple[Person, Verified] | Nobody:
    found = await services.store.one(subject_by_name(canonical)) if canonical else None
    person = await known_person(services, found.id if found else None)
    pinned = interaction.subject is None or (person is not None and person.subject.id == interaction.subject)
    mine = [a for a in person.authenticators.values() if a.method == PASSWORD.name] if person and pinned else []
    if person is None or not mine:
        nothing = await services.pool.run(verify_nothing, password)
        return Nobody("busy" if isinstance(nothing, Busy) else "wrong_password")
    told = context(services, interaction, now)
    challenge = FACTORS[PASSWORD.name].challenge(told, tuple(mine)).challenge
    verified = await verify(services, interaction, challenge, tuple(mine), password, now)
    return Nobody(verified.reason) if isinstance(verified, Rejected) else (person, verified)


async def _by_passkey(
    services: Services, interaction: Interaction, challenge: Challenge, response: str, now: int
) -> tuple[Person, Verified] | Nobody:
    person = await known_person(services, unverified_subject(response))
    if person is None or interaction.subject not in {None, person.subject.id}:
        return Nobody("unknown_credential")
    mine = tuple(a for a in person.authenticators.values() if a.how.signs)
    verified = await verify(services, interaction, challenge, mine, response, now)
    return Nobody(verified.reason) if isinstance(verified, Rejected) else (person, verified)
