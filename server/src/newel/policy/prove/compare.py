"""Solves comparisons: every demand of one side that the other does not make, by rule, with the facts that show it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import z3

from newel.domain.assurance import SHIPPED, Classes
from newel.domain.requirement import Requirement
from newel.policy.prove.demand import Demand, join_faces, parts_of
from newel.policy.prove.encode import Formula, either
from newel.policy.prove.precedent import Precedents
from newel.policy.prove.problem import Compared, Comparison, Loss, View
from newel.policy.prove.replay import Replay, matching
from newel.policy.prove.shrink import shrink
from newel.policy.prove.solve import Search, Unknown


def compare(problem: Comparison, limit: int, precedents: Precedents | None = None) -> Compared:
    """Both directions of a comparison; a question to the solver may take `limit` milliseconds.

    `precedents` are those of earlier comparisons of the same two policies.
    """
    everything = (*problem.before, *problem.after)
    search = Search(problem.scene, [each.condition for each in everything], limit)
    views: list[View] = ["face"]
    if any(each.fallen != each.face for each in everything):
        views.append("fallback")
    if any(each.face != each.floor for each in everything):
        views.append("floor")
    found: dict[str, list[Loss]] = {"weaker": [], "stronger": []}
    unknown: list[str] = []
    sides = (problem.before, problem.after, problem.classes[0]), (problem.after, problem.before, problem.classes[1])
    for direction, (lefts, rights, classes) in zip(found, sides, strict=True):
        for view in views:
            side = Side(search, lefts, rights, view, precedents=precedents)
            found[direction] += side.losses(classes)
            unknown += (f"{direction}: {reason}" for reason in side.unknown)
    return Compared(
        weaker=maximal(found["weaker"]), stronger=maximal(found["stronger"]), unknown=tuple(dict.fromkeys(unknown))
    )


def maximal(losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """The losses that no other loss of the same rule includes; of equal ones the first."""
    kept: list[Loss] = []
    for loss in sorted(losses, key=lambda each: -len(each.lost)):
        if not any(loss.rule == other.rule and set(loss.lost) <= set(other.lost) for other in kept):
            kept.append(loss)
    return tuple(kept)


def view_of(demand: Demand, view: View) -> Requirement:
    """One side of a demand."""
    match view:
        case "face":
            return demand.face
        case "fallback":
            return demand.fallen
        case "floor":
            return demand.floor


def anything(_facts: Mapping[str, Any]) -> bool:
    """Any facts will do."""
    return True


class Side:
    """What `lefts` demand and `rights` do not, in one view, at facts that `admits` lets through.

    Of those who fall back nothing is lost where what they give to `rights` is all that `lefts` demand first: a policy
    that no longer lets anybody fall back is no weaker for it.
    """

    def __init__(
        self,
        search: Search,
        lefts: Sequence[Demand],
        rights: Sequence[Demand],
        view: View,
        admits: Callable[[Mapping[str, Any]], bool] = anything,
        precedents: Precedents | None = None,
    ) -> None:
        self._search, self._lefts, self._rights, self._view, self._admits = search, lefts, rights, view, admits
        self._precedents = precedents or Precedents()
        self._classes = SHIPPED
        self.unknown: list[str] = []
        self._found: list[Loss] = []

    def losses(self, classes: Classes) -> Sequence[Loss]:
        """All losses; each rule's demand is shown lost in as few requests as the solver's luck allows."""
        self._classes = classes
        same = {each.key for each in self._rights}
        changed = [each for each in self._lefts if each.key not in same]
        for part in parts_of((view_of(each, self._view) for each in changed), classes):
            self._part(part, changed, classes)
        return self._found

    def _part(self, part: Requirement, changed: Sequence[Demand], classes: Classes) -> None:
        against = [each for each in self._rights if part <= view_of(each, self._view)]
        tests = {each.test for each in against}
        asking = [each for each in changed if each.test not in tests and part <= view_of(each, self._view)]
        asking = [
            each for each in asking if not self._shown(each, part) and not self._shown_before(each, tests, classes)
        ]
        if not asking:
            return
        unchanged = {each.key for each in self._lefts}
        if self._impossible(asking, [each for each in against if each.key not in unchanged]):
            return
        matches = self._search.formulas.matches
        held = {each.test: each.condition for each in against}
        fails = [z3.Not(matches(condition)) for condition in held.values()]
        while asking:
            wanted = either(matches(each.condition) for each in asking)
            try:
                facts = self._found_where(wanted, *fails)
            except Unknown as why:
                self.unknown.append(f"{', '.join(each.rule for each in asking)}: {why}")
                return
            if facts is None:
                return
            loss = self._confirmed(asking, tests, facts, classes)
            if loss is None:
                self.unknown.append(f"{', '.join(each.rule for each in asking)}: the request found was not confirmed")
                return
            self._found.append(loss)
            self._precedents.keep(next(each for each in asking if each.rule == loss.rule), self._search.scene, loss)
            asking = [each for each in asking if each.rule != loss.rule]

    def _found_where(self, *wanted: Formula) -> Mapping[str, Any] | None:
        """A request that is wanted, and where something is lost at all; None where there is none."""
        facts = self._search.find(*wanted)
        if facts is None or self._loses(Replay((*self._lefts, *self._rights), facts).true):
            return facts
        return self._search.find(*wanted, self._below)

    @cached_property
    def _below(self) -> Formula:
        """That those who fall back give less than was demanded first."""
        matches = self._search.formulas.matches
        ways: list[Formula] = []
        for part in parts_of((each.face for each in self._lefts), self._classes):
            demanding = {each.test: each.condition for each in self._lefts if part <= each.face}
            giving = {each.test: each.condition for each in self._rights if part <= each.fallen}
            if demanding.keys() - giving.keys():
                missed = (z3.Not(matches(condition)) for condition in giving.values())
                ways.append(z3.And(either(map(matches, demanding.values())), *missed))
        return z3.Or(ways)

    def _loses(self, true: Collection[int]) -> bool:
        """Whether anything is lost at a request, by the tests that are true there."""
        if self._view != "fallback":
            return True
        first = join_faces(each for each in self._lefts if each.test in true)
        return not first <= join_faces((each for each in self._rights if each.test in true), fall_back=True)

    def _impossible(self, asking: Sequence[Demand], against: Sequence[Demand]) -> bool:
        """Whether the changed rules alone leave no request: then those that stayed need not be looked at."""
        if not against:
            return False
        search, question = (
            self._search,
            (frozenset(each.test for each in asking), frozenset(each.test for each in against)),
        )
        possible = self._precedents.possible(question, search.scene, (*asking, *against))
        if possible is None:
            matches = search.formulas.matches
            wanted = either(matches(each.condition) for each in asking)
            try:
                possible = search.find(wanted, *(z3.Not(matches(each.condition)) for each in against)) is not None
            except Unknown:
                possible = True
            self._precedents.keep_answer(question, search.scene, possible=possible)
        return not possible

    def _shown_before(self, demand: Demand, against: set[int], classes: Classes) -> bool:
        """Whether what showed this loss at another target shows it here."""
        demands = (*self._lefts, *self._rights)
        facts = self._precedents.facts(demand, self._view, self._search.scene, demands)
        if facts is None or not self._admits(facts):
            return False
        true = {each.test for each in matching({each.test: each for each in demands}.values(), facts)}
        if demand.test not in true or not true.isdisjoint(against) or not self._loses(true):
            return False
        lost = tuple(self._lost(tuple(parts_of([view_of(demand, self._view)], classes)), true))
        self._found.append(Loss(rule=demand.rule, view=self._view, lost=lost, facts=facts))
        return True

    def _shown(self, demand: Demand, part: Requirement) -> bool:
        return any(loss.rule == demand.rule and part in loss.lost for loss in self._found)

    def _confirmed(
        self, asking: Sequence[Demand], against: set[int], facts: Mapping[str, Any], classes: Classes
    ) -> Loss | None:
        """The loss that facts show, made small; None where the evaluator does not see it."""
        demands = (*self._lefts, *self._rights)
        start = Replay(demands, facts)
        first = next((each for each in asking if each.test in start.true), None)
        if first is None or not start.true.isdisjoint(against) or not self._loses(start.true):
            return None
        mine = tuple(parts_of([view_of(first, self._view)], classes))
        whole = frozenset(self._lost(mine, start.true))

        def keeps(replay: Replay) -> bool:
            lost = frozenset(self._lost(mine, replay.true))
            admitted = self._admits(replay.facts) and self._loses(replay.true)
            return first.test in replay.true and whole <= lost and admitted

        small = shrink(self._search.scene, demands, facts, keeps)
        lost = tuple(self._lost(mine, small.true))
        return Loss(rule=first.rule, view=self._view, lost=lost, facts=small.facts)

    def _lost(self, parts: Sequence[Requirement], true: set[int]) -> Iterator[Requirement]:
        """The parts that no matching demand of the other side includes."""
        there = {view_of(each, self._view) for each in self._rights if each.test in true}
        yield from (part for part in parts if not any(part <= each for each in there))
