"""Plots as SVG text: positions in per cent, so that a plot follows its box while type stays the size it is."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from newel.domain.value import dataclass
from newel.policy.replay.report import Change

STEPS = (1, 2, 2.5, 5, 10)
TICKS = 4
TOP, BOTTOM, HEIGHT = 26, 24, 380
ROW, ABOVE, NAME = 48, 30, 13
MOST_DAY_NAMES = 5
STRETCHED = 'vector-effect="non-scaling-stroke"'
HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="f-paper"/><rect width="2.6" height="6" class="f-data"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A row of a plot of shares: a name, with `more` where there is room, what stands at its end, two shares from 0 to 1."""

    name: str
    more: str
    said: str
    before: float
    after: float
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of bars: its name, what stands at its end, with `more` where there is room; all of it, and the part that is
    its alone.
    """

    name: str
    said: str
    more: str
    whole: Change
    alone: int


def ticks(top: float) -> list[float]:
    """Round values from 0 to at least `top`."""
    raw = max(top, 1) / TICKS
    scale = 10 ** floor(log10(raw))
    step = next(factor * scale for factor in STEPS if factor * scale >= raw)
    step = max(step, 1)
    return [step * number for number in range(ceil(max(top, 1) / step) + 1)]


def percent(value: float) -> str:
    """A coordinate in per cent."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def lines(days: Sequence[str], prompts: Sequence[Change], label: str) -> str:
    """Prompts of each day: before dashed, after solid."""
    values = ticks(max(max(each.before, each.after) for each in prompts))
    sides = [each.before for each in prompts], [each.after for each in prompts]
    first, second = (_points(side, values[-1]) for side in sides)
    span = _height(0, values[-1]) - TOP
    drawing = (
        f'<svg x="0" y="{TOP}" width="100%" height="{span}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        f'<polygon points="{" ".join([*first, *reversed(second)])}" class="f-line" opacity=".6"/>'
        f'<polyline points="{" ".join(first)}" class="k-edge" stroke-width="2" stroke-dasharray="5 3" {STRETCHED}/>'
        f'<polyline points="{" ".join(second)}" class="k-data" stroke-width="2.5" {STRETCHED}/></svg>'
    )
    inner = "".join([drawing, *_day_names(days)])
    return (
        f'<svg class="plot" height="{HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(_grid(values))}'
        f'<svg class="plot-in" x="9%" width="91%" height="{HEIGHT}">{inner}</svg></svg>'
    )


def shares(rows: Sequence[Share], label: str) -> str:
    """A row each: a hollow dot for before, a solid one for after, from none to all."""
    height = ROW * len(rows) + BOTTOM
    out = []
    for number, said in enumerate(("0 %", "25 %", "50 %", "75 %", "100 %")):
        at, anchor = percent(25 * number), ("start", "middle", "middle", "middle", "end")[number]
        kind = ' class="wide-only"' if number % 2 else ""
        out.append(
            f'<line class="grid-l" x1="{at}" x2="{at}" y1="0" y2="{height - BOTTOM}"/>'
            f'<text x="{at}" y="{height - 5}" text-anchor="{anchor}"{kind}>{said}</text>'
        )
    for number, row in enumerate(rows):
        y, before, after = ROW * number + ABOVE, percent(100 * row.before), percent(100 * row.after)
        shade = "bad" if row.strong else "data"
        out.append(
            f"<g><title>{escape(row.name)}: {escape(row.said)}</title>{_row_names((row.name, row.more), (row.said, ''), y)}"
            f'<line x1="{before}" x2="{after}" y1="{y}" y2="{y}" class="k-{shade}" stroke-width="3"/>'
            f'<circle cx="{before}" cy="{y}" r="5" class="f-paper k-edge" stroke-width="2"/>'
            f'<circle cx="{after}" cy="{y}" r="6" class="f-{shade}"/></g>'
        )
    return f'<svg class="plot" height="{height}" role="img" aria-label="{escape(label)}">{"".join(out)}</svg>'


def bars(rows: Sequence[Bar], label: str) -> str:
    """A row each: what would fall away without it solid, the rest hatched, and a mark where it ended before."""
    longest = max(max(row.whole.before, row.whole.after) for row in rows) or 1
    out = []
    for number, row in enumerate(rows):
        y = ROW * number + ABOVE
        alone, whole, before = (
            percent(100 * each / longest) for each in (row.alone, row.whole.after, row.whole.before)
        )
        out.append(
            f"<g><title>{escape(row.name)}: {escape(row.said)}</title>{_row_names((row.name, ''), (row.said, row.more), y)}"
            f'<rect x="0" width="{whole}" y="{y - 6}" height="12" fill="url(#hatch)"/>'
            f'<rect x="0" width="{whole}" y="{y - 6}" height="12" class="k-data" stroke-width="1"/>'
            f'<rect x="0" width="{alone}" y="{y - 6}" height="12" class="f-data"/>'
            f'<line x1="{before}" x2="{before}" y1="{y - 9}" y2="{y + 9}" class="k-ink" stroke-width="2"/></g>'
        )
    height = ROW * len(rows)
    return f'<svg class="plot" height="{height}" role="img" aria-label="{escape(label)}">{HATCH}{"".join(out)}</svg>'


def _row_names(name: tuple[str, str], said: tuple[str, str], y: int) -> str:
    """A row's name and what is said at its end, each with what a narrow screen leaves out."""
    left, right = (
        f'{escape(first)}<tspan class="wide-only"> {escape(more)}</tspan>' if more else escape(first)
        for first, more in (name, said)
    )
    return (
        f'<text class="strong halo" x="0" y="{y - NAME}">{left}</text>'
        f'<text class="halo" x="100%" y="{y - NAME}" text-anchor="end">{right}</text>'
    )


def _height(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _grid(values: Sequence[float]) -> Iterator[str]:
    for value in values:
        y = _height(value, values[-1])
        yield f'<line class="{"grid-l" if value else "base"}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        if value:
            yield f'<text x="0" y="{y - 5:.1f}">{value:,.0f}</text>'


def _points(values: Sequence[int], top: float) -> list[str]:
    """Points in the stretched drawing; one day alone is a level line."""
    places = [_place(number, len(values)) for number in range(len(values))]
    pairs = list(zip(places, values, strict=True)) if len(values) > 1 else [(5.0, values[0]), (95.0, values[0])]
    return [f"{place:.2f},{100 * (1 - value / top):.2f}" for place, value in pairs]


def _place(number: int, count: int) -> float:
    return 100 * (number + 0.5) / count


def _day_names(days: Sequence[str]) -> Iterator[str]:
    """About five names, every other one on wide screens only."""
    step = ceil(len(days) / MOST_DAY_NAMES)
    for place, number in enumerate(range(0, len(days), step)):
        last = number > 1 and number == len(days) - 1
        at, anchor = ("100%", "end") if last else (percent(_place(number, len(days))), "middle")
        kind = ' class="wide-only"' if place % 2 else ""
        yield f'<text x="{at}" y="{HEIGHT - 6}" text-anchor="{anchor}"{kind}>{escape(days[number])}</text>'
