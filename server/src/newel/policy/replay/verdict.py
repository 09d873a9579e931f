"""What a replay comes to, in a few sentences."""

from newel.policy.replay.report import Change, Report
from newel.policy.replay.words import amount, moment, plural, share

HANDFUL, TWENTIETH = 10, 0.05
ALMOST_NOTHING = 0.005
"""A change of prompts below this share is called none."""


def lead(report: Report) -> tuple[str, ...]:
    """Whom it would bother, what it would catch, and whom it would lock out: a sentence each."""
    return tuple(
        sentence for sentence in (_bother(report), _group(report), _catch(report), _locked(report)) if sentence
    )


def asks(prompts: Change) -> str:
    """How much more or less is asked."""
    difference = prompts.after - prompts.before
    if abs(difference) < ALMOST_NOTHING * max(prompts.before, 1):
        return "as much as before"
    if not prompts.before:
        return f"{plural(prompts.after, 'time')} where nobody was asked before"
    return f"{share(abs(difference), prompts.before)} {'more' if difference > 0 else 'less'}"


def _bother(report: Report) -> str:
    prompts = report.prompts
    counted = (
        f"{plural(prompts.after, 'prompt')} instead of {prompts.before:,}"
        if prompts.differs
        else f"{prompts.after:,} prompts"
    )
    return f"It would have asked {asks(prompts)}: {counted}."


def _group(report: Report) -> str:
    """The group that would be asked more, if its share of the change is not its share of all."""
    risen = [line for line in report.groups if notable(line.prompts) and line.prompts.after > line.prompts.before]
    if not risen or len(report.groups) == 1:
        return ""
    line = max(risen, key=lambda each: each.prompts.after / max(each.prompts.before, 1))
    return f"Most bothered: {line.name}, asked {asks(line.prompts)}, {line.prompts.after:,} times instead of {line.prompts.before:,}."


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
    difference = locked.after - locked.before
    who = people(locked.after)
    if not difference:
        return f"{who} could not comply at least once, as many as before."
    return f"{who} could not comply at least once, {more(locked, '')}."


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
