"""Guess: what stands between an answer and its check. Counted before, atomically, and closed when in doubt."""

from newel.domain.interaction import Interaction
from newel.domain.value import dataclass
from newel.services import Services
from newel.storage.base import Refused, StorageError, Unit
from newel.storage.sql.interactions import reserve_attempt
from newel.storage.sql.limits import take


@dataclass(frozen=True, slots=True)
class AttemptsSpent:
    """The interaction has no attempt left, or is no longer open."""


@dataclass(frozen=True, slots=True)
class Resting:
    """Too many attempts under this name or from this address; `until` in Unix seconds."""

    until: int


async def reserve(
    services: Services, interaction: Interaction, buckets: tuple[tuple[str, int], ...], now: int
) -> int | AttemptsSpent | Resting:
    """The attempt's number from 1, once it is counted; executed before the check, durable before the answer (S10).

    `buckets` are canonical names with their limits (S11). A store that cannot count answers Resting: closed (S15).
    """
    guessing = services.config.guessing
    attempt = reserve_attempt(interaction.id, guessing.attempts, now)
    takes = tuple(take(name, limit, guessing.window, now) for name, limit in buckets)
    try:
        outcome = await services.store.apply(Unit((attempt, *takes)))
    except StorageError:
        return Resting(now + guessing.window)
    if isinstance(outcome, Refused):
        return AttemptsSpent()
    number, *taken = outcome.rows
    for (_, limit), bucket in zip(buckets, taken, strict=True):
        if bucket.count > limit:
            return Resting(bucket.resets_at)
    return int(number)
