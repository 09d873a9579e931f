"""Solves inspections: rules that change nothing, targets below their minimum, demands that fall where they must not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import z3  # type: ignore[import-untyped]  # z3 has no types

from newel.domain.requirement import join
from newel.domain.value import replace
from newel.policy.lang.core import TRUE, Core
from newel.policy.prove.claim import judge, shortfalls
from newel.policy.prove.compare import Side
from newel.policy.prove.demand import Demand, Scene, parts_of
from newel.policy.prove.encode import Formula
from newel.policy.prove.problem import Claim, Fall, Inspected, Inspection
from newel.policy.prove.replay import holds, reads
from newel.policy.prove.solve import Search, Unknown
from newel.policy.prove.substitute import known, renamed

RISEN = " risen"
LEVELS = ("low", "medium", "high", "critical")
"""Values of an enum that rise in this order; others do not compare."""
Changed = Callable[[Core], Core]


def inspect(problem: Inspection, limit: int) -> Inspected:
    """Everything that is looked at in a target."""
    unknown: list[str] = []
    every = (*problem.demands, *problem.observed)
    search = Search(problem.scene, [each.condition for each in every], limit)
    dead = _dead(search, every, unknown)
    return Inspected(
        dead=tuple(each.rule for each in dead),
        covered=dict(_covered(problem, search, dead, unknown)),
        below=_below(problem, limit, unknown),
        absent=tuple(_absent(problem, limit, unknown)),
        rising=tuple(fall for path in problem.rising for fall in _rising(problem, path, limit, unknown)),
        unknown=tuple(unknown),
    )


def _dead(search: Search, demands: Sequence[Demand], unknown: list[str]) -> Sequence[Demand]:
    """The rules whose condition is never true; what one request shows of the others need not be asked again."""
    waiting = [each for each in demands if each.condition != TRUE]
    dead: list[Demand] = []
    while waiting:
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


def _covered(
    problem: Inspection, search: Search, dead: Sequence[Demand], unknown: list[str]
) -> Iterator[tuple[str, str]]:
    """The rules without which the same would be demanded; of two that cover each other, the later one."""
    gone: set[str] = set()
    for asked in reversed(problem.demands):
        others = [each for each in problem.demands if each is not asked and each.rule not in gone]
        if asked in dead or not _could_cover(asked, others, problem):
            continue
        try:
            by = _covers(asked, others, problem, search)
        except Unknown as why:
            unknown.append(f"whether {asked.rule} changes anything: {why}")
            continue
        if by is not None:
            gone.add(asked.rule)
            yield asked.rule, by


def _could_cover(asked: Demand, others: Sequence[Demand], problem: Inspection) -> bool:
    """Whether each part of a demand is in some other at all."""
    floors = dict.fromkeys(each.floor for each in others)
    whole = join(asked.face, asked.floor)
    return all(any(part <= floor for floor in floors) for part in parts_of([whole], problem.classes))


def _covers(asked: Demand, others: Sequence[Demand], problem: Inspection, search: Search) -> str | None:
    """The rule that always demands as much, "" where others do so together, None where they do not."""
    matches = search.formulas.matches
    whole = join(asked.face, asked.floor)
    uncovered: Formula = z3.Or(shortfalls(others, whole, problem.classes, search.formulas))
    if search.find(matches(asked.condition), uncovered) is not None:
        return None
    for other in others:
        if whole <= other.floor:
            alone = z3.Not(matches(other.condition))
            if other.test == asked.test or search.find(matches(asked.condition), alone) is None:
                return other.rule
    return ""


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
        side = Side(search, problem.demands, other, "face", partial(_higher, scene, path))
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


def _higher(scene: Scene, path: str, facts: Mapping[str, Any]) -> bool:
    """The same of facts."""
    now, then = facts.get(path), facts.get(path + RISEN)
    if now is None or then is None:
        return False
    if scene.facts[path].kind == "enum":
        return now in LEVELS and then in LEVELS and LEVELS.index(now) < LEVELS.index(then)
    sums = [each for each in scene.counters if each.kind == "sum" and each.fact == path and each.name in facts]
    return bool(then > now and all(facts[each.name] >= min(then, scene.facts[each.name].high) for each in sums))
