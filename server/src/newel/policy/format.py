"""A policy file in its one layout: whatever differs in spacing, quotes and blank lines comes out equal.

Comments stay where they were, and so do the order and the brackets: a list or mapping in brackets stays one, whatever is
a block stays a block. A file that is JSON stays JSON.
"""

import json

from newel.policy.layout.emit import Emitter
from newel.policy.layout.settle import settle
from newel.policy.layout.tree import whole
from newel.policy.message import Source
from newel.policy.source import read


def formatted(source: Source) -> str:
    """The text of a file in its layout. Fault, Wrong where it cannot be read."""
    read(source)
    found = whole(source)
    settle(found.root)
    return "\n".join(Emitter(is_json=_is_json(source.text)).lines(found)) + "\n"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
