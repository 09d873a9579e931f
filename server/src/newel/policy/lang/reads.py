"""Which facts a condition looks at."""

from collections.abc import Iterator
from functools import lru_cache

from newel.policy.lang import core
from newel.policy.lang.core import Core

KEPT = 8192


@lru_cache(KEPT)
def facts_read(found: Core) -> frozenset[str]:
    """The paths of all facts that a condition reads or asks for with has()."""
    return frozenset(_paths(found))


def parts(found: Core) -> tuple[Core, ...]:
    """The parts of which a core is made, in the order in which they are looked at."""
    match found:
        case core.Negation(item) | core.Minus(item) | core.Affix(item=item) | core.Clock(item=item):
            return (item,)
        case core.OneOf(item=item) | core.Within(item=item):
            return (item,)
        case core.Every(items) | core.Some(items):
            return items
        case core.Select(test, then, other):
            return (test, then, other)
        case core.Compare(left=left, right=right) | core.Arithmetic(left=left, right=right):
            return (left, right)
        case core.HasMember(group, item):
            return (item, group)
        case _:
            return ()


def _paths(found: Core) -> Iterator[str]:
    if isinstance(found, (core.Read, core.Present)):
        yield found.path
    for part in parts(found):
        yield from _paths(part)
