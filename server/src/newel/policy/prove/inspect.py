"""Solves inspections: rules that change nothing, targets below their minimum, demands that fall where they must not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import z3

from newel.domain.value import replace
from newel.policy.lang.core import TRUE, Core
from newel.policy.prove.claim import judge
from newel.policy.prove.compare import Side
from newel.policy.prove.demand import Demand, Scene, parts_of
from newel.policy.prove.encode import Formula
from newel.policy.prove.problem import NO_TIME, Claim, Fall, Inspected, Inspection, Late, never
from newel.policy.prove.replay import holds, reads
from newel.policy.prove.solve import Search, Unknown
from newel.policy.prove.substitute import known, renamed

RISEN = " risen"
LEVELS = ("low", "medium", "high", "critical")
"""Values of an enum that rise in this order; others do not compare."""
Changed = Callable[[Core], Core]


def inspect(problem: Inspection, limit: int, late: Late = never) -> Inspected:
    """Everything that is looked at in a target, the gravest first; what there was no time for is told as unknown."""
    unknown: list[str] = []
    every = (*problem.demands, *problem.observed)
    search = Search(problem.scene, [each.condition for each in every], limit)
    below = _below(problem, limit, unknown)
    absent = tuple(_absent(problem, limit, unknown))
    rising = tuple(fall for path in problem.rising for fall in _rising(problem, path, limit, unknown))
    dead = _dead(search, every, unknown, late)
    return Inspected(
        dead=tuple(each.rule for each in dead),
        covered=dict(_Coverage(problem, search, dead).useless(unknown, late)),
        below=below,
        absent=absent,
        rising=rising,
        unknown=tuple(unknown),
    )


def _dead(search: Search, demands: Sequence[Demand], unknown: list[str], late: Late) -> Sequence[Demand]:
    """The rules whose condition is never true; what one request shows of the others need not be asked again."""
    waiting = [each for each in demands if each.condition != TRUE]
    dead: list[Demand] = []
    while waiting:
        if late():
            unknown.append(f"whether {len(waiting)} of {len(demands)} rules ever match: {NO_TIME}")
            break
        asked = waiting.pop()
        try:
            facts = search.find(search.formulas.holds(asked.condition))
        except Unknown as why:
            unknown.append(f"whether {asked.rule} ever matches: {why}")
            continue
        if facts is None:
            dead.append(asked)
        else:
            waiting = [each for each in waiting if not holds(each.condition, facts)]
    return dead


class _Coverage:
    """Which rules the others make useless.

    `said` stands for whether a rule matches, and is free unless its name among `named` is taken for granted: so the
    solver says which rules it needed.
    """

    def __init__(self, problem: Inspection, search: Search, dead: Sequence[Demand]) -> None:
        self._problem, self._search, self._dead = problem, search, dead
        self._gone: set[str] = set()
        numbers = range(len(problem.demands))
        self._said = [z3.Bool(f"said {number}") for number in numbers]
        self._named = [z3.Bool(f"named {number}") for number in numbers]
        for said, named, demand in zip(self._said, self._named, problem.demands, strict=True):
            search.always(z3.Implies(named, said == search.formulas.matches(demand.condition)))

    def useless(self, unknown: list[str], late: Late) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The rules without which the same would be demanded, and by which; of two that cover each other, the later."""
        every = len(self._problem.demands)
        for number, asked in enumerate(reversed(self._problem.demands)):
            if late():
                unknown.append(f"whether {every - number} of {every} rules change anything: {NO_TIME}")
                return
            others = [
                place
                for place, each in enumerate(self._problem.demands)
                if each is not asked and each.rule not in self._gone
            ]
            if asked in self._dead or not self._could(asked, others):
                continue
            try:
                by = self._by(asked, others)
            except Unknown as why:
                unknown.append(f"whether {asked.rule} changes anything: {why}")
                continue
            if by is not None:
                self._gone.add(asked.rule)
                yield asked.rule, by

    def _could(self, asked: Demand, others: Sequence[int]) -> bool:
        """Whether each part of a demand, and of its fallback, is in some other at all."""
        floors = dict.fromkeys(self._problem.demands[place].floor for place in others)
        return all(any(part <= floor for floor in floors) for part in parts_of([asked.most], self._problem.classes))

    def _by(self, asked: Demand, others: Sequence[int]) -> tuple[str, ...] | None:
        """The rules that together always demand as much; None where they do not."""
        used = self._needed(asked, others)
        if used is None:
            return None
        alone = next((place for place in used if len(used) > 1 and self._needed(asked, [place]) is not None), None)
        return tuple(self._problem.demands[place].rule for place in (used if alone is None else [alone]))

    def _needed(self, asked: Demand, others: Sequence[int]) -> list[int] | None:
        ways: list[Formula] = []
        for part in parts_of([asked.most], self._problem.classes):
            including = [place for place in others if part <= self._problem.demands[place].floor]
            ways.append(z3.And([z3.Not(self._said[place]) for place in including]))
        wanted = z3.And(self._search.formulas.matches(asked.condition), z3.Or(ways))
        needed = self._search.needed(wanted, [self._named[place] for place in others])
        return None if needed is None else [others[place] for place in sorted(needed)]


def _below(problem: Inspection, limit: int, unknown: list[str]) -> Mapping[str, Any] | None:
    claim = Claim(
        scene=problem.scene,
        demands=problem.demands,
        condition=TRUE,
        at_least=problem.minimum,
        at_most=None,
        classes=problem.classes,
    )
    judged = judge(claim, limit)
    if judged.state == "unknown":
        unknown.append(f"whether the minimum is always demanded: {judged.reason}")
    return judged.facts


def _changed(demands: Sequence[Demand], path: str, change: Changed) -> list[Demand]:
    """The demands with the conditions that read a fact changed, under numbers of their own."""
    first = -2 - len(demands)
    return [
        replace(each, condition=change(each.condition), test=first + number, key=first + number)
        if path in reads(each.condition)
        else each
        for number, each in enumerate(demands)
    ]


def _absent(problem: Inspection, limit: int, unknown: list[str]) -> Iterator[Fall]:
    """Law L9: what is demanded of a request, and no longer where a fact has its value for "not there"."""
    read = frozenset().union(*(reads(each.condition) for each in problem.demands))
    for path in sorted(read):
        absent = problem.scene.facts[path].absent
        if absent is None:
            continue
        other = _changed(problem.demands, path, partial(known, facts={path: absent}))
        yield from _falls(problem, problem.scene, path, other, limit, unknown, value=absent)


def _rising(problem: Inspection, path: str, limit: int, unknown: list[str]) -> Iterator[Fall]:
    """What is demanded of a request, and no longer where a fact is higher."""
    if not any(path in reads(each.condition) for each in problem.demands):
        return
    fact = problem.scene.facts[path]
    facts = {**problem.scene.facts, path + RISEN: replace(fact, name=path + RISEN)}
    other = _changed(problem.demands, path, partial(renamed, old=path, new=path + RISEN))
    yield from _falls(problem, replace(problem.scene, facts=facts), path, other, limit, unknown, value=None)


def _falls(
    problem: Inspection,
    scene: Scene,
    path: str,
    other: Sequence[Demand],
    limit: int,
    unknown: list[str],
    *,
    value: object,
) -> Iterator[Fall]:
    search = Search(scene, [each.condition for each in (*problem.demands, *other)], limit)
    if value is None:
        search.always(_is_higher(search, path))
        side = Side(search, problem.demands, other, "face", partial(higher, scene, path))
    else:
        side = Side(search, problem.demands, other, "face")
    losses = side.losses(problem.classes)
    unknown += (f"whether a demand falls with {path}: {reason}" for reason in side.unknown)
    for loss in losses:
        facts = {name: found for name, found in loss.facts.items() if name != path + RISEN}
        then = loss.facts[path + RISEN] if value is None else value
        yield Fall(rule=loss.rule, fact=path, value=then, facts=facts, lost=loss.lost)


def _is_higher(search: Search, path: str) -> Formula:
    """That the risen fact is there and higher, and counters hold it too."""
    formulas = search.formulas
    fact = formulas.scene.facts[path]
    now, then = formulas.fact(path), formulas.fact(path + RISEN)
    gone = [absent for name in (path, path + RISEN) if (absent := formulas.absence(name)) is not None]
    said: list[Formula] = [z3.Not(absent) for absent in gone]
    if fact.kind == "enum":
        ranks = [formulas.words.numbers[level] for level in LEVELS if level in fact.values]
        pairs = [(low, high) for place, low in enumerate(ranks) for high in ranks[place + 1 :]]
        said.append(z3.Or([z3.And(now == low, then == high) for low, high in pairs]))
    else:
        said.append(then > now)
    for counter in formulas.scene.counters:
        if counter.kind == "sum" and counter.fact == path and counter.name in formulas.scene.facts:
            high = formulas.scene.facts[counter.name].high
            said.append(formulas.fact(counter.name) >= z3.If(then > high, high, then))
    return z3.And(said)


def higher(scene: Scene, path: str, facts: Mapping[str, Any]) -> bool:
    """The same of facts."""
    if path not in facts or path + RISEN not in facts:
        return False
    now, then = facts[path], facts[path + RISEN]
    if scene.facts[path].kind == "enum":
        return now in LEVELS and then in LEVELS and LEVELS.index(now) < LEVELS.index(then)
    sums = [each for each in scene.counters if each.kind == "sum" and each.fact == path and each.name in facts]
    return bool(then > now and all(facts[each.name] >= min(then, scene.facts[each.name].high) for each in sums))
