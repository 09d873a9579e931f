"""Facts as they are stated → the bits of the conditions that hold. One generated function a target and layout.

What is there is checked: type, range, values of an enum. What is not there is its `absent` value, or `Missing`. Facts
come flat, under their whole path, or nested as JSON has them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from newel.policy.facts import Fact
from newel.policy.lang.core import Core
from newel.policy.lang.generate import FUNCTIONS, mask_lines
from newel.policy.lang.missing import Missing
from newel.policy.lang.network import address_number

Matching = Callable[[Mapping[str, Any]], int]
Layout = Literal["flat", "nested"]
KEPT_ADDRESSES = 65_536
LONGEST_ADDRESS = 45
"""Characters of the longest text of an address (RFC 4291 2.2, all groups and an IPv4 one): no other is kept."""
NOWHERE: dict[str, Any] = {}
LISTS = frozenset({list, tuple, frozenset})
FEW = 8
"""Texts among which one is found sooner than a set of them is made."""


class FactRefused(ValueError):
    """A stated fact of a wrong type or out of its range; `path` names it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"'{path}' {why}")
        self.path = path


def generate_matching(facts: Sequence[Fact], conditions: Iterable[Core], layout: Layout) -> Matching:
    """A function from stated facts to the bits of the conditions that hold or that failed. It raises FactRefused.

    `facts` are all that the conditions read.
    """
    scope: dict[str, Any] = {
        **FUNCTIONS,
        "R": FactRefused, "E": NOWHERE, "address": _address, "instant": _instant, "lists": LISTS,
    }  # fmt: skip
    lines = ["def matching(d):", *_reads(facts, layout)]
    for number, fact in enumerate(facts):
        scope[f"a{number}"] = Missing(fact.name) if fact.absent is None else fact.absent
        scope[f"p{number}"] = fact.name
        lines += _check(number, fact, scope)
    lines += [*mask_lines(conditions, {fact.name: place for place, fact in enumerate(facts)}), " return m"]
    exec(compile("\n".join(lines), "<facts>", "exec"), scope)  # ruff: ignore[exec-builtin] - made of numbers and `repr`
    made: Matching = scope["matching"]
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
        place = "d"
        parts = group.split(".") if group else []
        for depth, part in enumerate(parts, 1):
            yield f" g = {place}.get({part!r}, E)"
            yield f" if type(g) is not dict: raise R({'.'.join(parts[:depth])!r}, 'is not an object')"
            place = "g"
        yield from (f" v{number} = {place}.get({leaf!r})" for number, leaf in members)


def _check(number: int, fact: Fact, scope: dict[str, Any]) -> Iterator[str]:
    """Lines that let a value through, the usual case by one look, put what stands for a missing one, or refuse."""
    name = f"v{number}"
    missing, refuse = f" elif {name} is None: {name} = a{number}", f" else: raise R(p{number},"
    match fact.kind:
        case "int" | "duration":
            yield f" if type({name}) is int:"
            yield f"  if {name} < {fact.low} or {name} > {fact.high}: raise R(p{number}, 'lies outside {fact.low} to {fact.high}')"
            yield from (missing, f"{refuse} 'is not a whole number')")
        case "bool":
            yield from (f" if {name} is True or {name} is False: pass", missing, f"{refuse} 'is not true or false')")
        case "string":
            yield from (f" if type({name}) is str: pass", missing, f"{refuse} 'is not a text')")
        case "enum":
            scope[f"e{number}"] = frozenset(fact.values)
            yield f" if type({name}) is str and {name} in e{number}: pass"
            yield from (missing, f"{refuse} 'is none of its values')")
        case "ip":
            yield f" if type({name}) is str and len({name}) <= {LONGEST_ADDRESS}:"
            yield f"  {name} = address({name})"
            yield f"  if {name} is None: raise R(p{number}, 'is not an address')"
            yield from (missing, f"{refuse} 'is not an address')")
        case "timestamp":
            yield f" if {name} is None: {name} = a{number}"
            yield f" else: {name} = instant(p{number}, {name}, {fact.low}, {fact.high})"
        case _:
            yield f" if type({name}) in lists:"
            yield f"  for each in {name}:"
            yield f"   if type(each) is not str: raise R(p{number}, 'is not a list of texts')"
            yield f"  if len({name}) > {FEW}: {name} = frozenset({name})"
            yield from (missing, f"{refuse} 'is not a list of texts')")


@lru_cache(KEPT_ADDRESSES)
def _address(text: str) -> int | None:
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
