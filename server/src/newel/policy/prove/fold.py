"""Conditions with what is constant in them worked out: the same for people to whom a rule says the same."""

from newel.domain.value import replace
from newel.policy.lang import core
from newel.policy.lang.core import TRUE, Constant, Core
from newel.policy.lang.evaluate import evaluate
from newel.policy.prove.replay import reads
from newel.policy.prove.substitute import FALSE


def folded(found: Core) -> Core:
    """The same condition, no larger. An error is where it was: what stands behind what may fail stays."""
    match found:
        case core.Every(items):
            return _chain(found, items, neutral=TRUE, end=FALSE)
        case core.Some(items):
            return _chain(found, items, neutral=FALSE, end=TRUE)
        case core.Negation(item):
            inner = folded(item)
            return _constant(not inner.value) if isinstance(inner, Constant) else replace(found, item=inner)
        case core.Select(test, then, other):
            inner = folded(test)
            if isinstance(inner, Constant):
                return folded(then if inner.value else other)
            return core.Select(inner, folded(then), folded(other))
        case core.Compare() | core.OneOf() | core.Affix() if not reads(found):
            return _constant(bool(evaluate(found, {})))
        case _:
            return found


def _chain(found: core.Every | core.Some, items: tuple[Core, ...], *, neutral: Constant, end: Constant) -> Core:
    """A conjunction or disjunction up to the first item that settles it, without those that change nothing."""
    kept: list[Core] = []
    for each in map(folded, items):
        if each == neutral:
            continue
        kept.append(each)
        if each == end:
            break
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else replace(found, items=tuple(kept))


def _constant(value: bool) -> Constant:
    return Constant(value=value, unit="bool")
