"""A report as one page that needs nothing else: no script, no request, both colour schemes, from a phone to a desk."""

import hashlib
from base64 import b64encode
from html import escape

from newel.policy.replay.page_tables import caught_table, group_table, level_table, rule_table
from newel.policy.replay.parts import key, panel, plotted, table
from newel.policy.replay.plots import Bar, Share, bars, lines, shares
from newel.policy.replay.report import Change, Report
from newel.policy.replay.style import STYLE
from newel.policy.replay.verdict import compared, lead, more, people, signed, subject, title, turned_away
from newel.policy.replay.words import OWN_CURRENCY, amount, day, plural, share, short_amount

MARK = (
    '<svg class="mark" viewBox="0 0 28 28" aria-hidden="true"><path d="M2 26h6v-5.5h5.5V15H19"/>'
    '<path class="p" d="M22.5 26V9.5" stroke-width="2.5"/><circle cx="22.5" cy="5.5" r="3"/></svg>'
)
HOLLOW = '<circle cx="8" cy="6" r="4.5" class="f-paper k-edge" stroke-width="2"/>'
SOLID = '<circle cx="8" cy="6" r="5.5" class="f-data"/>'
DASHED = '<line x1="0" x2="24" y1="6" y2="6" class="k-edge" stroke-width="2" stroke-dasharray="5 3"/>'
DRAWN = '<line x1="0" x2="24" y1="6" y2="6" class="k-data" stroke-width="2.5"/>'
LOCKED_OUT, TURNED_AWAY, NEED_APPROVAL = "People locked out", "Turned away", "Need an approval"
NO_WAY_ON = frozenset({LOCKED_OUT, TURNED_AWAY, NEED_APPROVAL})
"""Figures whose rise is told in the colour of a warning."""
MOST_BARS, MOST_KINDS, MOST_DAYS = 8, 6, 366


def as_page(report: Report) -> str:
    """The whole page."""
    headline = title(report)
    meant = "".join(f"<span>{escape(line)}</span>" for line in compared(report))
    stands_for = f'<p class="small quiet lines">{meant}</p>' if meant else ""
    said = "".join(f"<span>{escape(sentence)}</span>" for sentence in lead(report))
    parts = [
        f'<div class="stack"><h1>{escape(headline)}</h1>{stands_for}<p class="lead">{said}</p></div>',
        _made_up(report),
        _figures(report),
        f'<div class="grid grid-2">{_bother(report)}{_catch(report)}</div>',
        panel("who", "Who would feel it", _who(report), group_table(report)),
        _rules(report),
        f'<div class="grid grid-2">{level_table(report)}{caught_table(report)}</div>',
        _limits(report),
    ]
    return _document(headline, "\n".join(part for part in parts if part))


def _document(headline: str, body: str) -> str:
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(allowed)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escape(headline)} \N{EN DASH} Newel</title><style>{STYLE}</style></head>\n"
        '<body><a class="skip" href="#main">Skip to the content</a>'
        f'<header class="bar"><div><span class="org">{MARK} Newel</span>'
        '<span class="small quiet">Policy replay</span></div></header>\n'
        f'<main id="main">\n{body}\n</main></body></html>\n'
    )


def _made_up(report: Report) -> str:
    if not report.synthetic:
        return ""
    return (
        f'<p class="note"><b>These requests are made up.</b> They follow the {escape(report.synthetic)}. '
        "The page shows how two policies differ under these assumptions, not what your people do.</p>"
    )


def _figures(report: Report) -> str:
    told = [
        ("Prompts", report.prompts, f"{signed(report.prompts)} against {report.prompts.before:,}"),
        ("A person's busy day", report.busy, f"prompts; before {report.busy.before:,}"),
        (LOCKED_OUT, report.locked_people, f"{more(report.locked_people, 'as before')}"),
        (TURNED_AWAY, turned_away(report), f"{more(turned_away(report), 'requests, as before')}"),
    ]
    if report.approvals.before or report.approvals.after:
        told.append((NEED_APPROVAL, report.approvals, f"{more(report.approvals, 'as before')}; none can be given"))
    if report.attacks is not None:
        stopped = report.attacks.stopped
        told.append(("Attacks stopped", stopped, f"of {report.attacks.requests:,}; before {stopped.before:,}"))
    else:
        newly = sum(line.newly for line in report.caught)
        worth = sum(line.newly_amount or 0 for line in report.caught)
        told.append(("Newly caught", Change(0, newly), f"worth {amount(worth)}" if worth else "requests"))
    cells = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="big">{change.after:,}</dd>'
        f'<dd class="small {"worse" if name in NO_WAY_ON and change.after > change.before else "quiet"}">{escape(said)}</dd></div>'
        for name, change, said in told
    )
    return f'<dl class="figures">{cells}</dl>'


def _bother(report: Report) -> str:
    """Prompts per day."""
    if not report.days:
        return ""
    shown = report.days[-MOST_DAYS:]
    days = [day(each.date) for each in shown]
    finding = (
        f"Prompts a day. {people(report.asked_people.after)} would be asked at least once, before {report.asked_people.before:,}; "
        "who is turned away is asked nothing."
    )
    rows = [(each.date, f"{each.prompts.before:,}", f"{each.prompts.after:,}") for each in shown]
    label = f"Two lines: prompts a day under {report.before} and under {report.after}. The numbers follow in a table."
    return plotted(
        "bother",
        "Whom would it bother?",
        finding,
        lines(days, [each.prompts for each in shown], label),
        table("Prompts a day", ("Day", report.before, report.after), rows),
        key((DASHED, report.before), (DRAWN, report.after)),
    )


def _catch(report: Report) -> str:
    """What does not pass in silence: attacks where they are known, then by amount, or by kind where there are none."""
    rows = [*_attack_rows(report), *_band_rows(report)]
    if not report.bands:
        rows += [_share(line.what, line.stopped, line.requests) for line in report.caught[:MOST_KINDS]]
    if not rows:
        return ""
    numbers = [(row.name, share_of(row.before), share_of(row.after)) for row in rows]
    label = (
        f"One row each: the share that meets a prompt or a refusal, before and after. {rows[0].name}: {rows[0].said}."
    )
    return plotted(
        "catch",
        "What would it catch?",
        _finding(report),
        shares(rows, label),
        table("Share that meets a prompt or a refusal", ("Requests", report.before, report.after), numbers),
        key((HOLLOW, report.before), (SOLID, report.after)),
    )


def _finding(report: Report) -> str:
    said = ["The share of requests that meets a prompt or a refusal."]
    if report.bands:
        said.append(f"By amount, {OWN_CURRENCY}.")
    passing = report.attacks.passing_amount if report.attacks is not None else Change(0, 0)
    if passing.before or passing.after:
        said.append(f"Attacks pass {amount(passing.after)} in silence, before {amount(passing.before)}.")
    return " ".join(said)


def _attack_rows(report: Report) -> list[Share]:
    attacks = report.attacks
    if attacks is None or not attacks.requests:
        return []
    return [_share("Attacks", attacks.stopped, attacks.requests, strong=True)]


def _band_rows(report: Report) -> list[Share]:
    lows = [band.low for band in report.bands]
    rows = []
    for number, band in enumerate(report.bands):
        high = lows[number + 1] if number + 1 < len(lows) else None
        name = f"From {short_amount(band.low)}" if high is None else f"{short_amount(band.low)} to {short_amount(high)}"
        rows.append(_share(name, band.stopped, band.requests))
    return rows


def _share(name: str, stopped: Change, whole: int, *, strong: bool = False) -> Share:
    said = share(stopped.after, whole)
    if share(stopped.before, whole) != said:
        said = f"{share(stopped.before, whole)} \N{RIGHTWARDS ARROW} {said}"
    return Share(
        name=name,
        more=f"({whole:,})",
        said=said,
        before=stopped.before / max(whole, 1),
        after=stopped.after / max(whole, 1),
        strong=strong,
    )


def share_of(part: float) -> str:
    """A share from 0 to 1 in per cent."""
    return f"{100 * part:.1f} %"


def _who(report: Report) -> str:
    limit = "A busy day is the 95th percentile of prompts per person on days with any request."
    return f"{limit} Locked out are people who hold no way to comply." if report.groups else limit


def _rules(report: Report) -> str:
    """Which rules ask, and which prompts only they cause."""
    rows = [
        Bar(
            name=line.id,
            said=f"{line.prompts.after:,}",
            more=f"({signed(line.prompts)})" if line.prompts.differs else "",
            whole=line.prompts,
            alone=line.only.after,
        )
        for line in report.rules
        if line.prompts.before or line.prompts.after
    ][:MOST_BARS]
    if not rows:
        return panel("rules", "Which rules ask", "No rule asks anybody anything.", rule_table(report))
    box = '<rect x="1" y="1" width="20" height="10" class="f-data"/>'
    hatched = '<rect x="1" y="1" width="20" height="10" fill="url(#hatch)"/><rect x="1" y="1" width="20" height="10" class="k-data"/>'
    tick = '<line x1="10" x2="10" y1="0" y2="12" class="k-ink" stroke-width="2"/>'
    label = f"A bar for each rule, the longest {rows[0].name} with {plural(rows[0].whole.after, 'prompt')}. The numbers follow in a table."
    return plotted(
        "rules",
        "Which rules ask",
        f"Prompts under {report.after}. Several rules can ask for one prompt; it falls away with a rule only where that rule asks alone.",
        bars(rows, label),
        rule_table(report),
        key((box, "only because of this rule"), (hatched, "other rules ask too"), (tick, report.before)),
    )


def _limits(report: Report) -> str:
    points = "".join(f"<li>{escape(each)}</li>" for each in report.caveats)
    listed = f'<ul class="points small">{points}</ul>' if points else ""
    return panel("limits", "What this rests on", f"{subject(report)}.", listed)
