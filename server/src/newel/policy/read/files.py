"""A policy in several files: one tree of their parts. What is declared in two of them is declared twice."""

from collections.abc import Sequence

from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Report, Source, shown
from newel.policy.source import MOST_BYTES, Node, Scalar, Table, read
from newel.policy.source import Sequence as Items

FORMAT = "1"


def read_files(sources: Sequence[Source], report: Report) -> Table | None:
    """The parts of all files under their keys; None where one of them has none."""
    trees: list[Table] = []
    size = 0
    for source in sources:
        with report.part():
            size += len(source.text)
            if size > MOST_BYTES:
                raise Fault(Code.TOO_BIG, Mark(source, 0, 0), f"all files have at most {MOST_BYTES} characters")
            trees.append(_tree(source))
    if not trees or len(trees) < len(sources):
        return None
    whole = trees[0]
    for tree in trees[1:]:
        with report.part():
            whole = _merged(whole, tree)
    return whole


def _tree(source: Source) -> Table:
    found = read(source)
    version = found.by_key.get("newel")
    if not isinstance(version, Scalar):
        raise Fault(Code.FORMAT, found.mark, "this is not a policy: its first line is 'newel: 1'")
    if version.text != FORMAT:
        raise Fault(Code.FORMAT, version.mark, f"format {shown(version.text)} is not read here", "this server reads 1")
    return found


def _merged(left: Table, right: Table) -> Table:
    whole = dict(_keyed(left))
    for name, (key, node) in _keyed(right).items():
        if name not in whole:
            whole[name] = key, node
        elif name != "newel":
            first, other = whole[name]
            whole[name] = (
                first,
                _schema(key, first, other, node) if name == "schema" else _both(key, first, other, node),
            )
    return Table(left.mark, tuple(whole.values()))


def _keyed(tree: Table) -> dict[str, tuple[Scalar, Node]]:
    return {key.text: (key, node) for key, node in tree.entries}


def _schema(key: Scalar, first: Scalar, left: Node, right: Node) -> Node:
    if not (isinstance(left, Table) and isinstance(right, Table)):
        raise _twice(key, first)
    whole = dict(_keyed(left))
    for name, (inner, node) in _keyed(right).items():
        before, other = whole.get(name, (inner, None))
        whole[name] = before, node if other is None else _both(inner, before, other, node)
    return Table(left.mark, tuple(whole.values()))


def _both(key: Scalar, first: Scalar, left: Node, right: Node) -> Node:
    """Two parts of one kind as one. Fault where both declare the same."""
    if isinstance(left, Items) and isinstance(right, Items):
        return Items(left.mark, (*left.items, *right.items))
    if not (isinstance(left, Table) and isinstance(right, Table)):
        raise _twice(key, first)
    known = _keyed(left)
    for inner, _ in right.entries:
        if inner.text in known:
            raise _twice(inner, known[inner.text][0])
    return Table(left.mark, (*left.entries, *right.entries))


def _twice(key: Scalar, first: Scalar) -> Fault:
    at = f"{first.mark.source.name}:{first.mark.line + 1}"
    return Fault(Code.TWICE, key.mark, f"{shown(key.text)} is already declared in {at}")
