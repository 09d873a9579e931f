"""Conditions with some facts known, or called by another name."""

from collections.abc import Callable, Mapping
from typing import Any

from newel.domain.value import replace
from newel.policy.lang import core
from newel.policy.lang.core import Constant, Core
from newel.policy.lang.evaluate import evaluate

FALSE = Constant(value=False, unit="bool")
Leaf = Callable[[Core], Core | None]


def known(condition: Core, facts: Mapping[str, Any]) -> Core:
    """The condition where these facts are there with these values."""

    def leaf(found: Core) -> Core | None:
        match found:
            case core.Read(path) if path in facts:
                return _constant(facts[path])
            case core.Present(path) if path in facts:
                return core.TRUE
            case core.HasMember(group, item) if group.path in facts:
                members = tuple(sorted(facts[group.path]))
                return core.OneOf(rewritten(item, leaf), members) if members else _false_after(rewritten(item, leaf))
            case core.Within(item) if item.path in facts:
                return core.TRUE if evaluate(found, facts) else FALSE
            case _:
                return None

    return rewritten(condition, leaf)


def renamed(condition: Core, old: str, new: str) -> Core:
    """The condition with the fact `new` in the place of `old`, which is neither a set nor an address."""

    def leaf(found: Core) -> Core | None:
        match found:
            case core.Read(path) if path == old:
                return core.Read(new)
            case core.Present(path) if path == old:
                return core.Present(new)
            case _:
                return None

    return rewritten(condition, leaf)


def _constant(value: str | int | bool) -> Core:
    if isinstance(value, bool):
        return Constant(value, "bool")
    return Constant(value, "int" if isinstance(value, int) else "string")


def _false_after(item: Core) -> Core:
    """False, or an error where `item` is one."""
    return core.Every((core.Compare("==", item, item), FALSE))


def rewritten(found: Core, leaf: Leaf) -> Core:
    """The core with `leaf` in the place of each part for which it gives one."""
    made = leaf(found)
    if made is not None:
        return made
    match found:
        case core.Every(items):
            return core.Every(tuple(rewritten(each, leaf) for each in items))
        case core.Some(items):
            return core.Some(tuple(rewritten(each, leaf) for each in items))
        case core.Select(test, then, other):
            return core.Select(rewritten(test, leaf), rewritten(then, leaf), rewritten(other, leaf))
        case core.Compare() | core.Arithmetic():
            return replace(found, left=rewritten(found.left, leaf), right=rewritten(found.right, leaf))
        case core.Negation() | core.Minus() | core.OneOf() | core.Affix() | core.Clock() | core.HasMember():
            return replace(found, item=rewritten(found.item, leaf))
        case _:
            return found
