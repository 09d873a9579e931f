"""Walking through a condition: all its parts, and the facts it looks at."""

from collections.abc import Iterator

from newel.policy.lang import core
from newel.policy.lang.core import Core


def facts_read(part: Core) -> frozenset[str]:
    """The paths of all facts that a part reads or asks for."""
    return frozenset(each.path for each in parts(part) if isinstance(each, core.Read | core.Present))


def parts(part: Core) -> Iterator[Core]:
    """A part and all that it is made of."""
    yield part
    for inner in _inner(part):
        yield from parts(inner)


def _inner(part: Core) -> tuple[Core, ...]:
    match part:
        case core.Constant() | core.Read() | core.Present():
            return ()
        case core.Every(items) | core.Some(items):
            return items
        case core.Select(test, then, other):
            return test, then, other
        case core.Compare(_, left, right) | core.Arithmetic(_, left, right) | core.HasMember(left, right):
            return left, right
        case core.Negation(item) | core.OneOf(item) | core.Within(item) | core.Affix(_, item) | core.Minus(item):
            return (item,)
        case core.Clock(_, item):
            return (item,)
        case _:
            raise TypeError(f"{type(part).__name__} has no facts")
