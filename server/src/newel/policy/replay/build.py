"""Rows → a log, a bounded number of rows at a time: typed columns grow, the rows do not stay."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from newel.domain.assurance import SHIPPED
from newel.domain.value import dataclass
from newel.policy.document import Document
from newel.policy.facts import END_OF_TIME
from newel.policy.replay.bound import Columns
from newel.policy.replay.columns import STORES, Array, Column, Store, narrow
from newel.policy.replay.encode import TYPED, Distinct, encoded, stacked
from newel.policy.replay.log import NEVER, OUTCOMES, Log, LogRefused, Outcome, in_order

AT_ONCE = 65_536
ANSWERED = 900
"""Seconds within which an act that was asked for goes on."""
MOST_ACTS = 200_000
OLDEST = 2**31 - 1
MOST = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request, as it stood before anybody was asked.

    `person` and `session` are keyed hashes (64 bits at most). `ages` are the seconds since each reached class was
    proven; `methods` names what the person held, None where it is not known; `facts` are by path: whole numbers, texts,
    truth values, collections of texts, addresses as text or number. A fact that was missing is left out. `act` is the
    same number for all decisions about one act: asked, met after the prompt, evaluated once more.
    """

    at: int
    targets: tuple[str, ...]
    person: int
    session: int
    facts: Mapping[str, object]
    ages: Mapping[str, int]
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] | None = None
    outcome: Outcome = "unknown"
    attack: bool | None = None
    act: int | None = None


def check(row: Row) -> None:
    """LogRefused for hashes beyond 64 bits, and times before 1970 or after 3000."""
    if not (0 <= row.person <= MOST and 0 <= row.session <= MOST):
        raise LogRefused("hashes of people and sessions have 64 bits")
    if not 0 <= row.at < END_OF_TIME:
        raise LogRefused("a time lies between 1970 and 3000")


def stores(document: Document) -> tuple[tuple[str, Store], ...]:
    """Every fact of a policy with how a column holds it; a path that two resources type differently stands twice."""
    declared = [document.facts, *(resource.facts for resource in document.resources.values())]
    return tuple(dict.fromkeys((path, STORES[fact.kind]) for facts in declared for path, fact in facts.items()))


def builder_for(documents: Sequence[Document], synthetic: str = "") -> "Builder":
    """What keeps every fact and the age of every class that one of these policies reads."""
    facts = dict.fromkeys(each for document in documents for each in stores(document))
    classes = dict.fromkeys(name for document in documents for name in document.classes.by_name)
    return Builder(tuple(facts), tuple(dict.fromkeys((*SHIPPED.by_name, *classes))), synthetic)


class Builder:
    """Takes rows in any order. `facts` are the columns to make (`stores`), `classes` those whose ages are kept.

    Of the rows about one act that come within ANSWERED seconds of each other, oldest first, the first one is kept: what
    follows is its answer and no request of its own.
    """

    def __init__(self, facts: Iterable[tuple[str, Store]], classes: Sequence[str], synthetic: str = "") -> None:
        self._keys, self._classes, self._synthetic = tuple(facts), tuple(classes), synthetic
        self._distinct = {key: Distinct() for key in self._keys}
        self._targets, self._groups, self._methods, self._people = (Distinct() for _ in range(4))
        self._rows: list[Row] = []
        self._acts: dict[int, int] = {}
        self._plain: dict[str, list[Array]] = {}
        self._columns: dict[tuple[str, Store], list[Column]] = {key: [] for key in self._keys}

    def add(self, row: Row) -> None:
        """One more row. LogRefused as `check` says."""
        check(row)
        if self._answers(row):
            return
        self._rows.append(row)
        if len(self._rows) >= AT_ONCE:
            self._flush()

    def _answers(self, row: Row) -> bool:
        """Whether a row belongs to an act that was decided shortly before."""
        if row.act is None:
            return False
        before = self._acts.pop(row.act, None)
        self._acts[row.act] = row.at
        if len(self._acts) > MOST_ACTS:
            self._acts = {act: at for act, at in self._acts.items() if row.at - at <= ANSWERED}
        return before is not None and 0 <= row.at - before <= ANSWERED

    def log(self) -> Log:
        """The log of all rows so far. The builder is spent."""
        self._flush()
        order, starts = in_order(self._whole("session"), self._whole("time"))
        del self._plain["session"]
        held = {name: self._whole(name)[order] for name in tuple(self._plain)}
        attack = held["attack"]
        return Log(
            synthetic=self._synthetic,
            targets=self._targets.entries,
            groups=self._groups.entries,
            methods=self._methods.entries,
            people=np.array(self._people.entries, np.uint64),
            starts=starts,
            time=held["time"],
            target=narrow(held["target"], len(self._targets.entries)),
            person=narrow(held["person"], len(self._people.entries)),
            group=narrow(held["group"], len(self._groups.entries)),
            holding=narrow(held["holding"], len(self._methods.entries)),
            outcome=narrow(held["outcome"], len(OUTCOMES)),
            ages={name: held[f"age {name}"] for name in self._classes},
            facts=self._facts(order),
            attack=None if (attack < 0).all() else attack > 0,
        )

    def _whole(self, name: str) -> Array:
        parts = self._plain[name]
        self._plain[name] = [parts[0] if len(parts) == 1 else np.concatenate(parts)]
        return self._plain[name][0]

    def _facts(self, order: Array) -> Columns:
        """Each column in order; those that hold nothing are left out."""
        made: dict[tuple[str, Store], Column] = {}
        for key in self._keys:
            column = stacked(self._columns.pop(key), self._distinct[key]).take(order)
            missing = column.missing()
            if missing is None or not missing.all():
                made[key] = column
        return made

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        for name, width, values in self._described(rows):
            self._plain.setdefault(name, []).append(np.array(values, width))
        for path, store in self._keys:
            typed = TYPED[store]
            values = [typed(row.facts.get(path)) for row in rows]
            self._columns[path, store].append(encoded(store, values, self._distinct[path, store]))

    def _described(self, rows: list[Row]) -> list[tuple[str, Any, list[Any]]]:
        people, groups, methods, targets = self._people.code, self._groups.code, self._methods.code, self._targets.code
        return [
            ("session", np.uint64, [row.session for row in rows]),
            ("time", np.int64, [row.at for row in rows]),
            ("target", np.uint32, [targets(row.targets) for row in rows]),
            ("person", np.uint32, [people(row.person) for row in rows]),
            ("group", np.uint32, [groups(frozenset(row.groups)) for row in rows]),
            ("holding", np.uint32, [methods(None if row.methods is None else frozenset(row.methods)) for row in rows]),
            ("outcome", np.uint8, [OUTCOMES.index(row.outcome) for row in rows]),
            ("attack", np.int8, [NEVER if row.attack is None else int(row.attack) for row in rows]),
            *((f"age {name}", np.int32, [age_of(row, name) for row in rows]) for name in self._classes),
        ]


def age_of(row: Row, name: str) -> int:
    """How long ago a class was proven, in seconds; NEVER where it was not reached."""
    age = row.ages.get(name)
    return NEVER if age is None else min(max(age, 0), OLDEST)
