"""How deep a JSON body nests, told before a parser reads it (S35)."""

import re

BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


def too_deep(data: bytes, depth: int) -> bool:
    """Tell whether brackets outside strings nest deeper than `depth`."""
    level = 0
    for token in BRACKETS.finditer(data):
        first = token[0][:1]
        if first in b"[{":
            level += 1
            if level > depth:
                return True
        elif first in b"]}":
            level -= 1
    return False
