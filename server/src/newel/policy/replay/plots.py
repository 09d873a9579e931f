"""Plots as SVG text: positions in per cent, so that a plot follows its box while type stays the size it is."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from newel.domain.value import dataclass
from newel.policy.replay.report import Change

STEPS = (1, 2, 2.5, 5, 10)
TICKS = 4
TOP, BOTTOM, HEIGHT = 26, 24, 270
ROW, ABOVE = 46, 34
LEAST_GAP = 22
"""Lines that come no further apart than this, in pixels, share one name."""
HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="f-paper"/><rect width="2.6" height="6" class="f-data"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A row of a plot of shares: a name, what stands at its right end, and two shares from 0 to 1."""

    name: str
    said: str
    before: float
    after: float
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of bars: all of it, the part that is its alone, and how long it was before."""

    name: str
    said: str
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


def lines(days: Sequence[str], prompts: Sequence[Change], names: tuple[str, str], label: str) -> str:
    """Prompts per day: before dashed, after solid."""
    values = ticks(max((max(each.before, each.after) for each in prompts), default=1))
    top = values[-1]

    def height(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)

    grid = []
    for value in values:
        kind = "grid-l" if value else "base"
        grid.append(f'<line class="{kind}" x1="0" x2="100%" y1="{height(value):.1f}" y2="{height(value):.1f}"/>')
        if value:
            grid.append(f'<text x="0" y="{height(value) - 5:.1f}">{value:,.0f}</text>')
    before, after = ([getattr(each, side) for each in prompts] for side in ("before", "after"))
    drawing = (
        f'<svg x="0" y="{height(top):.1f}" width="100%" height="{height(0) - height(top):.1f}" viewBox="0 0 100 100" '
        f'preserveAspectRatio="none"><polygon points="{_points(before, top)} {_points(after, top, back=True)}" class="f-line" opacity=".6"/>'
        f'<polyline points="{_points(before, top)}" class="k-edge" stroke-width="2" stroke-dasharray="5 3" vector-effect="non-scaling-stroke"/>'
        f'<polyline points="{_points(after, top)}" class="k-data" stroke-width="2.5" vector-effect="non-scaling-stroke"/></svg>'
    )
    inner = [drawing, *_day_names(days), *_line_names(before, after, names, height)]
    return (
        f'<svg class="plot" height="{HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(grid)}'
        f'<svg class="plot-in" x="9%" width="91%" height="{HEIGHT}">{"".join(inner)}</svg></svg>'
    )
