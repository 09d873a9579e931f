"""The tree → lines: blocks indented by two, brackets in one line where they fit and hold no comment."""

import json
from collections.abc import Iterable

from newel.domain.value import dataclass
from newel.policy.layout.conditions import broken
from newel.policy.layout.scalars import block, inline
from newel.policy.layout.tree import Branch, Entry, Value, Whole, Word

WIDTH = 160
"""Characters of a line, as many as a message shows of it; what cannot be broken is longer."""
STEP = "  "
Lines = list[str]


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it is written: the lines above it, without their indent, and its own."""

    above: Lines
    lines: Lines


class Emitter:
    """Writes one file; JSON has no plain texts, no blocks and no comments."""

    def __init__(self, *, is_json: bool) -> None:
        self._json = is_json

    def lines(self, whole: Whole) -> Lines:
        """All lines of a file."""
        root = whole.root
        if root.flow:
            found = [*_once(whole.above), *_behind(self._flow(root, "", 0), root.after)]
        else:
            found = self._joined(self._entries(root, ""), "")
        below = _once(whole.below)
        return [*found[not found[0] :], *(below[:-1] if below and not below[-1] else below)]

    def _joined(self, written: Iterable[Written], indent: str) -> Lines:
        lines: Lines = []
        for each in written:
            lines += [indent + line if line else "" for line in _once(each.above)]
            lines += each.lines
        return lines

    def _entries(self, branch: Branch, indent: str) -> list[Written]:
        return [self._entry(each, indent) for each in branch.entries]

    def _entry(self, entry: Entry, indent: str) -> Written:
        key, value = entry.key, entry.value
        head = f"{indent}-" if key is None else f"{indent}{self._word(key, flow=False)}:"
        if isinstance(value, Word):
            return Written(entry.above, self._text(value, head, indent + STEP))
        if value.flow:
            first, *rest = self._flow(value, indent + STEP if key is None else indent, len(head) + 1)
            return Written(entry.above, _behind([f"{head} {first}", *rest], value.after))
        if key is not None:
            inner = self._joined(self._entries(value, indent + STEP), indent + STEP)
            return Written(entry.above, [*_behind([head], key.after), *inner])
        return self._item(entry.above, self._entries(value, indent + STEP), indent)

    def _item(self, above: Lines, inner: list[Written], indent: str) -> Written:
        """An item that is a block itself: it begins behind the sign of the item."""
        begin, *others = inner
        first = f"{indent}- {begin.lines[0][len(indent) + len(STEP) :]}"
        rest = self._joined(others, indent + STEP)
        return Written([*above, *begin.above], [first, *begin.lines[1:], *rest])

    def _text(self, word: Word, head: str, indent: str) -> Lines:
        line = f"{head} {self._word(word, flow=False)}"
        lines: Lines | None = None
        if word.lines:
            wide = (
                [*word.lines] if len(word.lines) > 1 or len(line) <= WIDTH else broken(word.text, WIDTH - len(indent))
            )
            lines = ["|", *wide] if len(wide) > 1 else None
        elif not self._json:
            lines = block(word.text)
        if lines is None:
            return _behind([line], word.after)
        sign, *rest = lines
        return [*_behind([f"{head} {sign}"], word.after), *(indent + each if each else "" for each in rest)]

    def _word(self, word: Word, *, flow: bool) -> str:
        if self._json:
            return word.text if word.style is None else json.dumps(word.text, ensure_ascii=False)
        return inline(word.text, flow=flow)

    def _flow(self, value: Value, indent: str, used: int) -> Lines:
        """A value in brackets; its first line stands behind `used` characters, without an indent."""
        if isinstance(value, Word):
            return [self._word(value, flow=True)]
        if not _has_comments(value):
            line = self._one_line(value)
            if used + len(line) <= WIDTH:
                return [line]
        opens, closes = "{}" if value.table else "[]"
        lines = _behind([opens], value.opened)
        for place, entry in enumerate(value.entries):
            lines += [indent + STEP + each for each in entry.above if each]
            head = indent + STEP + (f"{self._word(entry.key, flow=True)}: " if entry.key else "")
            first, *rest = self._flow(entry.value, indent + STEP, len(head) + 1)
            comma = "," if place < len(value.entries) - 1 else ""
            body = [head + first, *rest]
            lines += _behind([*body[:-1], body[-1] + comma], entry.value.after)
        return [*lines, indent + closes]

    def _one_line(self, value: Value) -> str:
        if isinstance(value, Word):
            return self._word(value, flow=True)
        parts = (
            (f"{self._word(each.key, flow=True)}: " if each.key else "") + self._one_line(each.value)
            for each in value.entries
        )
        opens, closes = "{}" if value.table else "[]"
        return f"{opens}{', '.join(parts)}{closes}"


def _has_comments(branch: Branch) -> bool:
    """Whether there is a comment between the brackets."""
    return bool(branch.opened) or any(
        any(each.above) or each.value.after or (isinstance(each.value, Branch) and _has_comments(each.value))
        for each in branch.entries
    )


def _behind(lines: Lines, comment: str) -> Lines:
    """The lines with a comment behind the last one."""
    return [*lines[:-1], f"{lines[-1]}  {comment}"] if comment else lines


def _once(lines: Lines) -> Lines:
    """The lines with one blank line in the place of several."""
    return [line for place, line in enumerate(lines) if line or not place or lines[place - 1]]
