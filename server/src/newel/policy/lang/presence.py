"""What is known to be there: the facts that must be present where a condition is true, or false."""

from newel.policy.lang import core
from newel.policy.lang.core import Core


def known_if(found: Core, *, truth: bool) -> frozenset[str]:
    """The facts that are there where `found` is true, or false."""
    match found:
        case core.Present(path):
            return frozenset({path}) if truth else frozenset()
        case core.Negation(item):
            return known_if(item, truth=not truth)
        case core.Every(items) | core.Some(items):
            parts = [known_if(item, truth=truth) for item in items]
            together = isinstance(found, core.Every) == truth
            return frozenset().union(*parts) if together else frozenset.intersection(*parts)
        case _:
            return frozenset()
