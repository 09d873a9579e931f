"""A report as tables for a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from newel.policy.replay.report import Report
from newel.policy.replay.verdict import compared, lead, signed, subject, title
from newel.policy.replay.words import amount, share, short_amount

MOST_LINES = 12
Table = Sequence[Sequence[str]]


def as_text(report: Report) -> str:
    """The whole report, lines of about a hundred characters."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield title(report)
    yield from compared(report)
    yield subject(report)
    if report.synthetic:
        yield f"MADE UP, not recorded: {report.synthetic}"
    yield ""
    yield from lead(report)
    yield from _section("", _totals(report))
    yield from _section("By group", _groups(report))
    yield from _section("By rule", _rules(report))
    yield from _section("What moved across a level", _levels(report))
    yield from _section("What it would catch", _caught(report))
    yield from _section("By amount", _bands(report))
    if report.caveats:
        yield ""
        yield from report.caveats


def _totals(report: Report) -> Table:
    named = (
        ("prompts", report.prompts),
        ("  people asked", report.asked_people),
        ("  a person's ordinary day", report.typical),
        ("  a person's busy day", report.busy),
        ("cannot be met", report.locked),
        ("  people locked out", report.locked_people),
        ("denied", report.denied),
        ("wait for an approval", report.approvals),
    )
    rows = [[name, f"{change.before:,}", f"{change.after:,}", signed(change)] for name, change in named]
    if report.attacks is not None:
        stopped, passing = report.attacks.stopped, report.attacks.passing_amount
        rows.append(
            [
                f"attacks stopped, of {report.attacks.requests:,}",
                f"{stopped.before:,}",
                f"{stopped.after:,}",
                signed(stopped),
            ]
        )
        if passing.before or passing.after:
            rows.append(["  amount that passes", amount(passing.before), amount(passing.after), ""])
    return [["", report.before, report.after, ""], *rows]


def _groups(report: Report) -> Table:
    head = ["", "people", "prompts", "then", "busy day", "then", "locked out", "then", "denied", "then"]
    return [
        head,
        *(
            [line.name, f"{line.people:,}", *(f"{each:,}" for change in (line.prompts, line.busy, line.locked_people, line.denied) for each in (change.before, change.after))]
            for line in report.groups[:MOST_LINES]
        ),
    ]  # fmt: skip


def _rules(report: Report) -> Table:
    lines = [
        line for line in report.rules
        if any(change.before or change.after for change in (line.prompts, line.locked, line.denied))
    ]  # fmt: skip
    head = ["", "prompts", "then", "only by it", "then", "locks out", "then", "denies", "then"]
    return [
        head,
        *(
            [line.id, *(f"{each:,}" for change in (line.prompts, line.only, line.locked, line.denied) for each in (change.before, change.after))]
            for line in lines[:MOST_LINES]
        ),
    ]  # fmt: skip


def _levels(report: Report) -> Table:
    moved = [line for line in report.levels if line.fell or line.rose]
    return [
        ["at least", "requests", "then", "fell below", "rose to"],
        *(
            [line.demand, f"{line.requests.before:,}", f"{line.requests.after:,}", f"{line.fell:,}", f"{line.rose:,}"]
            for line in moved[:MOST_LINES]
        ),
    ]


def _caught(report: Report) -> Table:
    moved = [line for line in report.caught if line.newly or line.no_longer]
    return [
        ["", "newly", "amount", "no longer", "amount"],
        *(
            [
                line.what,
                f"{line.newly:,}",
                _money(line.newly_amount),
                f"{line.no_longer:,}",
                _money(line.no_longer_amount),
            ]
            for line in moved[:MOST_LINES]
        ),
    ]


def _bands(report: Report) -> Table:
    return [
        ["from", "requests", "stopped", "then"],
        *(
            [
                short_amount(band.low),
                f"{band.requests:,}",
                *(share(each, band.requests) for each in (band.stopped.before, band.stopped.after)),
            ]
            for band in report.bands
        ),
    ]


def _money(minor: int | None) -> str:
    return "" if minor is None else amount(minor)


def _section(title: str, table: Table) -> Iterator[str]:
    """A table below its title; nothing where it has no rows."""
    if len(table) > 1:
        yield ""
        yield from ([title] if title else [])
        yield from _aligned(table)


def _aligned(table: Table) -> Iterable[str]:
    """The first column to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    for row in table:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
