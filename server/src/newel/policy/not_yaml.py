"""Why a text is no YAML, in words for whoever wrote it: what a parser says of its grammar helps nobody to find the slip."""

import re
from typing import Any

import yaml

from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Source, shown
from newel.policy.surrogates import ANY

QUOTED = "a text that starts with {} goes in single quotes"
QUOTING = 'text that starts with " ! & * @ ` % [ { or contains ": " goes in single quotes, or in a block after |'
ONE_ESCAPE = "in YAML that is one escape: \\U0001F600"
SPACES = "indent with spaces"
ALIGNED = "the keys of one mapping, and the items of one list, begin in the same column"
ESCAPED = "in double quotes \\ begins an escape; in single quotes it means itself"
CLOSERS = {"[": "]", "{": "}"}
INDENT = re.compile(r"\s*")
BEGIN = re.compile(r" *(?:- +)*")
"""What stands before the first key of a line; the first key of an item stands behind its '- '."""
IN_BRACKETS = frozenset({"while parsing a flow sequence", "while parsing a flow mapping"})
IN_BLOCK = frozenset({"while parsing a block collection", "while parsing a block mapping"})
NAMES = {"while scanning an alias": "*", "while scanning an anchor": "&", "while scanning a tag": "!"}


def not_yaml(source: Source, error: yaml.MarkedYAMLError) -> Fault:
    """The fault behind what the parser said."""
    at = _mark(source, error.problem_mark or error.context_mark)
    begin = _mark(source, error.context_mark or error.problem_mark)
    line = _line(at)
    if ANY.match(line, max(0, at.column - 2)):
        return _fault(at, f"{error.problem}", ONE_ESCAPE)
    if error.context in IN_BRACKETS:
        return _unclosed(at, begin)
    indent = INDENT.match(line)
    if "\t" in (indent[0] if indent else ""):
        return _fault(Mark(source, at.line, line.index("\t")), "a tab stands here, YAML wants spaces", SPACES)
    return _scanned(at, begin, str(error.context), str(error.problem))


def _scanned(at: Mark, begin: Mark, context: str, problem: str) -> Fault:
    """The fault where no bracket is open and no tab is in the way."""
    line = _line(at)
    if context in NAMES:
        sign = NAMES[context]
        return _fault(begin, f"nothing is named by '{sign}' here", QUOTED.format(sign))
    if "quoted scalar" in context and "end of stream" in problem:
        return _fault(begin, "this quotation mark is not closed", "a text in quotes ends with the mark it begins with")
    if "escape" in problem:
        return _fault(at, problem, ESCAPED)
    if line[at.column : at.column + 1] == "\t":
        return _fault(at, "a tab stands here, YAML wants spaces", SPACES)
    if "cannot start any token" in problem or "node content" in problem:
        sign = line[at.column : at.column + 1]
        return _fault(at, f"no text begins with {shown(sign)}", QUOTED.format(sign))
    if context == "while scanning a simple key":
        return _fault(begin, "this is no key: no ':' with a space behind it follows", "write 'key: value'")
    if "mapping values are not allowed" in problem:
        return _second_colon(at)
    if context in IN_BLOCK or "<document start>" in problem:
        return _out_of_line(at)
    if "block scalar" in context:
        return _fault(at, "the line of a | or a > ends behind it", "write the text indented in the lines below")
    return _fault(at, problem, QUOTING)


def _unclosed(at: Mark, begin: Mark) -> Fault:
    """A bracket that something else than a comma or its closing one follows upon."""
    sign = _line(begin)[begin.column : begin.column + 1]
    closer = CLOSERS.get(sign, "]")
    text = f"the {shown(sign)} of line {begin.line + 1}, column {begin.column + 1} is still open here"
    found = _line(at)[at.column : at.column + 1]
    if found in CLOSERS.values():
        return _fault(at, f"{text}, and '{found}' does not close it", f"close it with '{closer}'")
    if at.line == begin.line:
        return _fault(at, text, f"a ',' stands between two parts, and '{closer}' behind the last")
    return _fault(at, text, f"is there a '{closer}' missing in line {begin.line + 1}, or a ',' before this?")


def _second_colon(at: Mark) -> Fault:
    """A colon where no key may be: in a value, or behind a key that is indented deeper than its neighbours."""
    line = _line(at)
    own = _begin(line)
    if ": " in line[own : at.column]:
        return _fault(at, "a second ': ' in one line", "a text that contains ': ' goes in single quotes")
    above = next((row for row in reversed(at.source.lines[: at.line]) if row.strip()), "")
    text = (
        f"this is indented deeper than the line above: it begins in column {own + 1}, that one in {_begin(above) + 1}"
    )
    return _fault(Mark(at.source, at.line, own), text, ALIGNED)


def _out_of_line(at: Mark) -> Fault:
    """What belongs to no mapping and no list above, or follows upon a value that has ended."""
    line = _line(at)
    rest = line[at.column :]
    if not line[: at.column].strip():
        item = rest.startswith("- ")
        text = f"nothing above that this {'item' if item else 'key'} could belong to begins in column {at.column + 1}"
        return _fault(at, text, ALIGNED)
    if rest[:1] in CLOSERS.values():
        return _fault(at, f"this '{rest[0]}' closes nothing", "there is one too many, or its opening one is missing")
    hint = "a text with quotes in it goes in single quotes as a whole, or in a block after |"
    return _fault(at, "the value has ended, and yet something follows", hint)


def _begin(line: str) -> int:
    found = BEGIN.match(line)
    return found.end() if found else 0


def _line(mark: Mark) -> str:
    return mark.source.lines[mark.line] if mark.line < len(mark.source.lines) else ""  # it may end too soon


def _mark(source: Source, at: Any) -> Mark:
    return Mark(source, at.line, at.column) if at else Mark(source, 0, 0)


def _fault(mark: Mark, text: str, hint: str) -> Fault:
    return Fault(Code.NOT_YAML, mark, f"not valid YAML: {text}", hint)
