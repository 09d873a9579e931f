"""Grace: demands at a sign-in that a person may put off, so many times each and until a time.

What is demanded with some of them put off lies between `demanded` and the whole demand: to put off more never adds.
Putting off changes the demand and nothing else: what was proven, and the classes it reaches, stay what they are.
"""

from collections.abc import Collection, Mapping

from newel.domain.requirement import Requirement, join, join_all
from newel.domain.standing import Standing, satisfied
from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Skip:
    """The demand of one rule, which may be skipped `most` times, before `until` (Unix seconds)."""

    requirement: Requirement
    most: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skippable:
    """What is `demanded` where the demands of all `rules` are skipped."""

    demanded: Requirement
    rules: Mapping[str, Skip]

    def without(self, skipped: Collection[str]) -> Requirement:
        """What is demanded where these rules are skipped; every other one stands."""
        kept = (each.requirement for rule, each in self.rules.items() if rule not in skipped)
        return join(self.demanded, join_all(kept))

    def open(self, standing: Standing, used: Mapping[str, int]) -> tuple[str, ...]:
        """The rules whose demand `standing` does not meet and that may be skipped once more; `used` counts by rule."""
        return tuple(
            rule
            for rule, each in self.rules.items()
            if standing.now < each.until and used.get(rule, 0) < each.most and not satisfied(each.requirement, standing)
        )


def skips_of_both(left: Mapping[str, Skip], right: Mapping[str, Skip]) -> Mapping[str, Skip]:
    """What may be skipped under two policies at once: a rule of both demands both, at the stricter grace."""
    return {**left, **{rule: _both(left[rule], each) if rule in left else each for rule, each in right.items()}}


def _both(left: Skip, right: Skip) -> Skip:
    return Skip(join(left.requirement, right.requirement), min(left.most, right.most), min(left.until, right.until))
