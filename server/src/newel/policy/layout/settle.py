"""What of a tree means the same however it is spaced is made one: conditions, targets, texts for people."""

import re
from collections.abc import Iterator

from newel.policy.layout.conditions import commented, kept, spaced
from newel.policy.layout.tree import Branch, Entry, Value, Word

CONDITIONS = frozenset({"when", "unless"})
HAS_CONDITIONS = frozenset({"rules", "invariants"})
HAS_TARGETS = {"rules": "on", "invariants": "for", "velocity": "of"}
TOLD = frozenset({"because", "label", "verb", "deny"})
"""Texts whose white space at both ends means nothing."""
ACTIONS = re.compile(r"([^:\[\]]+):\[([^\[\]]*)\]")


def settle(root: Branch) -> None:
    """Make it so, in place. Wrong where a condition is none."""
    for section in root.entries:
        name = section.key.text if section.key else ""
        for part in _parts(section.value):
            for entry in part.entries:
                _settled(entry, name)
    for entry in _every(root):
        if entry.key is None:
            continue
        if isinstance(entry.value, Word) and entry.key.text in TOLD:
            entry.value.text = entry.value.text.strip()
        if entry.key.after and (isinstance(entry.value, Word) or entry.value.flow):
            entry.above.append(entry.key.after)
            entry.key.after = ""


def _parts(section: Value) -> Iterator[Branch]:
    """The rules, invariants or counters of a section."""
    for entry in section.entries if isinstance(section, Branch) else ():
        if isinstance(entry.value, Branch):
            yield entry.value


def _settled(entry: Entry, section: str) -> None:
    key = entry.key.text if entry.key else ""
    if key in CONDITIONS and section in HAS_CONDITIONS and isinstance(entry.value, Word):
        _condition(entry.value)
    if key and key == HAS_TARGETS.get(section):
        words = [entry.value] if isinstance(entry.value, Word) else [each.value for each in entry.value.entries]
        for word in words:
            if isinstance(word, Word):
                word.text = _target(word.text)


def _condition(word: Word) -> None:
    if commented(word.text):
        word.lines = tuple(kept(word.text))
        word.text = "\n".join(word.lines)
    else:
        word.text = spaced(word.text)
        word.lines = (word.text,)


def _target(text: str) -> str:
    match = ACTIONS.fullmatch(text)
    return f"{match[1]}:[{', '.join(part.strip() for part in match[2].split(','))}]" if match else text


def _every(branch: Branch) -> Iterator[Entry]:
    for entry in branch.entries:
        yield entry
        if isinstance(entry.value, Branch):
            yield from _every(entry.value)
