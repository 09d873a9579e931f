"""A whole replay: two policies over one log, chunk by chunk, and what came of it as a report."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import starmap

import numpy as np

from newel.domain.value import dataclass
from newel.policy.document import Document
from newel.policy.lang.evaluate import DAY
from newel.policy.replay.blame import Blame, blame
from newel.policy.replay.cases import FirstPass
from newel.policy.replay.caught import Catching
from newel.policy.replay.caveats import caveats
from newel.policy.replay.columns import Array
from newel.policy.replay.count import Calendar, People, PersonDays, Tally, percentile
from newel.policy.replay.levels import Moves, levels
from newel.policy.replay.log import Log
from newel.policy.replay.outcomes import DENIED, LOCKED, PROMPT
from newel.policy.replay.reach import Reaching
from newel.policy.replay.report import Change, Day, GroupLine, LevelLine, Report, RuleLine
from newel.policy.replay.sessions import Sessions
from newel.policy.replay.walk import walk

Progress = Callable[[int, int], None]
"""Is told the rows that are done, and all rows."""
MOST_GROUPS = 24
NO_GROUP = "no group"
BUSY, TYPICAL = 0.95, 0.5


@dataclass(frozen=True, slots=True)
class Named:
    """A policy and what the report calls it."""

    name: str
    document: Document


def named(before: Document, candidate: Document, *, is_today: bool = True) -> tuple[Named, Named]:
    """Both policies under their own names, where those tell them apart; `before` is today's, or another one."""
    if before.name != candidate.name:
        return Named(before.name, before), Named(candidate.name, candidate)
    return Named("today" if is_today else "before", before), Named("candidate", candidate)


def replay(
    log: Log, before: Named, after: Named, *, zone: str = "UTC", progress: Progress = lambda _done, _all: None
) -> Report:
    """What `after` would have asked of whom, beside `before`, on the days of a time zone."""
    run = _Run(log, (before.document, after.document), zone)
    for done in run.chunks():
        progress(done, len(log))
    return run.report((before.name, after.name))


class _Run:
    def __init__(self, log: Log, documents: tuple[Document, Document], zone: str) -> None:
        self._log, self._documents = log, documents
        self._calendar = Calendar(log, zone)
        self._first = FirstPass(log, documents)
        self._reaching = tuple(Reaching(cases, log) for cases in self._first.cases)
        self._tallies = (Tally(log, self._calendar), Tally(log, self._calendar))
        self._people, self._moves = People(log, self._calendar), Moves()
        self._catching = Catching(log, documents[1])

    def chunks(self) -> Iterator[int]:
        """Works through the log; yields the rows that are done."""
        for rows, starts in self._log.chunks():
            decided = self._first.run(rows)
            sessions = Sessions(self._log, rows, starts)
            days = self._calendar.days(self._log.time[rows])
            outcomes = []
            for cases, reaching, tally in zip(decided, self._reaching, self._tallies, strict=True):
                reach = reaching.tables()
                walked = walk(sessions, cases, reach)
                tally.add(rows, days, cases, walked, len(reach.denied))
                outcomes.append(walked.outcome)
            self._people.add(rows, days)
            self._moves.add(*decided)
            self._catching.add(rows, outcomes[0], outcomes[1])
            yield rows.stop

    def report(self, names: tuple[str, str]) -> Report:
        """All that was counted."""
        log, tallies = self._log, self._tallies
        totals = [tally.totals for tally in tallies]
        person_days = self._people.prompts_a_day(tallies)
        locked = [tally.locked_people() for tally in tallies]
        asked = [np.unique(tally.prompted() // max(self._calendar.count, 1)) for tally in tallies]
        return Report(
            before=names[0],
            after=names[1],
            synthetic=log.synthetic,
            requests=len(log),
            people=len(log.people),
            sessions=len(log.starts) - 1,
            first=int(log.time.min()) if len(log) else 0,
            last=int(log.time.max()) if len(log) else 0,
            prompts=_change([total[PROMPT] for total in totals]),
            locked=_change([total[LOCKED] for total in totals]),
            denied=_change([total[DENIED] for total in totals]),
            approvals=_change(list(starmap(_approvals, zip(self._reaching, tallies, strict=True)))),
            asked_people=_change([len(people) for people in asked]),
            locked_people=_change([len(people) for people in locked]),
            typical=_share(person_days, TYPICAL),
            busy=_share(person_days, BUSY),
            days=self._days(),
            groups=self._groups(person_days, locked),
            rules=self._rules(),
            levels=self._levels(),
            caught=self._catching.caught(),
            bands=self._catching.bands(),
            attacks=self._catching.attacks(),
            caveats=caveats(log, self._documents),
        )

    def _days(self) -> tuple[Day, ...]:
        before, after = (tally.by_day.tolist() for tally in self._tallies)
        return tuple(
            Day(_date(self._calendar.first + number), Change(*pair))
            for number, pair in enumerate(zip(before, after, strict=True))
        )

    def _groups(self, days: PersonDays, locked: list[Array]) -> tuple[GroupLine, ...]:
        """The groups with the most prompts; people in several groups count in each."""
        names = sorted({name for members in self._log.groups for name in members})
        named = [(name, [name in members for members in self._log.groups]) for name in names]
        alone = (NO_GROUP, [not members for members in self._log.groups])
        lines = [self._group(name, np.array(of, np.bool_), days, locked) for name, of in (*named, alone)]
        kept = sorted((line for line in lines if line.requests), key=lambda line: -line.prompts.after)
        return tuple(kept[:MOST_GROUPS])

    def _group(self, name: str, of: Array, days: PersonDays, locked: list[Array]) -> GroupLine:
        before, after = (tally.by_group[of].sum(axis=0) for tally in self._tallies)
        person = of[self._people.group]
        inside = person[days.person]
        mine = PersonDays(days.person[inside], days.before[inside], days.after[inside])
        return GroupLine(
            name=name,
            people=int(person.sum()),
            requests=int(before.sum()),
            prompts=_change([before[PROMPT], after[PROMPT]]),
            locked=_change([before[LOCKED], after[LOCKED]]),
            locked_people=_change([person[people].sum() for people in locked]),
            denied=_change([before[DENIED], after[DENIED]]),
            typical=_share(mine, TYPICAL),
            busy=_share(mine, BUSY),
        )

    def _rules(self) -> tuple[RuleLine, ...]:
        before, after = (
            blame(cases, reaching, tally.by_case, tally.told())
            for cases, reaching, tally in zip(self._first.cases, self._reaching, self._tallies, strict=True)
        )
        lines = [_rule(name, before.get(name, Blame()), after.get(name, Blame())) for name in {**before, **after}]
        return tuple(
            sorted(lines, key=lambda line: (-max(line.prompts.before, line.prompts.after), -line.denied.after))
        )

    def _levels(self) -> tuple[LevelLine, ...]:
        (first, of_first), (second, of_second) = (each.demand_numbers() for each in self._reaching)
        return levels(self._documents, (first, second), self._moves.by_demand(of_first, of_second))


def _rule(name: str, before: Blame, after: Blame) -> RuleLine:
    return RuleLine(
        id=name,
        matched=Change(before.matched, after.matched),
        prompts=Change(before.prompts, after.prompts),
        only=Change(before.only, after.only),
        locked=Change(before.locked, after.locked),
        denied=Change(before.denied, after.denied),
        observes=after.observes,
    )


def _approvals(reaching: Reaching, tally: Tally) -> int:
    waiting = reaching.tables().approval
    return int(tally.by_case[waiting].sum()) if len(waiting) else 0


def _change(pair: list[int]) -> Change:
    return Change(int(pair[0]), int(pair[1]))


def _share(days: PersonDays, share: float) -> Change:
    return Change(percentile(days.before, share), percentile(days.after, share))


def _date(number: int) -> str:
    return f"{datetime.fromtimestamp(number * DAY, UTC):%Y-%m-%d}"
