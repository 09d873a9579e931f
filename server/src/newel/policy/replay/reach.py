"""What a case means for a person: the ages it allows, whether a person with these methods can comply, and what a prompt
refreshes. Tables over cases, classes and the distinct sets of methods in a log.
"""

from collections.abc import Iterator

import numpy as np

from newel.domain.assurance import Classes
from newel.domain.evidence import Authenticator
from newel.domain.method import METHODS, PASSKEY
from newel.domain.plan import plan
from newel.domain.requirement import Requirement, SessionTerms
from newel.domain.standing import Standing
from newel.domain.value import dataclass, replace
from newel.policy.replay.cases import Cases
from newel.policy.replay.columns import Array
from newel.policy.replay.log import Log

UNLIMITED = 1 << 61
"""An age that nothing reaches, in seconds: what is not demanded is never too old."""
NEVER_ENOUGH = -1


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Over C cases, K classes, H sets of methods: `limits` (C, K) the greatest age in seconds that will do;
    `denied`, `bound`, `approval` (C); `can` (C, H) whether the demand can be proven; `renews` (C, H, K) what is
    proven anew by doing so. `lasts` and `idle` (K) in seconds.
    """

    limits: Array
    denied: Array
    bound: Array
    approval: Array
    can: Array
    renews: Array
    lasts: Array
    idle: Array


class Reaching:
    """Makes the tables, growing with the cases; each demand is planned once for each set of methods."""

    def __init__(self, cases: Cases, log: Log) -> None:
        self._cases, self._log = cases, log
        self._names = tuple(log.ages)
        self._classes = cases.document.classes
        self._limits: dict[Requirement, list[int]] = {}
        self._planned: dict[tuple[Requirement, frozenset[str] | None], list[bool] | None] = {}
        self._numbers: dict[Requirement, int] = {}
        self._of_case: list[int] = []
        self._reach: Reach | None = None

    def tables(self) -> Reach:
        """The tables for all cases known now."""
        known = len(self._of_case)
        for case in self._cases.table[known:]:
            self._of_case.append(self._numbers.setdefault(case.requirement, len(self._numbers)))
        if self._reach is None or len(self._cases.table) > known:
            demands, places = self._demands(tuple(self._numbers)), np.array(self._of_case, np.int64)
            shared = {"lasts", "idle"}
            self._reach = Reach(**{name: each if name in shared else each[places] for name, each in demands.items()})
        return self._reach

    def _demands(self, demands: tuple[Requirement, ...]) -> dict[str, Array]:
        """The same tables, over distinct demands."""
        planned = [[self._renewed(each, methods) for methods in self._log.methods] for each in demands]
        nothing = [False] * len(self._names)
        declared = self._classes.by_name
        shape = (len(demands), len(self._log.methods), len(self._names))
        return {
            "limits": np.array([self.limits(each) for each in demands], np.int64).reshape(shape[0], shape[2]),
            "denied": np.array([each.denied for each in demands], np.bool_),
            "bound": np.array([each.bound for each in demands], np.bool_),
            "approval": np.array([bool(each.approve) and not each.denied for each in demands], np.bool_),
            "can": np.array([[way is not None for way in row] for row in planned], np.bool_).reshape(shape[:2]),
            "renews": np.array([[way or nothing for way in row] for row in planned], np.bool_).reshape(shape),
            "lasts": np.array([declared[n].lasts if n in declared else NEVER_ENOUGH for n in self._names], np.int64),
            "idle": np.array([declared[n].idle if n in declared else NEVER_ENOUGH for n in self._names], np.int64),
        }

    def limits(self, requirement: Requirement) -> list[int]:
        """For each class the greatest age that will do."""
        if requirement not in self._limits:
            asked = dict(requirement.evidence)
            self._limits[requirement] = [
                min(asked[name], self._classes.by_name[name].lasts) if name in asked else UNLIMITED
                for name in self._names
            ]
        return self._limits[requirement]

    def unable(self, requirement: Requirement) -> list[bool]:
        """For each set of methods, whether it cannot prove what is demanded."""
        return [self._renewed(requirement, methods) is None for methods in self._log.methods]

    def demand_numbers(self) -> tuple[tuple[Requirement, ...], Array]:
        """The distinct demands, and the number of each case's among them."""
        self.tables()
        return tuple(self._numbers), np.array(self._of_case, np.int64)

    def _renewed(self, demand: Requirement, methods: frozenset[str] | None) -> list[bool] | None:
        """The classes that the cheapest sufficient challenges prove; None where none suffice."""
        requirement = replace(demand, approve=(), entitle=frozenset(), meter=(), session=SessionTerms())
        key = (requirement, methods)
        if key not in self._planned:
            self._planned[key] = self._planned_for(requirement, methods)
        return self._planned[key]

    def _planned_for(self, requirement: Requirement, methods: frozenset[str] | None) -> list[bool] | None:
        if requirement.denied:
            return None
        if methods is None:
            named = {name for name, _ in (*requirement.evidence, *requirement.bind)}
            counted = frozenset().union(*(self._classes.below(name) for name in named))
            return [name in counted for name in self._names]
        standing = standing_of(methods, self._classes)
        found = plan(requirement, standing, interaction="")
        if not found.possible:
            return None
        events = (way.authenticators[0].evidence(event=way.method.name, at=0, interaction="") for way in found.steps)
        proven = standing.plus(*events).reached(requirement.forbid)
        return [name in proven for name in self._names]


def standing_of(methods: frozenset[str], classes: Classes) -> Standing:
    """Somebody who holds these methods and has proven nothing yet; an unknown method is none."""
    held = {each.id: each for each in _authenticators(methods)}
    return Standing(now=0, active_at=0, authenticators=held, digest=b"", classes=classes)


def _authenticators(methods: frozenset[str]) -> Iterator[Authenticator]:
    for name in sorted(methods & METHODS.keys()):
        yield Authenticator(
            id=name, subject="", method=name, name=name, created_at=0, material=b"", user_verifying=name == PASSKEY.name
        )
