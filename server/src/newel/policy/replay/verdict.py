"""What a replay comes to, in a few sentences."""

from newel.policy.replay.report import Change, Compared, GroupLine, Report
from newel.policy.replay.words import amount, moment, opening, plural, share

HANDFUL, TWENTIETH = 10, 0.05
ALMOST_NOTHING = 0.005
"""A change of stops below this share is called none."""
SHORT = 12
NO_APPROVALS = "approvals cannot be given yet, so none of them goes through"


def lead(report: Report) -> tuple[str, ...]:
    """Whom it would bother, what it would catch, and who would not get on at all: a sentence each."""
    told = (_bother(report), _group(report), _locked(report), _approvals(report), _catch(report))
    return tuple(sentence for sentence in told if sentence)


def title(report: Report) -> str:
    """Which policy stands beside which."""
    if report.compared is None:
        return opening(f"{report.after} against {report.before}")
    before, after = report.compared
    if before.name != after.name:
        return f"{after.name} against {before.name}"
    return f"{after.name}: {_told_apart(after, before)} against {_told_apart(before, after)}"


def _told_apart(policy: Compared, other: Compared) -> str:
    """By what two policies of one name differ: their file, else their version."""
    if policy.file == other.file:
        return f"version {policy.version[:SHORT]}"
    return policy.file or "the policy in force"


def compared(report: Report) -> tuple[str, ...]:
    """What the two short names of a report stand for, a line each."""
    if report.compared is None:
        return ()
    return tuple(
        f"{opening(label)}: {each.name}, {each.file or 'in force'}, version {each.version[:SHORT]}"
        for label, each in zip((report.before, report.after), report.compared, strict=True)
    )


def often(change: Change) -> str:
    """How much more or less often."""
    difference = change.after - change.before
    if abs(difference) < ALMOST_NOTHING * max(change.before, 1):
        return "as often as before"
    if not change.before:
        return f"{plural(change.after, 'time')} where it never did before"
    return f"{share(abs(difference), change.before)} {'more' if difference > 0 else 'less'} often"


def turned_away(report: Report | GroupLine) -> Change:
    """Requests that end without a way on: denied, or with a demand that their person cannot meet."""
    return added(report.denied, report.locked)


def added(*changes: Change) -> Change:
    """The sum of both sides."""
    return Change(sum(each.before for each in changes), sum(each.after for each in changes))


def _bother(report: Report) -> str:
    """Prompts and refusals together, so that a request that is turned away never reads as a prompt that is spared."""
    turned = turned_away(report)
    stopped = added(report.prompts, turned)
    parts = [f"{plural(report.prompts.after, 'time')} by a prompt{_beside(report.prompts)}"]
    if turned.before or turned.after:
        parts.append(f"{turned.after:,} turned away{_beside(turned)}")
    return f"It would have stopped people {often(stopped)}: {', '.join(parts)}."


def _beside(change: Change) -> str:
    return f" instead of {change.before:,}" if change.differs else " as before"


def _group(report: Report) -> str:
    """The group that would be stopped more often than others, if its share of the change is not its share of all."""
    stops = [(line, added(line.prompts, turned_away(line))) for line in report.groups]
    risen = [(line, stopped) for line, stopped in stops if notable(stopped) and stopped.after > stopped.before]
    if not risen or len(report.groups) == 1:
        return ""
    line, stopped = max(risen, key=lambda each: each[1].after / max(each[1].before, 1))
    return (
        f"Most bothered: {line.name}, stopped {often(stopped)}, {stopped.after:,} times instead of {stopped.before:,}."
    )


def notable(change: Change) -> bool:
    """Whether a change is worth a word: a twentieth, and not a handful."""
    difference = abs(change.after - change.before)
    return difference >= HANDFUL and difference >= TWENTIETH * change.before


def _catch(report: Report) -> str:
    attacks = report.attacks
    if attacks is not None and attacks.requests:
        stopped = attacks.stopped
        change = more(stopped, "the same number")
        return f"It would have met {stopped.after:,} of {plural(attacks.requests, 'attack')} with a prompt or a refusal, {change}."
    newly = sum(line.newly for line in report.caught)
    money = sum(line.newly_amount or 0 for line in report.caught)
    if not newly:
        return "It would have caught nothing that passes in silence now."
    worth = f", worth {amount(money)} together" if money else ""
    return f"It would have caught {plural(newly, 'request')} that passed in silence{worth}."


def _locked(report: Report) -> str:
    locked = report.locked_people
    if not locked.after:
        return "Nobody would have been locked out."
    who = people(locked.after)
    if not locked.differs:
        return f"{who} could not comply at least once, as many as before."
    where = _most_locked(report) if locked.after > locked.before else ""
    return f"{who} could not comply at least once, {more(locked, '')}{where}."


def _most_locked(report: Report) -> str:
    """The group with the most people more, where there are several."""
    rises = {line.name: line.locked_people.after - line.locked_people.before for line in report.groups}
    most = max(rises, key=rises.__getitem__, default="")
    return f" (in {most} {rises[most]:,} more)" if len(rises) > 1 and rises[most] > 0 else ""


def _approvals(report: Report) -> str:
    """Those that wait for somebody else's yes, where there are any."""
    waiting = report.approvals
    if not (waiting.before or waiting.after):
        return ""
    return f"{plural(waiting.after, 'request')} would need an approval{_beside(waiting)}; {NO_APPROVALS}."


def more(change: Change, same: str) -> str:
    """166 more, 3 fewer."""
    difference = change.after - change.before
    if not difference:
        return same
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than before"


def people(count: int) -> str:
    """A number of people."""
    return "One person" if count == 1 else f"{count:,} people"


def subject(report: Report) -> str:
    """What was replayed."""
    return (
        f"{plural(report.requests, 'request')} of {people(report.people).lower()} in {plural(report.sessions, 'session')}, "
        f"{moment(report.first)} to {moment(report.last)}"
    )


def signed(change: Change) -> str:
    """The difference with its sign; nothing where there is none."""
    difference = change.after - change.before
    return f"{difference:+,}".replace("-", "\N{MINUS SIGN}") if difference else "\N{EN DASH}"
