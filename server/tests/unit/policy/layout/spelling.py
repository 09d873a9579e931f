"""Trees of YAML, and many ways to write the same one: indents, white space, quotes, blank lines, line breaks in brackets."""

import json
from collections.abc import Sequence

from hypothesis import strategies as st

from newel.policy.layout.tree import Branch, Entry, Value, Word

NAMES = ("a", "b2", "on", "x.y", "when", "no", "12", "c d")
TEXTS = (
    *NAMES, "true", "", "x: y", "x #y", "it's", 'a "b"', "[z]", "- i", "*", "!n", "a:b", "a,b", "&c", "\u00e4 \U0001f600",
    "q\\n", "`d", "~", "%", "e:", "f{g}", "10.0.0.0/8", "::/0", " s ", "two\nlines\n", "three\n\n  lines", "\nx\n", "y\n\n", "t\tu", "<<", "---", "...", "-1", "?", "? x", "=",
)  # fmt: skip
COMMENTS = st.sampled_from(["", "", "", "# c", "#d", "# 'e\": [f"])
ABOVE = st.lists(st.sampled_from(["", "# above", "#: b"]), max_size=2)
WORDS = st.builds(Word, st.sampled_from(TEXTS), after=COMMENTS)
KEYS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)


def _branch(inner: st.SearchStrategy[Value], *, flow: bool) -> st.SearchStrategy[Value]:
    comments = COMMENTS if flow else st.just("")
    above = ABOVE.map(lambda lines: [each for each in lines if each or not flow])
    rows = st.lists(st.tuples(inner, above), min_size=1, max_size=3).map(
        lambda found: [Entry(value, None, lines) for value, lines in found]
    )
    tables = st.tuples(KEYS, st.lists(st.tuples(inner, above), min_size=3, max_size=3)).map(
        lambda found: [Entry(value, Word(key), lines) for key, (value, lines) in zip(found[0], found[1], strict=False)]
    )
    made = (
        st.builds(Branch, table=st.just(table), flow=st.just(flow), entries=entries, opened=comments, after=comments)
        for table, entries in ((False, rows), (True, tables))
    )
    return st.one_of(*made)


FLOWS = st.recursive(WORDS, lambda inner: _branch(inner, flow=True), max_leaves=5)
BLOCKS = st.recursive(FLOWS, lambda inner: _branch(inner, flow=False), max_leaves=6)
ROOTS = st.tuples(KEYS, st.lists(st.tuples(BLOCKS, ABOVE), min_size=3, max_size=3)).map(
    lambda found: Branch(
        table=True,
        flow=False,
        entries=[Entry(value, Word(key), lines) for key, (value, lines) in zip(found[0], found[1], strict=False)],
    )
)


class Dice:
    """Numbers that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def between(self, least: int, most: int) -> int:
        """A number, both ends included."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return least + (self._state >> 33) % (most - least + 1)

    def once_in(self, times: int) -> bool:
        """Whether it is one of so many times."""
        return self.between(1, times) == 1

    def choice(self, ways: Sequence[str]) -> str:
        """One of them."""
        return ways[self.between(0, len(ways) - 1)]


class Speller:
    """Writes a tree as somebody might have; `seed` decides all that means nothing."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed)

    def text(self, root: Branch) -> str:
        """A file."""
        ends = self._dice.choice(["\n", "\r\n"])
        lines = self._block(root, 0)
        return ends.join([*lines, *[""] * self._dice.between(0, 2)])

    def _space(self, least: int = 1) -> str:
        return " " * self._dice.between(least, least + 2)

    def _comment(self, text: str) -> str:
        return self._space() + text + self._space(0) if text else ""

    def _above(self, entry: Entry, indent: int) -> list[str]:
        lines: list[str] = []
        for each in entry.above:
            blank = [""] * self._dice.between(1, 3)
            lines += blank if not each else [" " * self._dice.between(0, indent) + each]
        return lines

    def _block(self, branch: Branch, indent: int) -> list[str]:
        lines: list[str] = []
        for entry in branch.entries:
            lines += self._above(entry, indent)
            head = " " * indent + (f"{self._word(entry.key.text, flow=False)}:" if entry.key else "-")
            lines += self._value(
                entry.value, head, indent, item=entry.key is None, after=entry.key.after if entry.key else ""
            )
        return lines

    def _value(self, value: Value, head: str, indent: int, *, item: bool, after: str) -> list[str]:
        if isinstance(value, Word):
            return self._scalar(value, head, indent)
        if value.flow:
            first, *rest = self._flow(value, indent).split("\n")
            lines = [f"{head}{self._space()}{first}", *rest]
            return [*lines[:-1], lines[-1] + self._comment(value.after)]
        if item and not value.entries[0].above and not self._dice.once_in(3):
            inner = len(head) + self._dice.between(1, 3)
            first, *rest = self._block(value, inner)
            return [head + first[len(head) :], *rest]
        least = indent if not item and not value.table else indent + 1
        return [head + self._comment(after), *self._block(value, self._dice.between(least, indent + 4))]

    def _scalar(self, word: Word, head: str, indent: int) -> list[str]:
        body = word.text.removesuffix("\n")
        block = "\n" in body and body[:1].strip() and not body.endswith("\n")
        if block and self._dice.once_in(2):
            inner = " " * self._dice.between(indent + 1, indent + 4)
            sign = "|" if word.text.endswith("\n") else "|-"
            lines = [inner + each if each else "" for each in body.split("\n")]
            return [f"{head}{self._space()}{sign}{self._comment(word.after)}", *lines]
        written = self._word(word.text, flow=False) + self._comment(word.after)
        if self._dice.once_in(5):
            return [head, " " * self._dice.between(indent + 1, indent + 4) + written]
        return [f"{head}{self._space()}{written}"]

    def _word(self, text: str, *, flow: bool) -> str:
        ways = [json.dumps(text, ensure_ascii=self._dice.once_in(9) and max(text, default="") < "\uffff")]
        if "\n" not in text and "\t" not in text:
            ways.append("'" + text.replace("'", "''") + "'")
        if text.isalnum() or (not flow and text in {"a:b", "a,b", "f{g}", "it's", 'a "b"', "c d", "x.y", "-1", "q\\n"}):
            ways += [text, text]
        return self._dice.choice(ways)

    def _flow(self, branch: Branch, indent: int) -> str:
        """A value in brackets; a comment ends its line."""
        opens, closes = "{}" if branch.table else "[]"
        found = opens + (f" {branch.opened}\n{' ' * (indent + 1)}" if branch.opened else self._gap(indent))
        for place, entry in enumerate(branch.entries):
            if entry.above:
                found += "\n" + "".join(f"{self._space()}{each}\n" for each in entry.above) + self._space(indent + 1)
            if entry.key:
                found += f"{self._word(entry.key.text, flow=True)}: {self._space(0)}"
            value = entry.value
            found += self._word(value.text, flow=True) if isinstance(value, Word) else self._flow(value, indent + 1)
            found += self._space(0) + ("," if place < len(branch.entries) - 1 else "")
            found += f" {value.after}\n{' ' * (indent + 1)}" if value.after else self._gap(indent)
        return found + closes

    def _gap(self, indent: int) -> str:
        if self._dice.once_in(5):
            return "\n" * self._dice.between(1, 2) + " " * (indent + 1)
        return self._space(0)
