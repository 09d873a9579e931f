"""The file as a tree with positions: YAML or JSON, read as texts. What a text means is decided by the schema, not here.

Refused: tags, anchors, aliases, merge keys, several documents, duplicate keys, what cannot be printed (a reviewer must
see what the engine sees), more than `MOST_BYTES`, `MOST_NODES` or `DEEPEST`. Built from the parser's events without
recursion, so that no nesting can exhaust the stack.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import yaml

from newel.domain.value import dataclass
from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Source, shown
from newel.policy.not_yaml import QUOTED, not_yaml
from newel.policy.surrogates import ANY, joined, stood_in

MOST_BYTES = 2_000_000
MOST_NODES = 200_000
DEEPEST = 20
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
ESCAPES = {"x": 4, "u": 6, "U": 10}
"""The lengths of escapes in double quotes that are not two characters long (YAML 1.1 5.6)."""
Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A text; `style` is None (plain), a quote, or a block's sign."""

    mark: Mark
    text: str
    style: str | None
    one_line: bool

    def place(self, offset: int) -> Mark:
        """Where the character at `offset` of the text stands in the file; the text must pass `placeable`."""
        source, line, column = self.mark.source, self.mark.line, self.mark.column
        if self.style == "|":
            before = self.text[:offset]
            row = before.count("\n")
            return Mark(source, line + 1 + row, offset - (before.rfind("\n") + 1) + self._indent())
        if self.style == '"':
            return Mark(source, line, column + 1 + _escaped(source.lines[line][column + 1 :], offset))
        doubled = self.text[:offset].count("'") if self.style == "'" else 0
        return Mark(source, line, column + (self.style is not None) + offset + doubled)

    def _indent(self) -> int:
        first = self.mark.line + 1
        rows = zip(self.mark.source.lines[first:], self.text.split("\n"), strict=False)
        return next((len(whole) - len(row) for whole, row in rows if row.strip()), 0)

    def placeable(self) -> None:
        """Fault where positions inside the text could not be told."""
        if self.style == ">" or (self.style != "|" and not self.one_line):
            raise Fault(Code.CONDITION_LAYOUT, self.mark, "write a condition on one line, or as a block after |")


def _escaped(written: str, offset: int) -> int:
    """How many characters of a text in double quotes stand for the first `offset` of what it means."""
    at = 0
    for _ in range(offset):
        at += _width(written, at)
    return at


def _width(written: str, at: int) -> int:
    """How many characters stand for the one that begins at a place; two escapes do where they are a pair of surrogates."""
    if written[at : at + 1] != "\\":
        return 1
    length = ESCAPES.get(written[at + 1 : at + 2], 2)
    return 2 * length if ANY.match(written, at) else length


@dataclass(frozen=True, eq=False)
class Sequence:
    """Nodes in order."""

    mark: Mark
    items: tuple["Node", ...]


@dataclass(frozen=True, eq=False)
class Table:
    """Keys with nodes, in order; no key twice."""

    mark: Mark
    entries: tuple[tuple[Scalar, "Node"], ...]

    @cached_property
    def by_key(self) -> Mapping[str, "Node"]:
        """The nodes under their keys."""
        return {key.text: node for key, node in self.entries}


Node = Scalar | Sequence | Table


def read(source: Source) -> Table:
    """The tree of one file. Fault for what is refused above, and where the whole is not a mapping."""
    _check_text(source)
    try:
        root = _build(source, stood_in(source))
    except yaml.MarkedYAMLError as error:
        raise not_yaml(source, error) from error
    if not isinstance(root, Table):
        raise Fault(Code.WRONG_SHAPE, Mark(source, 0, 0), "a policy is a mapping that begins with 'newel: 1'")
    return root


def _check_text(source: Source) -> None:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise Fault(Code.TOO_BIG, Mark(source, 0, 0), f"{size} bytes; a policy has at most {MOST_BYTES}")
    if source.text.isascii() and source.text.replace("\n", "").replace("\t", "").isprintable():
        return
    for row, line in enumerate(source.lines):
        for column, character in enumerate(line):
            if character != "\t":
                _seen(character, Mark(source, row, column))


def _seen(character: str, mark: Mark) -> None:
    if unicodedata.category(character) in HIDDEN:
        text = f"U+{ord(character):04X} cannot be seen, so a reader could be deceived; remove it"
        raise Fault(Code.BAD_CHARACTER, mark, text)


class _Open:
    """A collection that is being read."""

    def __init__(self, mark: Mark, *, table: bool) -> None:
        self.mark, self.table = mark, table
        self.nodes: list[Node] = []

    def closed(self) -> Node:
        if not self.table:
            return Sequence(self.mark, tuple(self.nodes))
        keys, values = self.nodes[::2], self.nodes[1::2]
        seen: dict[str, Scalar] = {}
        for key in keys:
            if not isinstance(key, Scalar):
                raise Fault(Code.WRONG_SHAPE, key.mark, "a key is a plain text")
            if key.text == "<<" and key.style is None:
                raise Fault(Code.YAML_FEATURE, key.mark, "merge keys are not read; write the keys out")
            if key.text in seen:
                first = seen[key.text].mark.line + 1
                raise Fault(Code.TWICE, key.mark, f"{shown(key.text)} appears twice; the first is in line {first}")
            seen[key.text] = key
        return Table(self.mark, tuple(zip(seen.values(), values, strict=True)))


def _build(source: Source, text: str) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    for number, event in enumerate(_events(source, text)):
        if number > MOST_NODES:
            raise Fault(Code.TOO_BIG, _mark(source, event), f"more than {MOST_NODES} parts")
        if isinstance(event, yaml.CollectionStartEvent):
            if len(stack) == DEEPEST:
                raise Fault(Code.TOO_DEEP, _mark(source, event), f"nested deeper than {DEEPEST}")
            stack.append(_Open(_mark(source, event), table=isinstance(event, yaml.MappingStartEvent)))
            continue
        made = (
            _scalar(source, event, pairs=text is not source.text)
            if isinstance(event, yaml.ScalarEvent)
            else stack.pop().closed()
        )
        if stack:
            stack[-1].nodes.append(made)
        elif root is not None:
            raise Fault(Code.YAML_FEATURE, made.mark, "one file is one document; remove the '---' between two")
        else:
            root = made
    return root


def _events(source: Source, text: str) -> Iterator[Any]:
    """The events that carry nodes. Fault for a feature that is refused."""
    for event in yaml.parse(text, Loader=Parser):
        if isinstance(event, yaml.AliasEvent):
            raise Fault(
                Code.YAML_FEATURE, _mark(source, event), "aliases are not read; write the value out", QUOTED.format("*")
            )
        if not isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
            continue
        if getattr(event, "anchor", None) is not None:
            raise Fault(
                Code.YAML_FEATURE, _mark(source, event), "anchors are not read; write the value out", QUOTED.format("&")
            )
        if getattr(event, "tag", None) is not None:
            raise Fault(
                Code.YAML_FEATURE, _mark(source, event), "tags are not read: the schema gives types", QUOTED.format("!")
            )
        yield event


def _scalar(source: Source, event: Any, *, pairs: bool) -> Scalar:
    style, text = event.style or None, joined(event.value) if pairs else event.value
    if style == '"':
        for character in text.replace("\n", "").replace("\t", ""):
            _seen(character, _mark(source, event))
    return Scalar(_mark(source, event), text, style, event.start_mark.line == event.end_mark.line)


def _mark(source: Source, event: Any) -> Mark:
    return Mark(source, event.start_mark.line, event.start_mark.column)
