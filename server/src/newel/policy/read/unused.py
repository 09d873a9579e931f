"""Levels and lists that nothing names: no fault, but most often a slip or a remnant."""

import re
from collections.abc import Iterator

from newel.policy.code import Code
from newel.policy.message import Fault, Message
from newel.policy.source import Node, Scalar, Table

NAMED = ("levels", "lists")
LIST = re.compile(r"\$([A-Za-z_][A-Za-z0-9_-]*)")


def unused(tree: Table) -> tuple[Message, ...]:
    """A note for each level that is no text of the rest of a policy, and each list that no text of it names with a $."""
    part = tree.by_key
    if not any(name in part for name in NAMED):
        return ()
    texts = {text for name, node in part.items() if name not in NAMED for text in _texts(node)}
    lists = {name for text in texts for name in LIST.findall(text)}
    return (*_notes(part.get("levels"), "level", texts), *_notes(part.get("lists"), "list", lists))


def _notes(node: Node | None, what: str, used: set[str]) -> Iterator[Message]:
    for key, _ in node.entries if isinstance(node, Table) else ():
        if key.text not in used:
            text = f"{what} '{key.text}' is declared, and nothing names it"
            yield Fault(Code.UNUSED, key.mark, text, "leave it out, or write it where it was meant").message()


def _texts(node: Node) -> Iterator[str]:
    """All texts of a part that are no keys."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Scalar):
            yield each.text
        else:
            waiting.extend((value for _, value in each.entries) if isinstance(each, Table) else each.items)
