"""Step: where an interaction with a known subject stands and what comes next. Computed anew each time, never stored."""

from typing import Literal

from newel.domain.assurance import Classes
from newel.domain.audit import DecisionRecord
from newel.domain.authorization import Prompt
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Decided, Interaction, Purpose, Reason
from newel.domain.method import Kind
from newel.domain.plan import AUTHORISES, authority
from newel.domain.requirement import DENY, Requirement, require
from newel.domain.session import Session
from newel.domain.standing import Standing
from newel.domain.value import dataclass, replace
from newel.flows.decide import Person, Position, position, stand
from newel.flows.own import ADD, decide_own, opens
from newel.flows.skipped import put_off
from newel.services import Services

FLOOR = "account-floor"
"""The reason of what the code demands."""
REACHES = {"passkey": "phr", "security_key": "phr", "totp": "aal2", "password": "aal2", "recovery_code": "recovery"}
"""The strongest class that an authenticator of each method can reach or complete."""


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: finish, prove one more thing, enrol a method, or nothing (it cannot be met, or only put off).

    `tell`: a fallback is met and nobody has said so to the person, who goes on by one press.
    """

    kind: Literal["met", "tell", "prove", "enrol", "put_off", "refused"]
    where: Position
    method: str = ""


def next_step(services: Services, interaction: Interaction, person: Person, session: Session | None, now: int) -> Step:
    """The next step of an authorization or account interaction whose subject is known and which was decided."""
    decided = interaction.decided or Decided(requirement=DENY, policy="")
    if interaction.purpose is Purpose.ACCOUNT:
        return _account_step(services, interaction, person, session, now)
    standing = stand(services, person, interaction, session, now)
    where = position(interaction.request, decided, standing, interaction=interaction.id)
    if where.plan.met:
        return Step("tell" if untold(interaction, where) else "met", where)
    if interaction.skipped and (lesser := _lesser(interaction, standing)):
        return lesser
    if where.plan.steps:
        return Step("prove", where)
    if where.plan.enrol:
        return _first_enrolment(services, interaction, person, session, now, where.plan.enrol)
    return Step("refused", where)


def untold(interaction: Interaction, where: Position) -> bool:
    """Whether a fallback is met that no page of this interaction spoke of (S09): one that asks for a proof does.

    Where the client wants no page there is none, and the record alone says it.
    """
    silent = interaction.request is not None and Prompt.NONE in interaction.request.prompt
    return where.fallen and not interaction.challenges and not silent


def _lesser(interaction: Interaction, standing: Standing) -> Step | None:
    """The step towards what is left where something is put off; None where that cannot be met any more."""
    where = put_off(interaction, standing)
    if where is None or not (where.plan.met or where.plan.steps):
        return None
    return Step("met" if where.plan.met else "prove", where)


def _account_step(
    services: Services, interaction: Interaction, person: Person, session: Session | None, now: int
) -> Step:
    decided = interaction.decided or Decided(requirement=DENY, policy="")
    only_settled = person if opens(interaction.change) else settled(person)
    standing = stand(services, only_settled, interaction, session, now)
    where = position(None, decided, standing, interaction=interaction.id)
    if not where.plan.met and interaction.skipped and (lesser := _lesser(interaction, standing)):
        return lesser
    if not where.plan.met:
        return Step("prove" if where.plan.steps else "refused", where)
    if interaction.change.startswith(ADD):
        return Step("enrol", where, interaction.change.removeprefix(ADD))
    return Step("tell" if untold(interaction, where) else "met", where)


def _first_enrolment(
    services: Services,
    interaction: Interaction,
    person: Person,
    session: Session | None,
    now: int,
    methods: tuple[str, ...],
) -> Step:
    """The step towards the first of these methods that may be enrolled."""
    steps = (_enrol_step(services, interaction, person, session, now, method) for method in methods)
    first = next(steps)
    return first if first.kind != "refused" else next((each for each in steps if each.kind != "refused"), first)


def _enrol_step(
    services: Services, interaction: Interaction, person: Person, session: Session | None, now: int, method: str
) -> Step:
    """Enrolling inside a step-up: first the proof that allows it (S05, and the policy in force), then the new
    authenticator (S25).
    """
    facts = interaction.decided.facts if interaction.decided else {}
    told = facts.get("client.ip")
    allowing, _ = decide_enrolment(services, person, method, address=told if isinstance(told, str) else None, now=now)
    only_settled = settled(person)
    where = position(
        None, allowing, stand(services, only_settled, interaction, session, now), interaction=interaction.id
    )
    if where.plan.met:
        return Step("enrol", where, method)
    return Step("prove" if where.plan.steps else "refused", where)


def decide_enrolment(
    services: Services, person: Person, method: str, *, address: str | None, now: int
) -> tuple[Decided, DecisionRecord]:
    """What adding an authenticator inside a step-up demands: as at the account page, by the policy in force."""
    floor = own_floor(change_requirement(settled(person), services.classes, now))
    return decide_own(services, person, f"{ADD}{method}", floor, address=address, now=now)


def settled(person: Person) -> Person:
    """The person with settled authenticators only: the ones that may allow a change of credentials (S05)."""
    return replace(person, authenticators={key: each for key, each in person.authenticators.items() if each.settled})


def change_requirement(person: Person, classes: Classes, now: int, removed: Authenticator | None = None) -> Requirement:
    """What a change of credentials demands: the strongest class the settled authenticators reach, 5 minutes fresh.

    An unsettled authenticator (`removed`) can be removed at the class that authorised it.
    """
    if removed is not None and removed.ceiling is not None:
        return require({removed.ceiling: AUTHORISES}, classes=classes)
    strongest = authority(person.authenticators.values(), now=now, classes=classes)
    return DENY if strongest is None else require({strongest: AUTHORISES}, classes=classes)


def ceiling(
    services: Services, interaction: Interaction, person: Person, session: Session | None, method: str, now: int
) -> str | None:
    """The class a new authenticator counts as at most (S25); None where what authorised it covers all it can reach."""
    if interaction.purpose is Purpose.SIGN_UP:
        return None
    standing = stand(services, settled(person), replace(interaction, request=None), session, now)
    fresh = [name for name, proof in standing.reached().items() if now - proof.at <= AUTHORISES]
    strongest = services.classes.strongest(fresh) or "aal1"
    return None if REACHES[method] in services.classes.counts_as(strongest) | {"recovery"} else strongest


def own_floor(requirement: Requirement) -> Decided:
    """What the code demands for a change, which no policy lowers; its sentence is the pages' own."""
    return Decided(requirement=requirement, policy="", reasons=(Reason(FLOOR, ""),))


def has_other_kind(person: Person, authenticator: Authenticator) -> bool:
    """Whether the person could still sign in without `authenticator`."""
    return any(
        each.id != authenticator.id and each.how.kind is not Kind.RECOVERY and each.method != "totp"
        for each in person.authenticators.values()
    )
