"""Guess: what stands between an answer and its check. Counted before, atomically, and closed when in doubt."""

from newel.domain.interaction import Interaction, State
from newel.domain.value import dataclass
from newel.services import Services
from newel.storage.base import Refused, StorageError, Unit
from newel.storage.sql.interactions import interaction as by_id
from newel.storage.sql.interactions import reserve_attempt
from newel.storage.sql.limits import take


@dataclass(frozen=True, slots=True)
class AttemptsSpent:
    """The interaction is open and has no attempt left."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The interaction was answered or ran out meanwhile: its page shows where things stand."""


@dataclass(frozen=True, slots=True)
class Resting:
    """Too many attempts under this name or from this address; `until` in Unix seconds."""

    until: int


async def reserve(
    services: Services, interaction: Interaction, buckets: tuple[tuple[str, int], ...], now: int
) -> int | AttemptsSpent | Elsewhere | Resting:
    """The attempt's number from 1, once it is counted; executed before the check, durable before the answer (S10).

    Where none is counted, the interaction says whether its attempts are spent or a second press came too late.

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
        stored = await services.store.one(by_id(interaction.id))
        alive = stored is not None and stored.state is State.OPEN and stored.expires_at > now
        return AttemptsSpent() if alive else Elsewhere()
    number, *taken = outcome.rows
    for (_, limit), bucket in zip(buckets, taken, strict=True):
        if bucket.count > limit:
            return Resting(bucket.resets_at)
    return int(number)
