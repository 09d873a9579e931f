"""The example policy, changed in one place: what is marked with ¶ in a change is where the reader should point."""

from dataclasses import dataclass
from pathlib import Path

from newel.policy.code import Code
from newel.policy.document import Document, Rule
from newel.policy.message import Message, PolicyRefused, Source
from newel.policy.read.document import read_document, read_policy

PATH = Path(__file__).parents[5] / "docs" / "newel-policy.yaml"
EXAMPLE = PATH.read_text(encoding="utf-8")
POINTER = "¶"


def changed(*changes: tuple[str, str], text: str = EXAMPLE) -> str:
    """A policy with each `(old, new)` in the place of the first `old`."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in the policy"
        text = text.replace(old, new, 1)
    return text


def read(*texts: str) -> Document:
    """The document of one file or several."""
    return read_document([Source.of(f"{number}.yaml", text) for number, text in enumerate(texts, 1)])


def rule_of(document: Document, name: str) -> Rule:
    """The rule of this id."""
    return next(rule for rule in document.rules if rule.id == name)


def warned(text: str) -> tuple[Message, ...]:
    """The warnings of one file."""
    return read_policy([Source.of("policy.yaml", text)]).warnings


def refused(*texts: str) -> tuple[Message, ...]:
    """The messages of a policy that is refused."""
    try:
        found = read(*texts)
    except PolicyRefused as error:
        return error.messages
    raise AssertionError(f"{found.name} is read")


def pointed(text: str) -> tuple[str, int, int]:
    """A text without its ¶, and the line and column where that stood, from 1."""
    before, found, after = text.partition(POINTER)
    assert found
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


@dataclass(frozen=True)
class Case:
    """One change of the example, and what is said about it."""

    old: str
    new: str
    code: Code
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.code.name}: {self.text}"[:60]
