"""What is bound, as shown: one value gives the page its rows and the hashed text its lines (rule S17)."""

from newel.domain.value import dataclass

NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled line on the post, both already in the reader's language."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a person confirms: a verb, an amount or nothing, and the rows below it."""

    verb: str
    amount: str | None = None
    rows: tuple[Row, ...] = ()


def display_text(bound: Bound) -> str:
    """Give the text that is hashed: the verb and amount, then `label: value` a line."""
    first = bound.verb if bound.amount is None else f"{bound.verb} {bound.amount}"
    return "\n".join([first, *(f"{row.label}: {row.value}" for row in bound.rows)])


def read_display(text: str) -> Bound:
    """Give back the value of which `display_text` made this text, so that a page shows what was hashed.

    An amount is what follows the first line's last plain space and holds a no-break space before its currency.
    """
    first, *lines = text.split("\n")
    verb, space, amount = first.rpartition(" ")
    rows = tuple(Row(label, value) for label, _, value in (line.partition(": ") for line in lines))
    if space and amount[-4:-3] == NO_BREAK:
        return Bound(verb=verb, amount=amount, rows=rows)
    return Bound(verb=first, rows=rows)
