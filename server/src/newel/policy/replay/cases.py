"""The first pass: which rules match each row, and the demand they join to.

A case is what can come out of a decision: the targets and the set of rules that match. There are few of them, so that
whatever depends on a demand alone is worked out once for each.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from newel.domain.requirement import DENY, Requirement, join_all
from newel.domain.value import dataclass
from newel.policy.document import Document, Rule
from newel.policy.facts import Fact
from newel.policy.lang.core import TRUE, Core
from newel.policy.replay.bound import Batch, Bound, Columns
from newel.policy.replay.columns import Array, Bools
from newel.policy.replay.counters import columns_of
from newel.policy.replay.fold import combinations
from newel.policy.replay.log import Log
from newel.policy.replay.vector import matches

UNDECLARED = -1
"""The number of the rule that denies what is not declared."""


@dataclass(frozen=True, slots=True)
class Case:
    """The rules that match, by their number in the document, observed ones included, and what they join to."""

    targets: int
    rules: tuple[int, ...]
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at for one kind of request: rules with the condition that each has there."""

    undeclared: bool
    rules: tuple[tuple[int, Core], ...]
    facts: Mapping[str, Fact]


class Cases:
    """One policy over one log. Cases get their numbers as they turn up; a number stays what it is."""

    def __init__(self, document: Document, log: Log) -> None:
        self.document, self._log = document, log
        self.table: list[Case] = []
        self._known: tuple[dict[int, int], ...] = tuple({} for _ in log.targets)
        self._places = {id(rule): place for place, rule in enumerate(document.rules)}
        asked = {UNDECLARED: DENY, **{place: demanded(rule) for place, rule in enumerate(document.rules)}}
        self._demands = tuple(dict.fromkeys(asked.values()))
        numbers = {demand: number for number, demand in enumerate(self._demands)}
        self._demand_of = {rule: numbers[demand] for rule, demand in asked.items()}
        self._joined: dict[frozenset[int], Requirement] = {}

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """For each kind of request in the log, what is looked at."""
        return tuple(self._asked(targets) for targets in self._log.targets)

    def _asked(self, targets: tuple[str, ...]) -> Asked:
        declared = [target for target in targets if self.document.declared(target)]
        pairs = [
            (self._places[id(rule)], rule.condition(target))
            for target in declared
            for rule in self.document.rules_at(target)
        ]
        facts = {path: fact for target in declared for path, fact in self.document.facts_at(target).items()}
        return Asked(len(declared) < len(targets) or not targets, tuple(dict.fromkeys(pairs)), facts)

    def numbers(self, targets: int, held: Mapping[Core, Bools], count: int) -> Array:
        """The case of each row of one kind of request; `held` says where each of its conditions matches."""
        asked = self.asked[targets]
        always = [rule for rule, condition in asked.rules if condition == TRUE]
        looked = [(rule, held[condition]) for rule, condition in asked.rules if condition != TRUE]
        numbers, masks = combinations([rows for _, rows in looked], count)
        sure = [*([UNDECLARED] if asked.undeclared else []), *always]
        known = self._known[targets]
        for mask in masks:
            if mask not in known:
                matching = {*sure, *(rule for bit, (rule, _) in enumerate(looked) if mask >> bit & 1)}
                known[mask] = self._case(targets, tuple(sorted(matching)))
        found: Array = np.array([known[mask] for mask in masks], np.uint32)[numbers]
        return found

    def _case(self, targets: int, matching: tuple[int, ...]) -> int:
        self.table.append(Case(targets, matching, self.joined(matching)))
        return len(self.table) - 1

    def joined(self, rules: tuple[int, ...]) -> Requirement:
        """What rules demand together; one that only observes demands nothing. Few sets of demands ever come up."""
        demands = frozenset(self._demand_of[rule] for rule in rules)
        found = self._joined.get(demands)
        if found is None:
            found = self._joined[demands] = join_all(self._demands[number] for number in demands)
        return found


def demanded(rule: Rule) -> Requirement:
    """What a rule adds to a decision."""
    return Requirement() if rule.observe else rule.require


class FirstPass:
    """Several policies over one log; a condition that they share is looked at once."""

    def __init__(self, log: Log, documents: tuple[Document, ...]) -> None:
        self._log = log
        self.cases = tuple(Cases(document, log) for document in documents)
        self._columns = columns_of(log, documents)
        self._bound: dict[int, tuple[tuple[Bound, tuple[Core, ...], tuple[int, ...]], ...]] = {}

    def run(self, rows: slice) -> tuple[Array, ...]:
        """For each policy, the case of each row (uint32)."""
        targets = self._log.target[rows]
        order = np.argsort(targets, kind="stable")
        ends = np.cumsum(np.bincount(targets, minlength=len(self._log.targets)))
        found = tuple(np.zeros(len(targets), np.uint32) for _ in self.cases)
        begin = 0
        for kind, end in enumerate(ends.tolist()):
            if begin < end:
                self._decide(kind, order[begin:end], rows.start, found)
            begin = end
        return found

    def _decide(self, kind: int, places: Array, start: int, found: tuple[Array, ...]) -> None:
        held: list[dict[Core, Bools]] = [{} for _ in self.cases]
        for bound, conditions, policies in self._shared(kind):
            batch = Batch(bound, places + start, len(places))
            looked = {condition: matches(condition, batch) for condition in conditions}
            for policy in policies:
                held[policy] = looked
        for policy, cases in enumerate(self.cases):
            found[policy][places] = cases.numbers(kind, held[policy], len(places))

    def _shared(self, kind: int) -> tuple[tuple[Bound, tuple[Core, ...], tuple[int, ...]], ...]:
        """The distinct conditions to look at, over each distinct declaration of the facts."""
        if kind not in self._bound:
            alike: list[_Alike] = []
            for policy, cases in enumerate(self.cases):
                asked = cases.asked[kind]
                same = next((each for each in alike if each.reads(self._columns[policy], asked.facts)), None)
                if same is None:
                    same = _Alike(self._columns[policy], asked.facts)
                    alike.append(same)
                same.conditions.update((condition, None) for _, condition in asked.rules if condition != TRUE)
                same.policies.append(policy)
            self._bound[kind] = tuple(
                (Bound(each.columns, each.facts), tuple(each.conditions), tuple(each.policies)) for each in alike
            )
        return self._bound[kind]


class _Alike:
    """Policies that read the same columns by the same declarations, with all that they look at."""

    def __init__(self, columns: Columns, facts: Mapping[str, Fact]) -> None:
        self.columns, self.facts = columns, facts
        self.conditions: dict[Core, None] = {}
        self.policies: list[int] = []

    def reads(self, columns: Columns, facts: Mapping[str, Fact]) -> bool:
        """Whether a policy is one of them."""
        return self.columns is columns and self.facts == facts
