"""What requirements and conditions may name beside classes: pools, meters, entitlements, lists."""

from newel.policy.code import Code
from newel.policy.message import Fault, Report
from newel.policy.read.shape import entries, integer, name, scalars, seconds, table, text
from newel.policy.source import Node, Scalar

MOST_LIMIT = 1_000_000_000
LONGEST_WINDOW = 400 * 86_400


def read_pools(node: Node, report: Report) -> dict[str, str]:
    """The group of approvers behind each pool."""
    found: dict[str, str] = {}
    for key, given in entries(node, "pools"):
        with report.part():
            part = table(given, f"pool '{key.text}'", ("group",), ("group",)).by_key
            found[name(key, "a pool")] = text(part["group"], "group", most=100)
    return found


def read_meters(node: Node, report: Report) -> dict[str, tuple[int, int]]:
    """Limit and window (seconds) of each meter."""
    found: dict[str, tuple[int, int]] = {}
    for key, given in entries(node, "meters"):
        with report.part():
            part = table(given, f"meter '{key.text}'", ("limit", "over"), ("limit", "over")).by_key
            limit = integer(part["limit"], "limit", 1, MOST_LIMIT)
            found[name(key, "a meter")] = limit, window(part["over"])
    return found


def window(node: Node) -> int:
    """The length of a sliding window in seconds."""
    found = seconds(node, "over")
    if not 0 < found <= LONGEST_WINDOW:
        raise Fault(Code.DURATION, node.mark, f"a window is 1s to {LONGEST_WINDOW // 86_400}d long")
    return found


def read_entitlements(node: Node) -> tuple[str, ...]:
    """The declared entitlements."""
    return tuple(name(each, "an entitlement") for each in scalars(node, "entitlements"))


def read_lists(node: Node, report: Report) -> dict[str, tuple[Scalar, ...]]:
    """The lists by name."""
    found: dict[str, tuple[Scalar, ...]] = {}
    for key, given in entries(node, "lists"):
        with report.part():
            found[name(key, "a list")] = scalars(given, f"list '{key.text}'")
    return found
