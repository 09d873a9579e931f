"""What was found at one target is used at the next: a rule for many targets costs the solver about one of them.

1. Facts that showed a loss are offered, not believed: the evaluator judges them at the new target as it judges a model.
2. That no request is of one kind and of none of some others holds wherever the facts they read are declared alike and
   counted alike: what else is demanded there takes requests away and adds none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from newel.policy.document import Counter
from newel.policy.prove.demand import Demand, Scene
from newel.policy.prove.problem import Loss, View
from newel.policy.prove.replay import admissible, reads

Question = tuple[frozenset[int], frozenset[int]]
"""Is there a request at which one of the first tests is true and none of the others?"""


class Precedents:
    """The losses of earlier targets, among problems whose demands have their numbers from one index."""

    def __init__(self) -> None:
        self._shown: dict[tuple[View, int], tuple[Scene, Mapping[str, Any]]] = {}
        self._seen: dict[str, tuple[Scene, Any]] = {}
        self._reads: dict[int, frozenset[str]] = {}
        self._impossible: dict[Question, Scene | None] = {}

    def keep(self, demand: Demand, scene: Scene, loss: Loss) -> None:
        """Remember what showed that a demand goes."""
        self._shown[loss.view, demand.key] = scene, loss.facts
        for path, value in loss.facts.items():
            self._seen[path] = scene, value

    def facts(self, demand: Demand, view: View, scene: Scene, demands: Iterable[Demand]) -> Mapping[str, Any] | None:
        """What showed it elsewhere, as facts of this scene: all that `demands` read and none that may not be missing.

        None where there is nothing to offer.
        """
        elsewhere, shown = self._shown.get((view, demand.key), (scene, None))
        if shown is None:
            return None
        found: dict[str, Any] = {}
        for path in frozenset[str]().union(*map(self._read_by, demands)):
            fact = scene.facts[path]
            if path in shown and elsewhere.facts[path] == fact:
                found[path] = shown[path]
            elif not fact.optional:
                if path not in self._seen or self._seen[path][0].facts[path] != fact:
                    return None
                found[path] = self._seen[path][1]
        return found if admissible(scene, found) else None

    def possible(self, question: Question, scene: Scene, demands: Iterable[Demand]) -> bool | None:
        """Whether that may be, about tests of `demands`; None where it was not asked yet, or where facts were others."""
        if question not in self._impossible:
            return None
        elsewhere = self._impossible[question]
        if elsewhere is None:
            return True
        asked = (each for each in demands if each.test in question[0] or each.test in question[1])
        paths = frozenset[str]().union(*map(self._read_by, asked))
        alike = all(scene.facts[path] == elsewhere.facts.get(path) for path in paths)
        return False if alike and _counted(scene, paths) == _counted(elsewhere, paths) else None

    def keep_answer(self, question: Question, scene: Scene, *, possible: bool) -> None:
        """Remember an answer of the solver."""
        self._impossible[question] = None if possible else scene

    def _read_by(self, demand: Demand) -> frozenset[str]:
        if demand.test not in self._reads:
            self._reads[demand.test] = reads(demand.condition)
        return self._reads[demand.test]


def _counted(scene: Scene, paths: frozenset[str]) -> frozenset[Counter]:
    """The counters among the facts read: what they hold depends on the request."""
    return frozenset(each for each in scene.counters if each.name in paths)
