"""What several counters usually hold at once: a count, sums and different values of the same requests.

No proof may lean on it. A counter that a policy has only just declared knows nothing of what came before, a request
without an amount is counted and not summed, and counters are read one after the other: each of these makes a pair that
fits no list of requests. So this says which of the possible requests a witness shows, never which are possible.

The requests of one group agree in the key, the window and the targets; how many they are is `n`. Of a counter, at n:
a count is n, different values are at most n, and none where n is 0, a sum lies between n times the least and n times the
most of its fact; the request that is decided is one of them where it is counted. A counter at the end of its range stands for
everything from there on. Whoever is counted in a shorter window, or at fewer targets, is counted in a longer one too.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import z3

from newel.domain.value import dataclass
from newel.policy.document import Counter
from newel.policy.prove.demand import Scene
from newel.policy.prove.encode import Encoder, Formula, either

ENDLESS = 1 << 200
"""More requests than there are."""
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Counters that count the same requests; `own` is 1 where the request that is decided is one of them, else 0."""

    counters: tuple[Counter, ...]
    own: int

    def within(self, other: "Group") -> bool:
        """Whether whatever is counted here is counted there too."""
        one, two = self.counters[0], other.counters[0]
        return one.by == two.by and one.over <= two.over and set(one.targets) <= set(two.targets)


def groups_of(scene: Scene, names: Container[str]) -> tuple[Group, ...]:
    """The counters of these names that can be read at a scene, by what they count."""
    found: dict[tuple[str, int, frozenset[str]], list[Counter]] = {}
    for each in (*scene.counters, *scene.beside):
        if each.name in names:
            found.setdefault((each.by, each.over, frozenset(each.targets)), []).append(each)
    return tuple(Group(tuple(same), int(same[0] in scene.counters)) for same in found.values())


def _alike(one: Group, two: Group) -> Iterator[tuple[Counter, Counter]]:
    """The counters of two groups that count the same of their requests, other than how many."""
    for left, right in product(one.counters, two.counters):
        if left is not right and left.kind == right.kind != "count" and left.fact == right.fact:
            yield left, right


def _nested(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    return ((one, two) for one, two in product(groups, groups) if one.within(two))


# ---------------------------------------------------------------------- facts


def usually(scene: Scene, names: Container[str]) -> Callable[[Facts], bool]:
    """A function that says of facts whether some list of requests comes to the counters of these names among them."""
    groups = groups_of(scene, names)
    nested = tuple(_nested(groups))
    alike = tuple(pair for one, two in nested for pair in _alike(one, two))

    def usual(facts: Facts) -> bool:
        spans = {group: _span(group, scene, facts) for group in groups}
        fit = all(spans[one][0] <= spans[two][1] for one, two in nested)
        return fit and all(_no_more(left, right, facts) for left, right in alike)

    return usual


def _no_more(left: Counter, right: Counter, facts: Facts) -> bool:
    if left.name not in facts or right.name not in facts:
        return True
    return bool(min(facts[left.name], right.high) <= facts[right.name])


def _span(group: Group, scene: Scene, facts: Facts) -> tuple[int, int]:
    """How few and how many requests there are of a group."""
    spans = [(group.own, ENDLESS)]
    for each in group.counters:
        value = facts.get(each.name)
        if value is not None and (each.kind != "sum" or not group.own or each.fact in facts):
            spans.append(
                _counted(each, value, facts[each.fact] if each.kind == "sum" and group.own else 0, group, scene)
            )
    return max(low for low, _ in spans), min(high for _, high in spans)


def _counted(counter: Counter, value: int, this: int, group: Group, scene: Scene) -> tuple[int, int]:
    full = value >= counter.high
    match counter.kind:
        case "count":
            return value, ENDLESS if full else value
        case "distinct":
            return value, ENDLESS if value else 0
        case _:
            fact, rest = scene.facts[counter.fact], max(0, value - this)
            few = -(-rest // fact.high) if fact.high else (ENDLESS + 1 if rest else 0)
            many = rest // fact.low if fact.low and not full else ENDLESS
            return group.own + few, group.own + many


def fitting(scene: Scene, name: str, facts: Facts) -> Iterator[int]:
    """The least value of a counter, beside the others of its requests as they are."""
    for group in groups_of(scene, facts):
        mine = next((each for each in group.counters if each.name == name), None)
        if mine is not None:
            others = Group(tuple(each for each in group.counters if each is not mine), group.own)
            few, _ = _span(others, scene, facts)
            if mine.kind == "sum":
                this = facts.get(mine.fact, 0) if group.own else 0
                few = this + (few - group.own) * scene.facts[mine.fact].low
            yield few


# ------------------------------------------------------------------- formulas


def together(formulas: Encoder) -> list[Formula]:
    """The same of the counters that were read."""
    groups = groups_of(formulas.scene, formulas.facts)
    numbers = {group: z3.Int(f"requests {place}") for place, group in enumerate(groups)}
    said: list[Formula] = []
    for group, number in numbers.items():
        said += [number >= group.own]
        said += [formula for each in group.counters for formula in _formulas(each, group, number, formulas)]
    for one, two in _nested(groups):
        said += [numbers[one] <= numbers[two]] if one is not two else []
        said += [_grows(left, right, formulas) for left, right in _alike(one, two)]
    return said


def _grows(left: Counter, right: Counter, formulas: Encoder) -> Formula:
    one, two = formulas.facts[left.name], formulas.facts[right.name]
    gone = formulas.absence(left.name), formulas.absence(right.name)
    return either((*gone, z3.If(one > right.high, right.high, one) <= two))


def _formulas(counter: Counter, group: Group, number: Formula, formulas: Encoder) -> Iterator[Formula]:
    value, gone = formulas.facts[counter.name], [formulas.absence(counter.name)]
    match counter.kind:
        case "count":
            yield either((*gone, value == z3.If(number > counter.high, counter.high, number)))
        case "distinct":
            yield either((*gone, z3.And(number >= value, z3.Or(value > 0, number == 0))))
        case _:
            fact, rest = formulas.scene.facts[counter.fact], value
            if group.own:
                rest = value - formulas.fact(counter.fact)
                gone.append(formulas.absence(counter.fact))
            others = number - group.own
            yield either((*gone, rest <= others * fact.high))
            yield either((*gone, value >= counter.high, others * fact.low <= rest))
