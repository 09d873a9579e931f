"""The tables of a report's page."""

from newel.policy.replay.parts import Cell, Tagged, panel, table
from newel.policy.replay.report import Change, GroupLine, Report
from newel.policy.replay.verdict import notable, people, turned_away
from newel.policy.replay.words import OWN_CURRENCY, share, short_amount

MOST_ROWS = 20


def group_table(report: Report) -> str:
    """Who would feel it, by group."""
    head = (
        "Group", "People", f"Prompts, {report.before}", f"Prompts, {report.after}", f"Busy day, {report.before}",
        f"Busy day, {report.after}", "Turned away", "Locked out",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            line.name,
            f"{line.people:,}",
            f"{line.prompts.before:,}",
            _prompts(line),
            f"{line.busy.before:,}",
            Tagged(f"{line.busy.after:,}", "more", "warn")
            if line.busy.after > line.busy.before
            else f"{line.busy.after:,}",
            _moved(turned_away(line)),
            _locked(line.locked_people),
        )
        for line in report.groups[:MOST_ROWS]
    ]
    return table("Groups", head, rows, left=frozenset({7}))


def _prompts(line: GroupLine) -> Cell:
    """Prompts under the candidate; fewer of them are no gain where more requests are turned away."""
    prompts, turned = line.prompts, turned_away(line)
    rises = prompts.after > prompts.before
    if not notable(prompts) or not prompts.before or (not rises and turned.after > turned.before):
        return f"{prompts.after:,}"
    said = f"{share(abs(prompts.after - prompts.before), prompts.before)} {'more' if rises else 'less'}"
    return Tagged(f"{prompts.after:,}", said, "warn" if rises else "good")


def _locked(locked: Change) -> Cell:
    if not locked.after:
        return "nobody" if not locked.before else f"nobody, before {locked.before:,}"
    if locked.after > locked.before:
        return Tagged(people(locked.after).lower(), f"{locked.after - locked.before:,} more", "bad")
    return (
        people(locked.after).lower()
        if not locked.differs
        else f"{people(locked.after).lower()}, before {locked.before:,}"
    )


def rule_table(report: Report) -> str:
    """What comes from each rule."""
    head = (
        "Rule", "Matches", f"Prompts, {report.before}", f"Prompts, {report.after}", "Only by it, before", "Only by it, after",
        "Locks out", "Refuses",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            Tagged(line.id, "observed", "now") if line.observes else line.id,
            f"{line.matched.after:,}",
            f"{line.prompts.before:,}",
            f"{line.prompts.after:,}",
            f"{line.only.before:,}",
            f"{line.only.after:,}",
            _moved(line.locked),
            _moved(line.denied),
        )
        for line in report.rules
    ]
    return table("Rules", head, rows)


def level_table(report: Report) -> str:
    """What moved across each level."""
    moved = [line for line in report.levels if line.fell or line.rose][:MOST_ROWS]
    said = "Requests of which at least this is asked, and those that fell below it or rose to it."
    if not moved:
        return panel("levels", "What moved across a level", "No request moved across any level.")
    rows: list[tuple[Cell, ...]] = [
        (
            line.demand,
            f"{line.requests.after:,}",
            Tagged(f"{line.fell:,}", "weaker", "bad") if line.fell > line.rose else f"{line.fell:,}",
            Tagged(f"{line.rose:,}", "stricter", "now") if line.rose > line.fell else f"{line.rose:,}",
        )
        for line in moved
    ]
    return panel(
        "levels",
        "What moved across a level",
        said,
        table("Levels", ("At least", f"Under {report.after}", "Fell below", "Rose to"), rows),
    )


def caught_table(report: Report) -> str:
    """What passes no longer, and what passes now."""
    moved = [line for line in report.caught if line.newly or line.no_longer][:MOST_ROWS]
    said = "Requests that passed in silence and now meet a prompt or a refusal, and the other way round."
    if any(line.newly_amount is not None for line in moved):
        said += f" Amounts are {OWN_CURRENCY}."
    if not moved:
        return panel("caught", "What it would newly catch", "The same requests pass in silence.")
    rows = [
        (line.what, *_counted(line.newly, line.newly_amount), *_counted(line.no_longer, line.no_longer_amount))
        for line in moved
    ]
    head = ("For", "Newly", "Amount", "No longer", "Amount")
    return panel("caught", "What it would newly catch", said, table("Newly caught", head, rows))


def _counted(count: int, minor: int | None) -> tuple[str, str]:
    return f"{count:,}", "" if minor is None else short_amount(minor)


def _moved(change: Change) -> str:
    return f"{change.after:,}" if not change.differs else f"{change.after:,}, before {change.before:,}"
