"""A policy file in its one layout: line ends, white space, and the spacing of conditions. Comments and order stay."""

import re
from collections.abc import Iterator

from newel.policy.lang.lex import TOKEN, Token, tokens
from newel.policy.message import Source
from newel.policy.source import Node, Scalar, Sequence, Table, read

CONDITIONS = frozenset({"when", "unless"})
TIGHT_BEFORE = frozenset({")", "]", ",", "."})
TIGHT_AFTER = frozenset({"(", "[", "!", "."})
OPERAND_ENDS = frozenset({")", "]"})
BLANKS = re.compile(r"\n{4,}")


def formatted(source: Source) -> str:
    """The text of a file in its layout. Fault, Wrong where it cannot be read."""
    lines = list(source.lines)
    for scalar in _conditions(read(source)):
        if scalar.one_line and scalar.style in {None, "'"}:
            _respace(lines, scalar)
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return BLANKS.sub("\n\n\n", text) + "\n"


def _conditions(node: Node) -> Iterator[Scalar]:
    """The conditions in a tree, last ones first, so that a change moves nothing that is still to be changed."""
    if isinstance(node, Sequence):
        for item in reversed(node.items):
            yield from _conditions(item)
    elif isinstance(node, Table):
        for key, value in reversed(node.entries):
            if key.text in CONDITIONS and isinstance(value, Scalar):
                yield value
            else:
                yield from _conditions(value)


def _respace(lines: list[str], scalar: Scalar) -> None:
    row, column = scalar.mark.line, scalar.mark.column
    quoted = scalar.style == "'"
    before = scalar.text.replace("'", "''") if quoted else scalar.text
    after = spaced(scalar.text)
    if quoted or ": " in after or " #" in after:
        after = "'" + after.replace("'", "''") + "'"
        before = f"'{before}'" if quoted else before
    line = lines[row]
    lines[row] = line[:column] + after + line[column + len(before) :]


def spaced(condition: str) -> str:
    """A condition with one space between its parts, and none inside brackets."""
    found = tokens(condition)[:-1]
    written = ""
    before: Token | None = None
    for place, token in enumerate(found):
        if before is not None and _apart(found, place):
            written += " "
        written += _raw(condition, token)
        before = token
    return written


def _raw(condition: str, token: Token) -> str:
    match = TOKEN.match(condition, token.at)
    return match[0] if match else ""


def _apart(found: list[Token], place: int) -> bool:
    """Whether a space stands before the token at `place`."""
    token, before = found[place], found[place - 1]
    if before.kind == "sign" and (before.text in TIGHT_AFTER or (before.text == "-" and _unary(found, place - 1))):
        return False
    if token.kind != "sign":
        return True
    if token.text in TIGHT_BEFORE:
        return False
    return not (token.text == "(" and before.kind == "name" and before.text != "in")


def _unary(found: list[Token], place: int) -> bool:
    """Whether the minus at `place` has nothing on its left."""
    if place == 0:
        return True
    before = found[place - 1]
    return (before.kind == "sign" and before.text not in OPERAND_ENDS) or before.text == "in"
