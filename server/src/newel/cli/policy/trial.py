"""A short replay for an admission: the decisions that were recorded lately, under the policy in force and the one to come.

It refuses nothing: its figures are of requests gone by, and who could not comply today is the lock-out prover's to find.
Its time is bounded by the records it looks at, the newest ones.
"""

from collections.abc import Iterable
from dataclasses import asdict

from newel.cli.opening import Open
from newel.cli.policy.recorded import recorded_log
from newel.cli.policy.told import Told
from newel.policy.document import Document
from newel.policy.replay.log import LogRefused
from newel.policy.replay.report import Change, GroupLine, Report
from newel.policy.replay.run import NO_GROUP, named, replay
from newel.policy.replay.verdict import subject
from newel.storage.decisions import newest_from

DAYS = 30
DAY = 86_400
MOST_RECORDS = 100_000
NO_DECISION = f"no decision was recorded in the last {DAYS} days"


async def trial(everything: Open, before: Document, after: Document) -> Told | str:
    """The short report; why there is none, in words."""
    since = everything.now - DAYS * DAY
    begin = await newest_from(everything.store, since, MOST_RECORDS)
    try:
        log = await recorded_log(everything, (before, after), begin)
        if not len(log):
            return NO_DECISION
        report = replay(log, *named(before, after))
    except LogRefused as odd:
        return f"the decision log cannot be replayed: {odd}"
    return _told(report, cut=begin > since)


def _told(report: Report, *, cut: bool) -> Told:
    most = _most(report)
    looked = f"the newest {MOST_RECORDS:,} records of" if cut else "all of"
    lines = (
        f"replayed: {report.after} against {report.before}, {subject(report)} ({looked} the last {DAYS} days)",
        f"  {_changes((('prompts', report.prompts), ('refused', report.denied), ('cannot be met', report.locked)))}",
        "  most: no group is asked, refused or locked out more often" if most is None else f"  most: {_group(most)}",
    )
    tree = {
        "replayed": True,
        "before": report.before,
        "after": report.after,
        "days": DAYS,
        "most_records": MOST_RECORDS,
        "cut": cut,
        **{name: getattr(report, name) for name in ("requests", "people", "sessions", "first", "last")},
        **{name: asdict(getattr(report, name)) for name in ("prompts", "denied", "locked", "locked_people")},
        "most": None if most is None else asdict(most),
        "caveats": list(report.caveats),
    }
    return Told(lines, tree)


def _most(report: Report) -> GroupLine | None:
    """The group with the greatest rise of prompts, refusals and lock-outs together."""
    line = max(report.groups, key=_rise, default=None)
    return None if line is None or _rise(line) <= 0 else line


def _rise(line: GroupLine) -> int:
    return sum(change.after - change.before for change in (line.prompts, line.denied, line.locked))


def _group(line: GroupLine) -> str:
    named_changes = (("prompts", line.prompts), ("refused", line.denied), ("cannot be met", line.locked))
    told = _changes((name, change) for name, change in named_changes if change.differs)
    who = "people in no group" if line.name == NO_GROUP else f"group {line.name}"
    return f"{who} ({line.people:,}): {told}"


def _changes(changes: Iterable[tuple[str, Change]]) -> str:
    return "; ".join(f"{name} {_change(change)}" for name, change in changes)


def _change(change: Change) -> str:
    return f"{change.after:,} instead of {change.before:,}" if change.differs else f"{change.after:,} as before"
