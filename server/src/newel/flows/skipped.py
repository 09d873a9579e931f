"""Skipped: what is demanded where a person put something off, and whether that still holds."""

from collections.abc import Mapping

from newel.domain.interaction import Interaction
from newel.domain.standing import Standing
from newel.domain.value import replace
from newel.flows.decide import Person, Position, position
from newel.services import Services
from newel.storage.base import Statement
from newel.storage.sql.skips import skip, skips_of


def put_off(interaction: Interaction, standing: Standing) -> Position | None:
    """Where `standing` is against what is left of an interaction's demand; None where nothing of it is put off.

    What is granted now decides, and only what is not met is skipped. Without what is skipped the demand stands as it is:
    the fallback of another rule is not taken besides.
    """
    decided = interaction.decided
    if decided is None or decided.grace is None:
        return None
    wanted = frozenset(interaction.skipped)
    skipped = tuple(rule for rule in decided.grace.open(standing, {}) if rule in wanted)
    if not skipped:
        return None
    lesser = replace(decided, requirement=decided.grace.without(skipped), fallback=None)
    where = position(interaction.request, lesser, standing, interaction=interaction.id)
    return replace(where, skipped=skipped)


async def used_skips(services: Services, person: Person) -> Mapping[str, int]:
    """How often a person skipped each rule."""
    return dict(await services.store.all(skips_of(person.subject.id)))


async def still_skipped(services: Services, interaction: Interaction, person: Person) -> Interaction:
    """The interaction without the wish to put off what has been used up since; that it is granted is decided anew."""
    grace = interaction.decided.grace if interaction.decided else None
    used = await used_skips(services, person) if grace is not None else {}
    kept = tuple(
        rule
        for rule in interaction.skipped
        if grace is not None and rule in grace.rules and used.get(rule, 0) < grace.rules[rule].most
    )
    return interaction if kept == interaction.skipped else replace(interaction, skipped=kept)


def counted_skips(
    interaction: Interaction, person: Person, skipped: tuple[str, ...], now: int
) -> tuple[Statement, ...]:
    """The guards that count what was skipped: each refuses the unit in which it would be one too many."""
    grace = interaction.decided.grace if interaction.decided else None
    if grace is None:
        return ()
    return tuple(skip(person.subject.id, rule, grace.rules[rule].most, now) for rule in skipped)
