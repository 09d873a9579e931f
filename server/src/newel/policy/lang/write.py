"""Core → text: the condition written one way only, which reads as the same core again. What a snapshot is hashed by."""

import json
from collections.abc import Iterable

from newel.policy.lang import core
from newel.policy.lang.core import Core


def written(found: Core) -> str:
    """The text of a condition."""
    match found:
        case core.Constant():
            return _constant(found)
        case core.Read(path):
            return path
        case core.Present(path):
            return f"has({path})"
        case core.Negation(item):
            return f"!{_inner(item)}"
        case core.Every(items):
            return " && ".join(map(_inner, items))
        case core.Some(items):
            return " || ".join(map(_inner, items))
        case core.Select(test, then, other):
            return f"{_inner(test)} ? {_inner(then)} : {_inner(other)}"
        case core.Compare(sign, left, right) | core.Arithmetic(sign, left, right):
            return f"{_inner(left)} {sign} {_inner(right)}"
        case _:
            return _special(found)


def _special(found: Core) -> str:
    match found:
        case core.OneOf(item, values):
            return f"{_inner(item)} in {_list(_plain(value) for value in values)}"
        case core.HasMember(group, item):
            return f"{_inner(item)} in {group.path}"
        case core.Within(item, networks):
            return f"{item.path} in {_list(map(quoted, networks))}"
        case core.Affix(where, item, text):
            return f"{_inner(item)}.{where}({quoted(text)})"
        case core.Minus(item):
            return f"-{_inner(item)}"
        case core.Clock(part, item, zone):
            return f"{_inner(item)}.{part}({quoted(zone)})"
        case _:
            raise TypeError(f"{type(found).__name__} has no text")


def _inner(found: Core) -> str:
    text = written(found)
    alone = isinstance(found, (core.Read, core.Present, core.Affix, core.Clock))
    return text if alone or (isinstance(found, core.Constant) and not text.startswith("-")) else f"({text})"


def _constant(found: core.Constant) -> str:
    return f'duration("{found.value}s")' if found.unit == "duration" else _plain(found.value)


def _plain(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(value)


def quoted(text: str) -> str:
    """A text in quotes, in which nothing hides."""
    found = json.dumps(text, ensure_ascii=False)
    if found.isprintable():
        return found
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in found)


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
