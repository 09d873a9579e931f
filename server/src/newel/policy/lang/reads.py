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


def atoms(found: Core) -> Iterator[Core]:
    """The conditions inside a condition that are joined by and, or, not and choices, and are none of these themselves."""
    match found:
        case core.Negation() | core.Every() | core.Some() | core.Select():
            for part in parts(found):
                yield from atoms(part)
        case core.Constant():
            return
        case _:
            yield found


@lru_cache(KEPT)
def size(found: Core) -> int:
    """How many parts a condition has, values of lists and networks included."""
    match found:
        case core.OneOf(values=listed) | core.Within(networks=listed):
            own = 1 + len(listed)
        case _:
            own = 1
    return own + sum(map(size, parts(found)))


@lru_cache(KEPT)
def listed(found: Core) -> int:
    """How many characters the lists of a condition have at least, once they are written out."""
    match found:
        case core.OneOf(values=values):
            own = sum(len(str(value)) for value in values)
        case core.Within(networks=networks):
            own = sum(map(len, networks))
        case _:
            own = 0
    return own + sum(map(listed, parts(found)))


def _paths(found: Core) -> Iterator[str]:
    if isinstance(found, (core.Read, core.Present)):
        yield found.path
    for part in parts(found):
        yield from _paths(part)
