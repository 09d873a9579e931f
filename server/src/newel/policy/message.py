"""Messages about a policy: where, what, the source line with a caret, one hint, and a code that never changes.

At most `MOST` are given in one run: `Report` collects them and raises `PolicyRefused` when there is no room, or when it
is asked whether all was well.
"""

import unicodedata
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from newel.domain.value import dataclass
from newel.policy.code import Code

MOST = 20
EXCERPT = 160
LISTED = 8
MOST_COMPARED = 1000
"""Among more names than these the nearest is not looked for: that takes long."""
VOWELS = frozenset("aeiou")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text with the name it is called by in messages."""

    name: str
    text: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str, text: str) -> "Source":
        """The text with its line ends made one kind."""
        plain = text.replace("\r\n", "\n").removeprefix("\ufeff")
        return cls(name, plain, tuple(plain.split("\n")))


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source; line and column count from 0."""

    source: Source
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One finding; line and column count from 1."""

    code: Code
    text: str
    file: str
    line: int
    column: int
    excerpt: str
    hint: str = ""

    def __str__(self) -> str:
        """The message as a terminal shows it."""
        lines = [f"{self.file}:{self.line}:{self.column}: {self.text} [{self.code}]"]
        if self.excerpt:
            lines += [f"    | {self.excerpt}", f"    | {_pad(self.excerpt, self.column - 1)}^"]
        if self.hint:
            lines.append(f"    = {self.hint}")
        return "\n".join(lines)

    def as_json(self) -> Mapping[str, object]:
        """The message for a machine."""
        shown = {"code": str(self.code), "message": self.text, "hint": self.hint}
        return {"file": self.file, "line": self.line, "column": self.column, **shown}


class Fault(Exception):
    """What is wrong at one mark; whoever collects turns it into a message and goes on with the next part."""

    def __init__(self, code: Code, mark: Mark, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.code, self.mark, self.text, self.hint = code, mark, text, hint

    def message(self) -> Message:
        """The fault with its source line."""
        mark = self.mark
        excerpt = mark.source.lines[mark.line] if mark.line < len(mark.source.lines) else ""
        return Message(
            code=self.code,
            text=self.text,
            file=mark.source.name,
            line=mark.line + 1,
            column=mark.column + 1,
            excerpt=_printable(excerpt) if mark.column < EXCERPT else "",
            hint=self.hint,
        )


class PolicyRefused(ValueError):
    """A policy with faults; `messages` says which."""

    def __init__(self, messages: Sequence[Message]) -> None:
        super().__init__("\n".join(map(str, messages)))
        self.messages = tuple(messages)


class Report:
    """Collects the faults of one run."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    @contextmanager
    def part(self) -> Generator[None, None, None]:
        """Read one part: its first fault is kept, and whatever comes after the part goes on. PolicyRefused when full."""
        try:
            yield
        except Fault as fault:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Keep a fault; the same words at the same place are one. PolicyRefused when full."""
        message = fault.message()
        if message not in self._messages:
            self._messages.append(message)
        if len(self._messages) == MOST:
            raise PolicyRefused(self._messages)

    def close(self) -> None:
        """PolicyRefused where there was any fault."""
        if self._messages:
            raise self._refusal()

    def refusal(self, fault: Fault) -> PolicyRefused:
        """What to raise where nothing more can be read: all faults, and this one."""
        self.add(fault)
        return self._refusal()

    def _refusal(self) -> PolicyRefused:
        return PolicyRefused(sorted(self._messages, key=lambda each: (each.file, each.line, each.column)))


def suggest(word: str, known: Sequence[str], *, what: str = "known") -> str:
    """A hint: the nearest of `known`, whatever letters are capitals, or what there is."""
    few = known if len(known) <= MOST_COMPARED else ()
    alike = [each for each in few if each.casefold() == word[:EXCERPT].casefold()]
    close = alike or get_close_matches(word[:EXCERPT], few, 1)
    if close:
        return f"did you mean '{close[0]}'?"
    listed = sorted(known)
    more = ", …" if len(listed) > LISTED else ""
    return f"{what}: {', '.join(listed[:LISTED])}{more}" if listed else ""


def with_article(word: str) -> str:
    """A word with its article: a string, an int."""
    return f"{'an' if word[:1] in VOWELS else 'a'} {word}"


def shown(text: str) -> str:
    """A text that somebody wrote, short and printable, in quotes."""
    short = text if len(text) <= LISTED * 8 else text[: LISTED * 8] + "…"
    return f"'{_printable(short)}'"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in text[:EXCERPT])


def _pad(excerpt: str, width: int) -> str:
    """White space as wide as the text before the caret: tabs stay tabs, wide characters take two cells."""
    return "".join(_blank(each) for each in excerpt[:width])


def _blank(character: str) -> str:
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
