"""How startsWith, endsWith and contains go together: which of them can hold of one text at once, and such a text.

A letter Z that stands in none of their texts decides it. Where p is the longest beginning demanded, e the longest end
and c… what is to be contained, `p Z c Z … Z e` has all that is demanded and nothing that not every such text has. So a
choice of holding and failing tests is possible if and only if

1. the beginnings that hold are the branch of the tree of beginnings that ends at one of them (the same for ends), and
2. nothing fails that stands inside a beginning, an end or a part that holds.

With one Z more, `Z^n` in each gap, there are as many different such texts as one likes.
"""

from collections.abc import Iterable, Iterator, Mapping

from newel.domain.value import dataclass

FILLERS = "-_.~+=#%^|§¤"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tree:
    """Beginnings as a tree in the order of a walk: `spans` maps each to the first and last number below it, from 1."""

    spans: Mapping[str, Span]

    def below(self, number: int) -> tuple[str, ...]:
        """The beginnings that hold where the walk stands at `number`, shortest first; none at 0."""
        return tuple(text for text, (first, last) in self.spans.items() if first <= number <= last)


def tree(texts: Iterable[str]) -> Tree:
    """The tree of beginnings: sorted, each stands right before all that begin with it."""
    ordered = sorted({text for text in texts if text})
    spans: dict[str, Span] = {}
    for number, text in enumerate(ordered, 1):
        last = number
        while last < len(ordered) and ordered[last].startswith(text):
            last += 1
        spans[text] = number, last
    return Tree(spans)


def backwards(text: str) -> str:
    """A text read from its end: ends are the beginnings of that."""
    return text[::-1]


def inside(starts: Iterable[str], ends: Iterable[str], parts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Every (where, text, part): where a text holds there, it contains the part."""
    sought = [part for part in dict.fromkeys(parts) if part]
    for where, texts in (("startsWith", starts), ("endsWith", ends), ("contains", sought)):
        for text in dict.fromkeys(texts):
            yield from (
                (where, text, part) for part in sought if part in text and (where != "contains" or part != text)
            )


def example(start: str, end: str, parts: Iterable[str], filler: str, number: int) -> str:
    """The text with these and nothing else; another one for each `number` from 1."""
    gap = filler * number
    return gap.join([start, *parts, end])


def filler(texts: Iterable[str]) -> str:
    """A letter that stands in none of `texts`."""
    used = set().union(*texts)
    common = next((letter for letter in FILLERS if letter not in used), None)
    return common or next(letter for letter in map(chr, range(0x4E00, 0x20000)) if letter not in used)
