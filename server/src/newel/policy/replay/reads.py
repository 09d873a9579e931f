"""Which facts a condition looks at."""

from collections.abc import Iterator

from newel.policy.lang import core
from newel.policy.lang.core import Core


def facts_read(part: Core) -> frozenset[str]:
    """The paths of all facts that a part reads or asks for."""
    return frozenset(_paths(part))


def _paths(part: Core) -> Iterator[str]:
    match part:
        case core.Read(path) | core.Present(path):
            yield path
        case core.Every(items) | core.Some(items):
            for item in items:
                yield from _paths(item)
        case core.Select(test, then, other):
            for item in (test, then, other):
                yield from _paths(item)
        case core.Compare(_, left, right) | core.Arithmetic(_, left, right) | core.HasMember(left, right):
            yield from _paths(left)
            yield from _paths(right)
        case core.Constant():
            return
        case core.Negation(item) | core.OneOf(item) | core.Within(item) | core.Affix(_, item) | core.Minus(item):
            yield from _paths(item)
        case core.Clock(_, item):
            yield from _paths(item)
        case _:
            raise TypeError(f"{type(part).__name__} has no facts")
