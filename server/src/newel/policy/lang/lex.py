"""Text of a condition → tokens (CEL specification, Syntax; the parts that are left out say so)."""

import re
from collections.abc import Mapping
from typing import Literal

from newel.domain.value import dataclass
from newel.policy.code import Code
from newel.policy.message import shown

LARGEST = 2**63 - 1
LONGEST_NUMBER = 40
"""Characters of a number: Python refuses to read very long ones."""
MOST_TOKENS = 60_000
STRAIGHT = "straight quotes stand around a text: \"…\" or '…'"
CURLY = (
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}`\N{ACUTE ACCENT}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
)
"""What an editor for prose writes in the place of quotes."""
Kind = Literal["int", "string", "name", "list", "sign", "end"]
KINDS: Mapping[str, Kind] = {"name": "name", "list": "list", "sign": "sign"}
TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|//[^\n]*)
  | (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
  | (?P<int>0x[0-9a-fA-F]+|0(?![0-9xX])|[1-9][0-9]*)
  | (?P<long>\"{3}|'{3})
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<list>\$[A-Za-z_][A-Za-z0-9_-]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])
    """,
    re.VERBOSE,
)
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.DOTALL)
ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "`": "`", "?": "?",
}  # fmt: skip
PREFIXES = frozenset({"r", "R", "b", "B", "br", "bR", "Br", "BR", "rb", "rB", "Rb", "RB"})
TOP = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)


class Wrong(Exception):
    """What is wrong at an offset of a condition."""

    def __init__(self, code: Code, at: int, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.code, self.at, self.text, self.hint = code, at, text, hint


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is what it means for a string, else what is written."""

    kind: Kind
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """All tokens and an `end`. Wrong where the text is none."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _unexpected(text, at)
        if match.lastgroup != "space":
            found.append(_token(match, text, at))
            if len(found) > MOST_TOKENS:
                raise Wrong(Code.CONDITION_SIZE, at, f"more than {MOST_TOKENS} words and signs in one condition")
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _token(match: re.Match[str], text: str, at: int) -> Token:
    written, after = match[0], text[match.end() : match.end() + 1]
    match match.lastgroup:
        case "double":
            raise Wrong(Code.NOT_AVAILABLE, at, "numbers are whole", "amounts are minor units: 100000 is 1000.00")
        case "long":
            raise Wrong(Code.NOT_AVAILABLE, at, "strings stand in one pair of quotes")
        case "int":
            if after.isalnum() or after == "_":
                raise Wrong(Code.LITERAL, at, f"{shown(written + after)} is not a number")
            if len(written) > LONGEST_NUMBER or int(written, 0) > LARGEST + 1:
                raise Wrong(Code.LITERAL, at, "this number does not fit in 64 bits")
            return Token("int", written, at)
        case "string":
            return Token("string", _meant(written, at), at)
        case "name" if written in PREFIXES and after in {'"', "'"} and after:
            raise Wrong(Code.NOT_AVAILABLE, at, "raw strings and bytes are left out; write an ordinary string")
        case group:
            return Token(KINDS[group or ""], written, at)


def _unexpected(text: str, at: int) -> Wrong:
    hints = {
        '"': "a string needs its closing quote on the same line",
        "'": "a string needs its closing quote on the same line",
        "=": "'==' compares",
        "&": "'&&' is and",
        "|": "'||' is or",
        "{": "maps are left out: facts have types",
        "$": "a list of the policy is written $name",
        **dict.fromkeys(CURLY, STRAIGHT),
    }
    return Wrong(Code.SYNTAX, at, f"unexpected {shown(text[at])}", hints.get(text[at], ""))


def _meant(written: str, at: int) -> str:
    def one(match: re.Match[str]) -> str:
        escape = match[1]
        if escape in ESCAPES:
            return ESCAPES[escape]
        digits = escape[1:] if escape[0] in "xuU" else escape
        if not digits or (len(digits) == 1 and escape[0] not in "xuU"):
            raise Wrong(Code.LITERAL, at + 1 + match.start(), f"unknown escape {shown(match[0])}")
        number = int(digits, 16 if escape[0] in "xuU" else 8)
        if number > TOP or number in SURROGATES:
            raise Wrong(Code.LITERAL, at + 1 + match.start(), "this escape is no character")
        return chr(number)

    return ESCAPE.sub(one, written[1:-1])
