"""Counting what came of each row, chunk by chunk: by case, group, day, person, kind of request and amount."""

import numpy as np

from newel.domain.value import dataclass
from newel.policy.lang.evaluate import DAY
from newel.policy.replay.clocks import offsets
from newel.policy.replay.columns import Array
from newel.policy.replay.log import Log
from newel.policy.replay.outcomes import LOCKED, PROMPT
from newel.policy.replay.walk import Walked

KINDS_OF_OUTCOME = 4


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Rows with a prompt or a lock-out, column by column: their case, methods, outcome, and ages (rows, K)."""

    case: Array
    holding: Array
    outcome: Array
    ages: Array


class Calendar:
    """The local days that a log covers."""

    def __init__(self, log: Log, zone: str) -> None:
        self._zone = zone
        ends = np.array([log.time.min(), log.time.max()]) if len(log) else np.zeros(2, np.int64)
        first, last = ((ends + offsets(ends, zone)) // DAY).tolist()
        self.first, self.count = int(first), int(last) - int(first) + 1

    def days(self, times: Array) -> Array:
        """Which day each time lies in, counted from the first."""
        found: Array = (times + offsets(times, self._zone)) // DAY - self.first
        return found


class Tally:
    """What came of the rows under one policy."""

    def __init__(self, log: Log, calendar: Calendar) -> None:
        self._log, self._days = log, calendar.count
        self.by_case = np.zeros((0, KINDS_OF_OUTCOME), np.int64)
        self.by_group = np.zeros((len(log.groups), KINDS_OF_OUTCOME), np.int64)
        self.by_day = np.zeros(calendar.count, np.int64)
        self._prompted: list[Array] = []
        self._locked: list[Array] = []
        nothing, classes = np.zeros(0, np.uint8), len(log.ages)
        self._told = [Told(nothing, nothing, nothing, np.zeros((0, classes), np.int32))]

    def add(self, rows: slice, days: Array, cases: Array, walked: Walked, known: int) -> None:
        """The rows of a chunk; `known` is the number of cases by now."""
        log, outcome = self._log, walked.outcome
        grown = np.bincount(cases.astype(np.int64) * KINDS_OF_OUTCOME + outcome, minlength=known * KINDS_OF_OUTCOME)
        grown = grown.reshape(known, KINDS_OF_OUTCOME)
        grown[: len(self.by_case)] += self.by_case
        self.by_case = grown
        pairs = log.group[rows].astype(np.int64) * KINDS_OF_OUTCOME + outcome
        self.by_group += np.bincount(pairs, minlength=self.by_group.size).reshape(self.by_group.shape)
        asked = np.flatnonzero(outcome == PROMPT)
        self.by_day += np.bincount(days[asked], minlength=self._days)
        person = log.person[rows]
        self._prompted.append(person[asked].astype(np.int64) * self._days + days[asked])
        self._locked.append(np.unique(person[outcome == LOCKED]))
        places = walked.rows
        ages = np.clip(walked.ages, -(2**31), 2**31 - 1).astype(np.int32)
        self._told.append(Told(cases[places], log.holding[rows][places], outcome[places], ages))

    @property
    def totals(self) -> Array:
        """Rows by outcome."""
        found: Array = self.by_case.sum(axis=0)
        return found

    def prompted(self) -> Array:
        """The day of a person of each prompt: person times days, plus day."""
        return np.concatenate([np.zeros(0, np.int64), *self._prompted])

    def locked_people(self) -> Array:
        """The people who were locked out at least once."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *self._locked]))

    def told(self) -> Told:
        """All rows with a prompt or a lock-out."""
        parts = self._told
        return Told(*(np.concatenate([getattr(each, name) for each in parts]) for name in Told.__slots__))


class People:
    """Person-days: on which days somebody did anything, and how many prompts came then."""

    def __init__(self, log: Log, calendar: Calendar) -> None:
        self._log, self._days = log, calendar.count
        self._active: list[Array] = []
        self.group = np.zeros(len(log.people), np.int64)

    def add(self, rows: slice, days: Array) -> None:
        """The rows of a chunk; a person's group is that of the last row."""
        person = self._log.person[rows]
        self._active.append(np.unique(person.astype(np.int64) * self._days + days))
        self.group[person] = self._log.group[rows]

    def prompts_a_day(self, tallies: tuple[Tally, Tally]) -> "PersonDays":
        """All person-days with their prompts."""
        active = np.unique(np.concatenate([np.zeros(0, np.int64), *self._active]))
        counts = [np.bincount(np.searchsorted(active, each.prompted()), minlength=len(active)) for each in tallies]
        return PersonDays(active // max(self._days, 1), counts[0], counts[1])


@dataclass(frozen=True, slots=True, eq=False)
class PersonDays:
    """The person of each day on which there was a request, and the prompts that day under both policies."""

    person: Array
    before: Array
    after: Array


def percentile(values: Array, share: float) -> int:
    """The least value that at least `share` of all keep to; 0 where there is none."""
    return int(np.quantile(values, share, method="inverted_cdf")) if len(values) else 0
