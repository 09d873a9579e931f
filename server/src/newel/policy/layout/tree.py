"""The file as a tree with its comments: what stands above an entry, and what stands behind on the same line.

Above stand comments and blank lines, a blank line as "". The file must be one that `source.read` accepts.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import Any

import yaml

from newel.domain.value import dataclass
from newel.policy.message import Source
from newel.policy.source import Parser
from newel.policy.surrogates import joined, stood_in

HASH = "#"
BLOCKS = frozenset({"|", ">"})
Place = tuple[int, int]
"""Line and column, from 0."""


@dataclass(slots=True, eq=False)
class Word:
    """A text; `style` is None (plain), a quote, or a block's sign. `after` is the comment behind it.

    `lines` is how a condition may be written over several lines; it is `text` then, in one.
    """

    text: str
    style: str | None = None
    after: str = ""
    lines: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Entry:
    """An item of a list, or a key with its value; `above` are the comments and blank lines over it."""

    value: "Word | Branch"
    key: Word | None = None
    above: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Branch:
    """A mapping or a list, in brackets where it is `flow`; `opened` is the comment behind its bracket, `after` behind all."""

    table: bool
    flow: bool
    entries: list[Entry] = field(default_factory=list)
    opened: str = ""
    after: str = ""


Value = Word | Branch


@dataclass(slots=True, eq=False)
class Whole:
    """A file: its tree, the comments above it where it is in brackets, and those under the last entry."""

    root: Branch
    above: list[str]
    below: list[str]


def whole(source: Source) -> Whole:
    """The tree of a file."""
    return _Reader(source).whole()


class _Reader:
    """Goes along the events of the parser; what lies between two of them is white space, signs and comments."""

    def __init__(self, source: Source) -> None:
        self._lines = source.lines
        self._events = yaml.parse(stood_in(source), Loader=Parser)
        self._pairs = stood_in(source) is not source.text
        self._end: Place = (0, 0)
        self._behind: Value | None = None
        self._inside = False
        self._waiting: list[str] = []
        self._new: list[Entry] = []
        self._open: list[tuple[Branch, Word | None]] = []
        self._root: Branch | None = None
        self._top: list[str] = []

    def whole(self) -> Whole:
        for event in self._events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._begins(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._ends(event)
        self._pass((len(self._lines), 0))
        if self._root is None:
            raise ValueError("a policy is a mapping")
        return Whole(self._root, self._top, self._waiting)

    def _scalar(self, event: Any) -> None:
        text = joined(event.value) if self._pairs else event.value
        word = Word(text, event.style or None)
        self._put(word)
        self._token(word, _place(event.start_mark), _place(event.end_mark))
        if word.style in BLOCKS:
            self._block(word, event)

    def _block(self, word: Word, event: Any) -> None:
        """A block ends with its last line that is not blank; a comment may stand behind its sign."""
        line, column = _place(event.start_mark)
        word.after = _comment(self._lines[line][column:])
        last = min(_place(event.end_mark)[0], len(self._lines)) - 1
        while last > line and not self._lines[last].strip():
            last -= 1
        self._end, self._behind = (last, len(self._lines[last])), None

    def _begins(self, event: Any) -> None:
        branch = Branch(table=isinstance(event, yaml.MappingStartEvent), flow=bool(event.flow_style))
        self._put(branch)
        if branch.flow:
            line, column = _place(event.start_mark)
            self._token(branch, (line, column), (line, column + 1))
            self._inside = True
        self._open.append((branch, None))

    def _ends(self, event: Any) -> None:
        branch, _ = self._open.pop()
        if branch.flow:
            self._pass(_place(event.start_mark))
            self._waiting = [each for each in self._waiting if each]
            self._end, self._behind, self._inside = _place(event.end_mark), branch, False

    def _put(self, value: Value) -> None:
        """A key, the value of one, an item, or the root."""
        if not self._open:
            self._root = value if isinstance(value, Branch) else None
            return
        branch, key = self._open[-1]
        if branch.table and key is None and isinstance(value, Word):
            self._open[-1] = branch, value
            self._new.append(Entry(value, value))
            branch.entries.append(self._new[-1])
        elif branch.table:
            branch.entries[-1].value = value
            self._open[-1] = branch, None
        else:
            self._new.append(Entry(value))
            branch.entries.append(self._new[-1])

    def _token(self, value: Value, start: Place, end: Place) -> None:
        """What is written stands here: all that was above it belongs to the entry that begins with it."""
        self._pass(start)
        if self._new:
            self._new[0].above += self._waiting
        elif self._open:
            self._open[-1][0].entries[-1].above += [each for each in self._waiting if each]
        else:
            self._top = self._waiting
        self._waiting, self._new = [], []
        self._end, self._behind, self._inside = end, value, False

    def _pass(self, start: Place) -> None:
        """Take up what stands between the last thing that was written and the next."""
        for line, part in self._between(start):
            comment = _comment(part)
            if line == self._end[0] and self._behind is not None:
                if comment:
                    self._follow(comment)
            elif comment:
                self._waiting.append(comment)
            elif line != self._end[0] and line != start[0] and not part.strip():
                self._waiting.append("")
        self._behind = None

    def _follow(self, comment: str) -> None:
        if isinstance(self._behind, Branch) and self._inside:
            self._behind.opened = comment
        elif self._behind is not None:
            self._behind.after = comment

    def _between(self, start: Place) -> Iterator[tuple[int, str]]:
        for line in range(self._end[0], min(start[0] + 1, len(self._lines))):
            first = self._end[1] if line == self._end[0] else 0
            last = start[1] if line == start[0] else len(self._lines[line])
            yield line, self._lines[line][first:last]


def _comment(part: str) -> str:
    """The comment in what stands between two parts of a line."""
    at = part.find(HASH)
    return part[at:].rstrip() if at >= 0 else ""


def _place(mark: Any) -> Place:
    return mark.line, mark.column
