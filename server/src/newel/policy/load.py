"""Facts as they are stated → the tuple that generated conditions read. One generated function a target.

What is there is checked: type, range, values of an enum. What is not there is its `absent` value, or `Missing`. Facts
come flat, under their whole path, or nested as JSON has them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from newel.policy.facts import Fact
from newel.policy.lang.missing import Missing
from newel.policy.lang.network import address_number

Loader = Callable[[Mapping[str, Any]], tuple[Any, ...]]
Layout = Literal["flat", "nested"]
KEPT_ADDRESSES = 65_536
NOWHERE: dict[str, Any] = {}


class FactRefused(ValueError):
    """A stated fact of a wrong type or out of its range; `path` names it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"'{path}' {why}")
        self.path = path


def generate_loader(facts: Sequence[Fact], layout: Layout) -> Loader:
    """A function from stated facts to the values of `facts`, in their order. It raises FactRefused."""
    scope: dict[str, Any] = {
        "R": FactRefused, "E": NOWHERE, "address": _address, "members": _members, "instant": _instant,
    }  # fmt: skip
    lines = ["def load(d):", *_reads(facts, layout)]
    for number, fact in enumerate(facts):
        scope[f"a{number}"] = Missing(fact.name) if fact.absent is None else fact.absent
        scope[f"p{number}"] = fact.name
        lines += [f" if v{number} is None: v{number} = a{number}", *_check(number, fact, scope)]
    values = ", ".join(f"v{number}" for number in range(len(facts)))
    lines.append(f" return ({values}{',' if facts else ''})")
    exec(compile("\n".join(lines), "<facts>", "exec"), scope)  # ruff: ignore[exec-builtin] - made of numbers and `repr`
    made: Loader = scope["load"]
    return made


def _reads(facts: Sequence[Fact], layout: Layout) -> Iterator[str]:
    """Lines that put each fact, or None, into its variable."""
    if layout == "flat":
        yield " g = d.get"
        yield from (f" v{number} = g({fact.name!r})" for number, fact in enumerate(facts))
        return
    groups: dict[str, list[tuple[int, str]]] = {}
    for number, fact in enumerate(facts):
        group, _, leaf = fact.name.rpartition(".")
        groups.setdefault(group, []).append((number, leaf))
    for group, members in groups.items():
        yield " g = d"
        for part in group.split(".") if group else ():
            yield f" g = g.get({part!r}, E)"
            yield f" if g.__class__ is not dict: raise R({group!r}, 'is not an object')"
        yield from (f" v{number} = g.get({leaf!r})" for number, leaf in members)


def _check(number: int, fact: Fact, scope: dict[str, Any]) -> Iterator[str]:
    name = f"v{number}"
    refuse = f"raise R(p{number},"
    match fact.kind:
        case "int" | "duration":
            yield f" elif {name}.__class__ is not int: {refuse} 'is not a whole number')"
            yield f" elif not {fact.low} <= {name} <= {fact.high}: {refuse} 'lies outside {fact.low} to {fact.high}')"
        case "bool":
            yield f" elif {name}.__class__ is not bool: {refuse} 'is not true or false')"
        case "string":
            yield f" elif {name}.__class__ is not str: {refuse} 'is not a text')"
        case "enum":
            scope[f"e{number}"] = frozenset(fact.values)
            yield f" elif {name}.__class__ is not str or {name} not in e{number}: {refuse} 'is none of its values')"
        case "ip":
            yield f" else: {name} = address(p{number}, {name})"
        case "timestamp":
            yield f" else: {name} = instant(p{number}, {name}, {fact.low}, {fact.high})"
        case "set":
            yield f" else: {name} = members(p{number}, {name})"


def _address(path: str, stated: object) -> int:
    if type(stated) is str:
        number = _number(stated)
        if number is not None:
            return number
    raise FactRefused(path, "is not an address")


@lru_cache(KEPT_ADDRESSES)
def _number(text: str) -> int | None:
    try:
        return address_number(text)
    except ValueError:
        return None


def _instant(path: str, stated: object, low: int, high: int) -> int:
    seconds = stated if type(stated) is int else _unix(stated) if isinstance(stated, str) else None
    if seconds is None:
        raise FactRefused(path, "is not a time")
    if not low <= seconds <= high:
        raise FactRefused(path, f"lies outside {low} to {high}")
    return seconds


def _unix(text: str) -> int | None:
    """The seconds of an RFC 3339 time; None for what is none, or names no zone."""
    try:
        found = datetime.fromisoformat(text)
        return int(found.astimezone(UTC).timestamp()) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _members(path: str, stated: object) -> frozenset[str]:
    if type(stated) not in {list, tuple, frozenset}:
        raise FactRefused(path, "is not a list of texts")
    members: frozenset[Any] = frozenset(_texts(path, stated))
    return members


def _texts(path: str, stated: Any) -> Iterator[str]:
    for each in stated:
        if type(each) is not str:
            raise FactRefused(path, "is not a list of texts")
        yield each
