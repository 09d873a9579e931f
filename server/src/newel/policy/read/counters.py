"""Counters: what is summed or counted, by which key, over which window, at which targets."""

from collections.abc import Callable, Mapping
from functools import partial

from newel.domain.value import dataclass
from newel.policy.code import Code
from newel.policy.document import ANY_ACTION, EVERYWHERE, Counter, Resource
from newel.policy.facts import MOST, Fact
from newel.policy.message import Fault, Report
from newel.policy.read.facts import named
from newel.policy.read.names import window
from newel.policy.read.shape import dotted, entries, integer, items, table
from newel.policy.read.targets import read_targets
from newel.policy.source import Node, Scalar, Table

KINDS = ("sum", "count", "distinct")
KEYS = (*KINDS, "by", "over", "of", "range")
HEADROOM = 1000
"""A counter's range where it names none, in times of the summed fact's."""
MOST_COUNTED = 1_000_000
MOST_COUNTERS = 1000
Find = Callable[[Node, str], Fact]
"""The fact that a node names; the text says for which key."""
KEYED_BY = frozenset({"string", "enum", "ip"})


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter and the fact it is read as, with the resource it belongs to."""

    counter: Counter
    fact: Fact
    resource: str


def read_counters(
    node: Node, facts: Mapping[str, Fact], resources: Mapping[str, Resource], report: Report
) -> dict[str, Counted]:
    """The counters by the name of their fact; `facts` are those usable everywhere."""
    found: dict[str, Counted] = {}
    for key, given in entries(node, "velocity", MOST_COUNTERS):
        with report.part():
            counted = _counter(key, table(given, f"counter '{key.text}'", KEYS, ("by", "over", "of")), facts, resources)
            found[counted.counter.name] = counted
    return found


def _counter(key: Scalar, given: Table, facts: Mapping[str, Fact], resources: Mapping[str, Resource]) -> Counted:
    part = given.by_key
    kinds = [kind for kind in KINDS if kind in part]
    if len(kinds) != 1:
        raise Fault(Code.COUNTER, given.mark, "a counter has exactly one of 'sum', 'count' and 'distinct'")
    targets = read_targets(part["of"], resources)
    owners = {target.partition(":")[0] for target in targets}
    if len(owners) != 1 or EVERYWHERE in owners or any(target.endswith(ANY_ACTION) for target in targets):
        raise Fault(Code.COUNTER, part["of"].mark, "a counter counts actions of one declared resource")
    (owner,) = owners
    readable = {**facts, **resources[owner].facts}
    find = partial(named, facts=readable, resources=resources)
    by = find(part["by"], "by")
    if by.kind not in KEYED_BY or by.optional:
        text = f"'{by.name}' cannot be a key: a key is a text or an address that is always there"
        raise Fault(Code.COUNTER, part["by"].mark, text)
    counter = _made(f"velocity.{dotted(key, 'a counter')}", part, by, find, targets)
    fact = Fact(name=counter.name, kind="int", low=0, high=counter.high)
    return Counted(counter, fact, owner)


def _made(name: str, part: Mapping[str, Node], by: Fact, find: Find, targets: tuple[str, ...]) -> Counter:
    over = window(part["over"])
    match next(kind for kind in KINDS if kind in part):
        case "sum":
            fact = _summed(part["sum"], find)
            high = _high(part, min(HEADROOM * fact.high, MOST))
            return Counter(name=name, kind="sum", targets=targets, fact=fact.name, by=by.name, over=over, high=high)
        case "distinct":
            fact = find(part["distinct"], "distinct")
            if fact.kind not in {*KEYED_BY, "int"}:
                raise Fault(Code.COUNTER, part["distinct"].mark, f"values of '{fact.name}' are not told apart here")
            if fact.optional:
                text = f"'{fact.name}' may be absent, so how many different ones there were would not be known"
                raise Fault(Code.COUNTER, part["distinct"].mark, text)
            high = _high(part, MOST_COUNTED)
            return Counter(
                name=name, kind="distinct", targets=targets, fact=fact.name, by=by.name, over=over, high=high
            )
        case _:
            _counts(part["count"])
            high = _high(part, MOST_COUNTED)
            return Counter(name=name, kind="count", targets=targets, fact="", by=by.name, over=over, high=high)


def _summed(node: Node, find: Find) -> Fact:
    fact = find(node, "sum")
    if fact.kind != "int" or fact.low < 0:
        raise Fault(Code.COUNTER, node.mark, f"'{fact.name}' cannot be summed: an int that is never negative can")
    if fact.optional:
        raise Fault(Code.COUNTER, node.mark, f"'{fact.name}' may be absent, so a sum would not be known")
    return fact


def _counts(node: Node) -> None:
    if not isinstance(node, Scalar) or node.text != "requests":
        raise Fault(Code.COUNTER, node.mark, "what is counted are requests", "write 'count: requests'")


def _high(part: Mapping[str, Node], otherwise: int) -> int:
    if "range" not in part:
        return otherwise
    ends = items(part["range"], "range")
    if len(ends) != 2:  # ruff: ignore[magic-value-comparison] - a range has two ends
        raise Fault(Code.COUNTER, part["range"].mark, "a range is [0, most]")
    integer(ends[0], "the least value", 0, 0)
    return integer(ends[1], "the most value", 1, MOST)
