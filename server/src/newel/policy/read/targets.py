"""Targets of rules and invariants: `*`, `resource:*`, `resource:action`, `resource:[a, b]`."""

from collections.abc import Iterator, Mapping

from newel.policy.code import Code
from newel.policy.document import ANY_ACTION, EVERYWHERE, Resource
from newel.policy.message import Fault, shown, suggest
from newel.policy.read.built_in import NAMED
from newel.policy.read.shape import items, scalar
from newel.policy.source import Node, Scalar

MOST_ACTION = 200
SIGNS = frozenset(' "\\*[],')


def read_targets(node: Node, resources: Mapping[str, Resource]) -> tuple[str, ...]:
    """The targets in the order of the file, each once; `*` stays `*`, and so does any action of an open resource."""
    nodes = (node,) if isinstance(node, Scalar) else items(node, "on")
    found = [target for each in nodes for target in _expanded(scalar(each, "a target"), resources)]
    return tuple(dict.fromkeys(found))


def _expanded(node: Scalar, resources: Mapping[str, Resource]) -> Iterator[str]:
    if node.text == EVERYWHERE:
        yield EVERYWHERE
        return
    name, colon, actions = node.text.partition(":")
    resource = resources.get(name)
    if resource is None:
        text = f"unknown resource {shown(name)}"
        raise Fault(Code.UNKNOWN_TARGET, node.mark, text, suggest(name, tuple(resources), what="declared"))
    if not colon:
        raise Fault(Code.UNKNOWN_TARGET, node.mark, f"{shown(name)} names no action", f"write '{name}:*' for all")
    if actions == ANY_ACTION and resource.is_open:
        yield f"{name}:{ANY_ACTION}"
        return
    for action in _actions(actions, resource):
        if not has_action(resource, action):
            text = f"'{name}' has no action {shown(action)}"
            raise Fault(Code.UNKNOWN_TARGET, node.mark, text, suggest(action, actions_of(resource), what="actions"))
        yield f"{name}:{action}"


def actions_of(resource: Resource) -> tuple[str, ...]:
    """The actions of a resource that a policy may name; none for one that takes any name."""
    return NAMED.get(resource.name, tuple(resource.actions))


def has_action(resource: Resource, action: str) -> bool:
    """Whether a policy may name an action of a resource."""
    known = actions_of(resource)
    return action in known if known or not resource.is_open else _plain(action)


def _actions(written: str, resource: Resource) -> tuple[str, ...]:
    if written == ANY_ACTION:
        return tuple(resource.actions)
    if written.startswith("[") and written.endswith("]"):
        return tuple(part.strip() for part in written[1:-1].split(","))
    return (written,)


def _plain(action: str) -> bool:
    """Whether it is a token of a scope (RFC 6749 3.3) without the signs that mean something in a target."""
    return 0 < len(action) <= MOST_ACTION and action.isascii() and action.isprintable() and not set(action) & SIGNS
