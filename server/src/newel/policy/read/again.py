"""What is read once is read again: the canonical form passes the limits that the files passed."""

from functools import lru_cache

from newel.policy.canonical import canonical_text
from newel.policy.code import Code
from newel.policy.document import Document
from newel.policy.lang.core import Core
from newel.policy.lang.lex import Wrong
from newel.policy.lang.parse import MOST_NODES as MOST_PARTS
from newel.policy.lang.parse import parse
from newel.policy.lang.reads import KEPT, parts, size
from newel.policy.lang.write import written
from newel.policy.message import Fault, Mark
from newel.policy.read.room import TOO_LARGE
from newel.policy.source import MOST_BYTES, MOST_NODES

SHALLOW = 10
"""Levels of a condition that are surely few enough: written out, a level takes two brackets or signs at most."""


def read_again(found: Core, mark: Mark) -> None:
    """Fault where a condition, written out, is nested too deep or has too many parts."""
    if depth(found) <= SHALLOW and size(found) <= MOST_PARTS // 2:
        return
    try:
        parse(written(found))
    except Wrong as wrong:
        raise Fault(wrong.code, mark, f"written out, this condition cannot be read again: {wrong.text}") from wrong


@lru_cache(KEPT)
def depth(found: Core) -> int:
    """How many levels a condition has."""
    return 1 + max(map(depth, parts(found)), default=0)


def fits(document: Document, mark: Mark) -> None:
    """Fault where a policy, with every list and level written out, is larger than a file may be."""
    text = canonical_text(document)
    nodes = text.count('"') // 2 + 2 * (text.count("{") + text.count("["))
    if len(text.encode()) > MOST_BYTES or nodes > MOST_NODES:
        raise Fault(Code.TOO_BIG, mark, TOO_LARGE)
