"""The log of decisions as typed columns: one row for each request, sessions one after the other, each in time order.

A person is a keyed hash, a text is a code. A row holds what stood before anybody was asked: the ages of what the session
had proven, the facts, and what was decided then.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Literal, get_args

import numpy as np

from newel.domain.value import dataclass, replace
from newel.policy.replay.bound import Columns
from newel.policy.replay.columns import Array, Bools

Outcome = Literal["met", "asked", "refused", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
ASKED = OUTCOMES.index("asked")
NEVER = -1
"""The age of a class that the session had not reached."""
CHUNK = 800_000
"""Rows that are worked on at once; memory beside the log grows with it."""


class LogRefused(ValueError):
    """What cannot be a log, a row of one or a profile; the message says why."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Log:
    """Columns of the same length. `starts` holds the first row of each session, and last the number of rows.

    `targets`, `groups` and `methods` are the distinct values behind the codes `target`, `group` and `holding`: what a
    request was for, the groups of its person then, the methods the person held (None: not known). `person` counts
    into `people`, keyed hashes. `ages` are seconds for each class, NEVER where it was not reached. `attack` marks
    requests known to be an attack, None where nobody said. `synthetic` describes the profile of a made-up log.
    """

    synthetic: str
    targets: tuple[tuple[str, ...], ...]
    groups: tuple[frozenset[str], ...]
    methods: tuple[frozenset[str] | None, ...]
    people: Array
    starts: Array
    time: Array
    target: Array
    person: Array
    group: Array
    holding: Array
    outcome: Array
    ages: Mapping[str, Array]
    facts: Columns
    attack: Bools | None = None

    def __len__(self) -> int:
        return len(self.time)

    def without(self, paths: Container[str]) -> "Log":
        """The same log without some facts, such as names of people before it is kept or sent."""
        kept = {key: column for key, column in self.facts.items() if key[0] not in paths}
        return replace(self, facts=kept)

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[slice, Array]]:
        """Whole sessions of about `size` rows together: the rows, and where in them each session starts and ends."""
        first = 0
        while first < len(self.starts) - 1:
            last = int(np.searchsorted(self.starts, self.starts[first] + size, side="right")) - 1
            last = max(last, first + 1)
            begin, end = int(self.starts[first]), int(self.starts[last])
            yield slice(begin, end), self.starts[first : last + 1] - begin
            first = last


def in_order(session: Array, time: Array) -> tuple[Array, Array]:
    """The order of rows, by session and then by time, and where each session starts; rows of one second keep theirs."""
    order = np.lexsort((time, session))
    ordered = session[order]
    changes = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    ends = [len(session)] if len(session) else []
    begins = [0]
    return order, np.concatenate([np.array(begins, np.int64), changes, np.array(ends, np.int64)])
