"""Challenge: what an interaction asks now, and whether an answer holds.

1. `offer` makes the challenges of a plan's first step and its alternatives; making one sends nothing.
2. `verify` lets the factor judge an answer. Nothing is changed here: the conditional change comes back as data and is
   applied in the transaction that uses the evidence.
"""

from collections.abc import Iterable

from newel.crypto.hashing import Busy
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Challenge, Interaction
from newel.domain.plan import Plan, Way
from newel.domain.value import replace
from newel.factors.base import Context, Rejected, Verified
from newel.factors.table import FACTORS, opened
from newel.services import Services


def context(services: Services, interaction: Interaction, now: int) -> Context:
    """What a factor is told about this moment."""
    config = services.config
    return Context(
        now=now,
        random=services.random,
        rp_id=config.rp_id,
        origin=config.issuer,
        rp_name=config.organisation.name,
        interaction=interaction.id,
        event_id=services.new_id(),
        vault=services.vault,
        further_origins=config.webauthn.origins,
        digest=interaction.action.digest() if interaction.action else None,
    )


def offered_ways(plan: Plan) -> tuple[Way, ...]:
    """The ways with which the person can go on: the cheapest first step, then its alternatives."""
    return (plan.steps[0], *plan.others) if plan.steps else ()


def offer(services: Services, interaction: Interaction, ways: Iterable[Way], now: int) -> Interaction:
    """The interaction with one challenge for each method among `ways`."""
    told = context(services, interaction, now)
    grouped: dict[str, list[Authenticator]] = {}
    for way in ways:
        grouped.setdefault(way.method.name, []).extend(way.authenticators)
    challenges = tuple(
        FACTORS[method].challenge(told, tuple(authenticators)).challenge for method, authenticators in grouped.items()
    )
    return replace(interaction, challenges=challenges)


def offer_anyone(services: Services, interaction: Interaction, now: int) -> Interaction:
    """The interaction with a passkey challenge for whoever answers (a sign-in without a name)."""
    told = context(services, interaction, now)
    return replace(interaction, challenges=(FACTORS["passkey"].challenge(told, ()).challenge,))


def fresh_challenge(
    services: Services, interaction: Interaction, spent: Challenge, authenticators: Iterable[Authenticator], now: int
) -> Interaction:
    """The interaction with a new challenge in the place of `spent`, for the same authenticators."""
    asked = tuple(each for each in authenticators if each.id in spent.authenticators)
    renewed = FACTORS[spent.method].challenge(context(services, interaction, now), asked).challenge
    return replace(interaction, challenges=tuple(renewed if each == spent else each for each in interaction.challenges))


async def verify(
    services: Services,
    interaction: Interaction,
    challenge: Challenge,
    authenticators: tuple[Authenticator, ...],
    response: str,
    now: int,
) -> Verified | Rejected:
    """The factor's judgement of `response`; slow ones run in the bounded pool."""
    factor = FACTORS[challenge.method]
    told = context(services, interaction, now)
    usable = tuple(opened(each, services.vault) for each in authenticators)
    if not factor.slow:
        return factor.verify(told, challenge, usable, response)
    judged = await services.pool.run(factor.verify, told, challenge, usable, response)
    return Rejected("busy") if isinstance(judged, Busy) else judged
