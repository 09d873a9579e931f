"""Conditions as they are laid out: one space between parts, none inside brackets, texts in double quotes."""

from collections.abc import Iterator, Sequence

from newel.policy.lang.lex import TOKEN, Token, tokens
from newel.policy.lang.write import quoted

TIGHT_BEFORE = frozenset({")", "]", ",", "."})
TIGHT_AFTER = frozenset({"(", "[", "!", "."})
OPERAND_ENDS = frozenset({")", "]"})
OPENS, CLOSES = frozenset({"(", "["}), frozenset({")", "]"})
JOINS = frozenset({"&&", "||"})
INDENT = "  "
COMMENT = "//"


def spaced(condition: str) -> str:
    """A condition without comments in one line."""
    return "".join(_written(tokens(condition)[:-1], condition))


def commented(condition: str) -> bool:
    """Whether there is a comment in a condition."""
    return any(line[at:].startswith(COMMENT) for line, at in _spaces(condition))


def kept(condition: str) -> list[str]:
    """The lines of a condition with comments, each spaced; blank ones go, and those that go on are indented."""
    found = []
    for line in condition.split("\n"):
        at = next((at for _, at in _spaces(line) if line[at:].startswith(COMMENT)), len(line))
        words = "".join(_written(tokens(line[:at])[:-1], line))
        both = [each for each in (words, line[at:].rstrip()) if each]
        if both:
            found.append("  ".join(both))
    return found


def broken(condition: str, width: int) -> list[str]:
    """A condition in lines of at most `width` characters, as far as it can be broken before its outermost && and ||."""
    found = tokens(condition)[:-1]
    parts, depth, begin = [], 0, 0
    for place, token in enumerate(found):
        if token.kind == "sign":
            depth += (token.text in OPENS) - (token.text in CLOSES)
            if token.text in JOINS and depth == 0:
                parts.append((begin, place))
                begin = place
    words = list(_written(found, condition))
    lines: list[str] = []
    for first, last in [*parts, (begin, len(found))]:
        part = "".join(words[first:last]).strip()
        if lines and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(INDENT + part if lines else part)
    return lines


def _spaces(text: str) -> Iterator[tuple[str, int]]:
    """The text, and where white space or a comment begins in it."""
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            return
        if match.lastgroup == "space":
            yield text, at
        at = match.end()


def _written(found: Sequence[Token], condition: str) -> Iterator[str]:
    """Each token with the space before it."""
    for place, token in enumerate(found):
        space = " " if place and _apart(found, place) else ""
        yield space + (quoted(token.text) if token.kind == "string" else _raw(condition, token))


def _raw(condition: str, token: Token) -> str:
    match = TOKEN.match(condition, token.at)
    return match[0] if match else ""


def _apart(found: Sequence[Token], place: int) -> bool:
    """Whether a space stands before the token at `place`."""
    token, before = found[place], found[place - 1]
    if before.kind == "sign" and (before.text in TIGHT_AFTER or (before.text == "-" and _unary(found, place - 1))):
        return False
    if token.kind != "sign":
        return True
    if token.text in TIGHT_BEFORE:
        return False
    return not (token.text in OPENS and before.kind == "name" and before.text != "in")


def _unary(found: Sequence[Token], place: int) -> bool:
    """Whether the minus at `place` has nothing on its left."""
    if place == 0:
        return True
    before = found[place - 1]
    return (before.kind == "sign" and before.text not in OPERAND_ENDS) or before.text == "in"
