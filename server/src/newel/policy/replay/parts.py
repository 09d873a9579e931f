"""The pieces of a page: tables with their headings, panels, the key of a plot. Everything that is said is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Tagged:
    """A cell with a tag behind its text; `kind` is one of good, warn, bad, now."""

    text: str
    tag: str
    kind: str


Cell = str | Tagged


def table(
    label: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], *, left: frozenset[int] = frozenset()
) -> str:
    """A table that scrolls sideways by itself. Columns but the first, and those in `left`, hold numbers."""
    sides = ["" if place == 0 or place in left else ' class="r"' for place in range(len(head))]
    named = "".join(f'<th scope="col"{side}>{escape(name)}</th>' for side, name in zip(sides, head, strict=True))
    body = "".join(_row(row, sides) for row in rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}"><table>'
        f'<caption class="visually-hidden">{escape(label)}</caption><thead><tr>{named}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell], sides: Sequence[str]) -> str:
    first, *rest = row
    cells = "".join(f"<td{side}>{_cell(cell)}</td>" for side, cell in zip(sides[1:], rest, strict=True))
    return f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, Tagged):
        return f'{escape(cell.text)} <span class="tag tag-{cell.kind}">{escape(cell.tag)}</span>'
    return escape(cell)


def panel(name: str, title: str, said: str, *inside: str) -> str:
    """A section with its heading and a sentence."""
    return (
        f'<section class="panel" aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>'
        f'<p class="small quiet">{escape(said)}</p>{"".join(inside)}</section>'
    )


def plotted(name: str, title: str, said: str, plot: str, numbers: str, key: str = "") -> str:
    """A figure: the question, the finding, the plot, and its numbers as a table behind a fold."""
    return (
        f'<figure class="panel" aria-labelledby="{name}"><figcaption><h2 id="{name}">{escape(title)}</h2>'
        f'<p class="small quiet">{escape(said)}</p></figcaption>{key}{plot}'
        f"<details><summary>Show the numbers</summary>{numbers}</details></figure>"
    )


def key(*marks: tuple[str, str]) -> str:
    """What the marks of a plot mean: drawings with their words."""
    told = "".join(
        f'<span><svg viewBox="0 0 24 12" aria-hidden="true">{drawn}</svg>{escape(said)}</span>' for drawn, said in marks
    )
    return f'<p class="key">{told}</p>'
