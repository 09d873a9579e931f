"""What a policy demands of a session and nothing gives yet: no fault, but whoever wrote it should know."""

from collections.abc import Iterator, Mapping

from newel.policy.code import Code
from newel.policy.message import Fault, Message
from newel.policy.source import Node, Scalar, Table

DEMANDING = ("schema", "levels", "rules")
"""The sections that demand something; invariants and tests only speak of it."""
NOT_YET: Mapping[str, tuple[str, str]] = {
    "notify": ("nothing sends notices yet: nobody is told", "everything else of the requirement is demanded"),
    "key_bound": ("no key-bound token is issued yet: whoever is asked for one does not get on", "leave it out so far"),
}


def not_yet(tree: Table) -> tuple[Message, ...]:
    """A warning for each part of a `session` that cannot be given yet, at its key."""
    sections = (tree.by_key[name] for name in DEMANDING if name in tree.by_key)
    keys = (key for section in sections for key in _keys(section))
    return tuple(Fault(Code.NOT_YET, key.mark, *NOT_YET[key.text]).message() for key in keys)


def _keys(node: Node) -> Iterator[Scalar]:
    waiting: list[tuple[str, Node]] = [("", node)]
    while waiting:
        name, each = waiting.pop()
        if isinstance(each, Table):
            if name == "session":
                yield from (key for key, value in each.entries if key.text in NOT_YET and _demanded(value))
            waiting += [(key.text, value) for key, value in reversed(each.entries)]
        elif not isinstance(each, Scalar):
            waiting += [("", value) for value in reversed(each.items)]


def _demanded(value: Node) -> bool:
    return not (isinstance(value, Scalar) and value.text == "false")
