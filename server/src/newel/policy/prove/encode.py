"""Core → formula: the exact meaning of conditions for a solver, errors included.

Every part has a value and, where it can fail, whether it does: looked at from left to right, with one bit for each fact
that may be missing. A value means nothing where its part fails.

1. Texts are numbers: those of the policy below 0, any other from 0. Affixes and memberships are functions of them.
2. A clock's reading is made of its time, a day, an hour, and an offset that its zone has had at some time: too many
   readings are allowed, never too few. `Clock` is what must be looked at to know whether a model is one of them.
3. A counter that counts the target holds at least the request itself.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import z3

from newel.domain.value import dataclass
from newel.policy.document import Counter
from newel.policy.facts import FIRST_TIME, LAST_TIME, Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import AFFIXES, DAY, HOUR, SIGNS, THURSDAY
from newel.policy.lang.interval import Interval, combined
from newel.policy.prove import zones
from newel.policy.prove.affixes import backwards, inside, tree
from newel.policy.prove.demand import Scene
from newel.policy.prove.vocabulary import Affixes, text_facts, vocabulary

Formula = Any
ADDRESSES = 2**128


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """The value of a part, and where it fails; None where it cannot."""

    value: Formula
    fails: Formula | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """A clock that was read: its time and offset."""

    zone: str
    time: Formula
    offset: Formula
    hour: Formula
    weekday: Formula


def either(items: Iterable[Formula | None]) -> Formula | None:
    """At least one; None where there is none."""
    there = [item for item in items if item is not None]
    if not there:
        return None
    return there[0] if len(there) == 1 else z3.Or(there)


class Encoder:
    """Formulas of `conditions` (all that will be asked about) at a scene, over shared facts.

    `sides` grows with what is read: what is always true of it.
    """

    def __init__(self, scene: Scene, conditions: Sequence[Core]) -> None:
        self.scene = scene
        self.words = vocabulary(conditions, scene.facts)
        self.facts: dict[str, Formula] = {}
        self.missing: dict[str, Formula] = {}
        self.members: dict[tuple[str, str], Formula] = {}
        self.clocks: dict[tuple[Core, str], Clock] = {}
        self.sides: list[Formula] = []
        self._counters = {counter.name: counter for counter in scene.counters}
        self._terms: dict[Core, Term] = {}
        self._functions: dict[tuple[str, ...], Formula] = {}
        self._families: dict[str, tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]] = {}

    def matches(self, condition: Core) -> Formula:
        """Whether a condition holds or fails."""
        term = self.term(condition)
        return term.value if term.fails is None else z3.Or(term.value, term.fails)

    def holds(self, condition: Core) -> Formula:
        """Whether a condition is true without an error."""
        term = self.term(condition)
        return term.value if term.fails is None else z3.And(term.value, z3.Not(term.fails))

    def term(self, found: Core) -> Term:
        """The formula of a part."""
        known = self._terms.get(found)
        if known is None:
            known = self._terms[found] = self._term(found)
        return known

    def _term(self, found: Core) -> Term:
        match found:
            case core.Constant(value):
                return Term(self._constant(value))
            case core.Read(path):
                return Term(self.fact(path), self.absence(path))
            case core.Present(path):
                absent = self.absence(path)
                return Term(z3.BoolVal(True) if absent is None else z3.Not(absent))
            case core.Negation(item):
                term = self.term(item)
                return Term(z3.Not(term.value), term.fails)
            case core.Every(items):
                terms = [self.term(item) for item in items]
                return Term(z3.And([term.value for term in terms]), _in_turn(terms, goes_on_if=True))
            case core.Some(items):
                terms = [self.term(item) for item in items]
                return Term(z3.Or([term.value for term in terms]), _in_turn(terms, goes_on_if=False))
            case core.Select(test, then, other):
                return _selected(self.term(test), self.term(then), self.term(other))
            case core.Compare(sign, left, right):
                one, two = self.term(left), self.term(right)
                return Term(SIGNS[sign](one.value, two.value), either((one.fails, two.fails)))
            case _:
                return self._special(found)

    def _special(self, found: Core) -> Term:
        match found:
            case core.OneOf(item, values):
                term = self.term(item)
                return Term(z3.Or([term.value == self._constant(value) for value in values]), term.fails)
            case core.HasMember(group, item):
                return self._member(group.path, item)
            case core.Within(item, _, ranges):
                address = self.term(item)
                inside_one = [z3.And(address.value >= first, address.value <= last) for first, last in ranges]
                return Term(z3.Or(inside_one), address.fails)
            case core.Affix():
                return self._affix(found)
            case core.Arithmetic(sign, left, right):
                return self._arithmetic(sign, self.term(left), self.term(right), right)
            case core.Minus(item):
                number = self.term(item)
                return Term(-number.value, number.fails)
            case core.Clock(part, item, zone):
                clock = self._clock(item, zone)
                return Term(clock.hour if part == "getHours" else clock.weekday, self.term(item).fails)
            case _:
                raise TypeError(f"{type(found).__name__} has no formula")

    def _constant(self, value: str | int | bool) -> Formula:
        if isinstance(value, bool):
            return z3.BoolVal(value)
        return z3.IntVal(self.words.numbers[value] if isinstance(value, str) else value)

    # ------------------------------------------------------------------ facts

    def absence(self, path: str) -> Formula | None:
        """Whether a fact is missing; None for one that is replaced then."""
        if self.scene.facts[path].absent is not None:
            return None
        if path not in self.missing:
            self.missing[path] = z3.Bool(f"missing {path}")
            if self.scene.facts[path].kind != "set":
                self.fact(path)
        return self.missing[path]

    def fact(self, path: str) -> Formula:
        """The value of a fact that is no set."""
        if path not in self.facts:
            fact = self.scene.facts[path]
            value = self.facts[path] = z3.Bool(path) if fact.kind == "bool" else z3.Int(path)
            self._limit(fact, value)
            if path in self._counters:
                self._counted(self._counters[path], fact, value)
        return self.facts[path]

    def _limit(self, fact: Fact, value: Formula) -> None:
        """What is true of every value of a fact."""
        match fact.kind:
            case "int" | "timestamp" | "duration":
                self.sides += [value >= fact.low, value <= fact.high]
            case "ip":
                self.sides += [value >= 0, value < ADDRESSES]
            case "enum":
                self.sides.append(z3.Or([value == self.words.numbers[each] for each in fact.values]))
            case "string":
                self.sides.append(value >= -len(self.words.numbers))
                self._affixed(self.words.family(fact.name), value)

    def _counted(self, counter: Counter, fact: Fact, value: Formula) -> None:
        """The request itself counts: a sum is at least the fact it adds (where none is negative), others at least 1."""
        least: Formula = min(1, fact.high)
        unknown = [self.absence(counter.name)]
        if counter.kind == "sum":
            added = self.scene.facts[counter.fact]
            if added.low < 0:
                return
            one = self.fact(counter.fact)
            least = z3.If(one > fact.high, fact.high, one)
            unknown.append(self.absence(counter.fact))
        self.sides.append(either((*unknown, value >= least)))

    # ------------------------------------------------------------------ texts

    def _otherwise(self, text: Formula, known: Iterable[str], other: Formula) -> Formula:
        """Whether a text is one of the policy's `known`, or is none of the policy's and `other` holds."""
        return z3.If(text >= 0, other, z3.Or([text == self.words.numbers[each] for each in known]))

    def function(self, *name: str, result: Any = None) -> Formula:
        """A function of texts."""
        if name not in self._functions:
            sort = z3.BoolSort() if result is None else result
            self._functions[name] = z3.Function(" ".join(name), z3.IntSort(), sort)
        return self._functions[name]

    def membership(self, group: str, text: str) -> Formula:
        """Whether a text of the policy is in a fact that is a set."""
        if (group, text) not in self.members:
            self.members[group, text] = z3.Bool(f"{text!r} in {group}")
        return self.members[group, text]

    def _member(self, group: str, item: Core) -> Term:
        text = self.term(item)
        fails = either((text.fails, self.absence(group)))
        if isinstance(item, core.Constant):
            return Term(self.membership(group, str(item.value)), fails)
        known = [
            z3.And(text.value == number, self.membership(group, each)) for each, number in self.words.numbers.items()
        ]
        return Term(z3.If(text.value >= 0, self.function("in", group)(text.value), z3.Or(known)), fails)

    def _affix(self, found: core.Affix) -> Term:
        text = self.term(found.item)
        known = [each for each in self.words.numbers if AFFIXES[found.where](each, found.text)]
        if found.text == "":
            return Term(z3.BoolVal(True), text.fails)
        path = next(text_facts(found.item), None)
        if path is None:
            return Term(self._otherwise(text.value, known, z3.BoolVal(False)), text.fails)
        other = self._other_affix(self.words.family(path), found.where, found.text, text.value)
        return Term(self._otherwise(text.value, known, other), text.fails)

    def _other_affix(self, family: str, where: str, text: str, value: Formula) -> Formula:
        """Whether a text that is not of the policy has an affix."""
        if where == "contains":
            return self.function(family, "contains", text)(value)
        starts, ends = self._trees(family)
        first, last = starts[text] if where == "startsWith" else ends[text]
        number = self.function(family, where, result=z3.IntSort())(value)
        return z3.And(number >= first, number <= last)

    def _trees(self, family: str) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
        if family not in self._families:
            affixes = self.words.affixes.get(family, Affixes())
            ends = {backwards(text): span for text, span in tree(map(backwards, affixes.ends)).spans.items()}
            self._families[family] = dict(tree(affixes.starts).spans), ends
        return self._families[family]

    def _affixed(self, family: str, value: Formula) -> None:
        """What is true of the affixes of every text (see `affixes`)."""
        affixes = self.words.affixes.get(family)
        if affixes is None:
            return
        starts, ends = self._trees(family)
        for where, spans in (("startsWith", starts), ("endsWith", ends)):
            if spans:
                number = self.function(family, where, result=z3.IntSort())(value)
                self.sides += [number >= 0, number <= len(spans)]
        for where, text, part in inside(affixes.starts, affixes.ends, affixes.parts):
            holder = self._other_affix(family, where, text, value)
            self.sides.append(z3.Implies(holder, self._other_affix(family, "contains", part, value)))

    # ------------------------------------------------------------------ numbers

    def _arithmetic(self, sign: str, left: Term, right: Term, divisor: Core) -> Term:
        fails = either((left.fails, right.fails))
        if sign not in "/%":
            return Term(SIGNS[sign](left.value, right.value), fails)
        if not isinstance(divisor, core.Constant):
            raise TypeError("only constants divide")
        number = int(divisor.value)
        size = z3.IntVal(abs(number))
        whole = z3.If(left.value >= 0, left.value / size, -((-left.value) / size))
        if number < 0:
            whole = -whole
        return Term(whole if sign == "/" else left.value - number * whole, fails)

    def _clock(self, item: Core, zone: str) -> Clock:
        if (item, zone) in self.clocks:
            return self.clocks[item, zone]
        name = f"clock {len(self.clocks)}"
        offset, day, hour, second, week, weekday = (
            z3.Int(f"{name} {part}") for part in ("offset", "day", "hour", "second", "week", "weekday")
        )
        span = self._span(item)
        clock = self.clocks[item, zone] = Clock(zone, self.term(item).value, offset, hour, weekday)
        self.sides += [
            z3.Or([offset == each for each in zones.offsets(zone, span.low, span.high)]),
            clock.time + offset == day * DAY + hour * HOUR + second,
            day + THURSDAY == week * 7 + weekday,
            *(z3.And(part >= 0, part < end) for part, end in ((hour, 24), (second, HOUR), (weekday, 7))),
        ]
        return clock

    def _span(self, item: Core) -> Interval:
        """The first and the last number that a part may be, as far as its facts tell."""
        match item:
            case core.Constant(int(value)):
                return Interval(value, value)
            case core.Read(path):
                return Interval(self.scene.facts[path].low, self.scene.facts[path].high)
            case core.Arithmetic(sign, left, right):
                return combined(sign, self._span(left), self._span(right))
            case _:
                return Interval(FIRST_TIME, LAST_TIME)


def _in_turn(terms: Sequence[Term], *, goes_on_if: bool) -> Formula | None:
    """Where a chain fails: at the first part that fails while all before it let it go on."""
    fails: Formula | None = None
    for term in reversed(terms):
        if fails is not None:
            fails = z3.And(term.value if goes_on_if else z3.Not(term.value), fails)
        fails = either((term.fails, fails))
    return fails


def _selected(test: Term, then: Term, other: Term) -> Term:
    value = z3.If(test.value, then.value, other.value)
    if then.fails is None and other.fails is None:
        return Term(value, test.fails)
    branches = z3.If(test.value, _plain(then.fails), _plain(other.fails))
    return Term(value, either((test.fails, branches)))


def _plain(fails: Formula | None) -> Formula:
    return z3.BoolVal(False) if fails is None else fails
