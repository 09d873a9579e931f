"""The words of some conditions: which texts they compare with, which affixes they look for, and which facts meet.

Facts that are compared with one another, or chosen between, are of one family: they may have to be equal. Every other
text is a family of its own.
"""

from collections.abc import Iterable, Iterator, Mapping

from newel.domain.value import dataclass
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core

LINKED = "="
"""The family of texts that are compared with one another."""
TEXTS = frozenset({"string", "enum"})


@dataclass(frozen=True, slots=True)
class Affixes:
    """What is looked for in the texts of a family."""

    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The texts of the conditions: `numbers` are below 0, so that every other text has one of its own from 0."""

    numbers: Mapping[str, int]
    linked: frozenset[str]
    affixes: Mapping[str, Affixes]

    def family(self, path: str) -> str:
        """The family of a fact that is a text."""
        return LINKED if path in self.linked else path


def parts(found: Core) -> Iterator[Core]:
    """A condition and everything inside it."""
    waiting = [found]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(inner(each))


def inner(found: Core) -> tuple[Core, ...]:
    """The parts that a core is made of."""
    match found:
        case core.Negation(item) | core.Minus(item) | core.OneOf(item) | core.Affix(_, item) | core.Clock(_, item):
            return (item,)
        case core.Within(item):
            return (item,)
        case core.Every(items) | core.Some(items):
            return items
        case core.Select(test, then, other):
            return test, then, other
        case core.Compare(_, left, right) | core.Arithmetic(_, left, right):
            return left, right
        case core.HasMember(group, item):
            return group, item
        case _:
            return ()


def is_text(found: Core, facts: Mapping[str, Fact]) -> bool:
    """Whether a core is a text."""
    match found:
        case core.Constant(_, unit):
            return unit == "string"
        case core.Read(path):
            return facts[path].kind in TEXTS
        case core.Select(_, then):
            return is_text(then, facts)
        case _:
            return False


def text_facts(found: Core) -> Iterator[str]:
    """The facts that a text may be."""
    match found:
        case core.Read(path):
            yield path
        case core.Select(_, then, other):
            yield from text_facts(then)
            yield from text_facts(other)


def vocabulary(conditions: Iterable[Core], facts: Mapping[str, Fact]) -> Vocabulary:
    """The words of all `conditions`, and the values of the enums that they read."""
    texts: dict[str, None] = {}
    linked: set[str] = set()
    sought: dict[str, list[core.Affix]] = {}
    for each in (part for condition in conditions for part in parts(condition)):
        texts.update(dict.fromkeys(_texts(each, facts)))
        linked |= _links(each, facts)
        if isinstance(each, core.Affix):
            for path in text_facts(each.item):
                sought.setdefault(path, []).append(each)
    families: dict[str, list[core.Affix]] = {}
    for path, affixes in sought.items():
        families.setdefault(LINKED if path in linked else path, []).extend(affixes)
    return Vocabulary(
        numbers={text: -number for number, text in enumerate(texts, 1)},
        linked=frozenset(linked),
        affixes={family: _affixes(found) for family, found in families.items()},
    )


def _texts(found: Core, facts: Mapping[str, Fact]) -> Iterator[str]:
    match found:
        case core.Constant(str(text)):
            yield text
        case core.OneOf(_, values):
            yield from (value for value in values if isinstance(value, str))
        case core.Read(path):
            yield from facts[path].values


def _links(found: Core, facts: Mapping[str, Fact]) -> set[str]:
    """The facts that one look brings together."""
    match found:
        case core.Compare(_, left, right) if is_text(left, facts):
            met = {*text_facts(left), *text_facts(right)}
        case core.HasMember(_, item):
            return set(text_facts(item))
        case core.Select():
            met = set(text_facts(found)) if is_text(found, facts) else set()
        case _:
            return set()
    return met if len(met) > 1 else set()


def _affixes(found: list[core.Affix]) -> Affixes:
    by_where: dict[str, dict[str, None]] = {"startsWith": {}, "endsWith": {}, "contains": {}}
    for each in found:
        by_where[each.where][each.text] = None
    starts, ends, inside = by_where.values()
    return Affixes(tuple(starts), tuple(ends), tuple(inside))
