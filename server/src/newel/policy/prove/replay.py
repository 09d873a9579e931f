"""What the reference evaluator says of a request: nothing counts that it does not confirm."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from newel.domain.requirement import Requirement, join_all
from newel.policy.document import Counter
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.prove.demand import Demand, Scene
from newel.policy.prove.vocabulary import parts

Facts = Mapping[str, Any]


def matches(condition: Core, facts: Facts) -> bool:
    """Whether a condition is true or fails."""
    try:
        return bool(evaluate(condition, facts))
    except MissingFact:
        return True


def holds(condition: Core, facts: Facts) -> bool:
    """Whether a condition is true without an error."""
    try:
        return bool(evaluate(condition, facts))
    except MissingFact:
        return False


def reads(condition: Core) -> frozenset[str]:
    """The facts that a condition looks at."""
    return frozenset(each.path for each in parts(condition) if isinstance(each, (core.Read, core.Present)))


def matching(demands: Iterable[Demand], facts: Facts) -> tuple[Demand, ...]:
    """The demands whose condition is true or fails."""
    return tuple(each for each in demands if matches(each.condition, facts))


def demanded(demands: Iterable[Demand]) -> Requirement:
    """What they demand together, before any fallback."""
    return join_all(dict.fromkeys(each.face for each in demands))


def assured(demands: Iterable[Demand]) -> Requirement:
    """What they demand together of somebody who takes every fallback and every grace."""
    return join_all(dict.fromkeys(each.floor for each in demands))


def admissible(scene: Scene, facts: Facts) -> bool:
    """Whether counters hold at least the request that they count."""
    return all(_holds_this(counter, scene, facts) for counter in scene.counters)


def _holds_this(counter: Counter, scene: Scene, facts: Facts) -> bool:
    if counter.name not in facts:
        return True
    value = facts[counter.name]
    high = scene.facts[counter.name].high
    if counter.kind != "sum":
        return bool(value >= min(1, high))
    added = facts.get(counter.fact)
    return added is None or scene.facts[counter.fact].low < 0 or bool(value >= min(added, high))


class Replay:
    """The matching ones of some demands at facts that change one by one: only what reads a changed fact is asked, and
    once for the same values.
    """

    def __init__(self, demands: Sequence[Demand], facts: Facts) -> None:
        self._tests: dict[int, Core] = {each.test: each.condition for each in demands}
        self._reads = {test: tuple(reads(condition)) for test, condition in self._tests.items()}
        self._readers: dict[str, list[int]] = {}
        for test, paths in self._reads.items():
            for path in paths:
                self._readers.setdefault(path, []).append(test)
        self._known: dict[tuple[object, ...], bool] = {}
        self.facts: dict[str, Any] = dict(facts)
        self.true = {test for test in self._tests if self._matches(test)}

    def _matches(self, test: int) -> bool:
        """Whether a test's condition is true or fails at the facts as they are."""
        key = (test, *map(self.facts.get, self._reads[test]))
        if key not in self._known:
            self._known[key] = matches(self._tests[test], self.facts)
        return self._known[key]

    @property
    def paths(self) -> Iterator[str]:
        """Every fact that is read."""
        yield from self._readers

    def asked(self, path: str) -> Sequence[Core]:
        """The conditions that read a fact."""
        return [self._tests[test] for test in self._readers.get(path, ())]

    def readers(self, path: str) -> Sequence[int]:
        """The tests that read a fact."""
        return self._readers.get(path, ())

    def put(self, path: str, value: object) -> set[int]:
        """Change a fact; None takes it away. Gives back the tests that were true before."""
        before = self.true
        if value is None:
            self.facts.pop(path, None)
        else:
            self.facts[path] = value
        readers = self._readers.get(path, ())
        self.true = before.difference(readers)
        self.true.update(test for test in readers if self._matches(test))
        return before
