r"""Surrogate pairs of JSON: a character beyond U+FFFF may be written as two escapes (RFC 8259 7), which YAML does not know.

While the file is parsed, private characters of the same length stand for the two, so that every place stays what it is.
Where the file is no JSON nothing is changed: the same signs are a plain text in other places of YAML.
"""

import json
import re

from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Source

ANY = re.compile(r"\\u[dD][89a-fA-F]")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
FIRST, BEHIND = 0xD800, 0xE000
LOW = 0xDC00
MOVED = BEHIND - FIRST
PRIVATE_FIRST, PRIVATE_BEHIND = 0xE000, 0xF900
PAIR = re.compile(r"([\ue000-\ue3ff])([\ue400-\ue7ff])")
UNPAIRED = "is half of a pair of surrogates, and stands alone"
UNSEEN = "cannot be seen, so a reader could be deceived; remove it"


def stood_in(source: Source) -> str:
    """The text to parse. Fault for half a pair, and for an escape of a private character beside pairs."""
    text = source.text
    if ANY.search(text) is None or not _is_json(text):
        return text
    parts, done, high = [], 0, -1
    for match in ESCAPE.finditer(text):
        code = int(match[1], 16) if match[1] else 0
        if high >= 0 and not (LOW <= code < BEHIND and match.start() == high + len(match[0])):
            raise _fault(source, high, UNPAIRED)
        if PRIVATE_FIRST <= code < PRIVATE_BEHIND:
            raise _fault(source, match.start(), UNSEEN)
        if LOW <= code < BEHIND and high < 0:
            raise _fault(source, match.start(), UNPAIRED)
        high = match.start() if FIRST <= code < LOW else -1
        if FIRST <= code < BEHIND:
            parts += [text[done : match.start()], f"\\u{code + MOVED:04x}"]
            done = match.end()
    if high >= 0:
        raise _fault(source, high, UNPAIRED)
    return "".join([*parts, text[done:]])


def joined(text: str) -> str:
    """A scalar of a text that `stood_in` changed, with the characters that were meant."""
    return PAIR.sub(lambda pair: chr(0x10000 + ((ord(pair[1]) - 0xE000) << 10 | ord(pair[2]) - 0xE400)), text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _fault(source: Source, at: int, text: str) -> Fault:
    before = source.text[:at]
    mark = Mark(source, before.count("\n"), at - (before.rfind("\n") + 1))
    written = source.text[at + 2 : at + 6].upper()
    return Fault(Code.BAD_CHARACTER, mark, f"U+{written} {text}")
