"""Resources: their actions, the fields that a request may carry and a person is shown, and their own facts."""

from collections.abc import Mapping

from newel.domain.value import dataclass
from newel.policy.code import Code
from newel.policy.fields import MAX_MINOR, Field
from newel.policy.message import Fault, Report, shown
from newel.policy.read.facts import Declared, read_facts, refuse_shadow
from newel.policy.read.shape import entries, flag, integer, items, name, scalar, table, text
from newel.policy.source import Node, Scalar, Table

READING = frozenset({"read", "view", "list", "get", "search"})
"""Actions that are not sensitive unless their declaration says so."""
MOST_TEXT = 2000
MOST_ACTIONS = 1000
FIELD_KEYS = ("money", "account", "text", "int", "optional", "label", "free")
ACTION_KEYS = ("sensitive", "minimum", "verb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """An action as it is written; its minimum is read once the classes are known."""

    key: Scalar
    sensitive: bool
    minimum: Node | None
    verb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A resource as it is written."""

    key: Scalar
    label: str
    actions: Mapping[str, Acted]
    fields: Mapping[str, Field]
    facts: Mapping[str, Declared]


def read_resources(node: Node, shared: Mapping[str, Declared], report: Report) -> dict[str, Thing]:
    """The resources of a mapping by name; `shared` are the facts usable everywhere."""
    found: dict[str, Thing] = {}
    for key, declared in entries(node, "resources"):
        with report.part():
            found[_name(key)] = _thing(key, declared, shared, report)
    return found


def _name(key: Scalar) -> str:
    found = name(key, "a resource")
    if found.startswith("newel.") or found == "newel":
        raise Fault(Code.RESERVED_NAME, key.mark, "resources under 'newel.' are built in")
    return found


def _thing(key: Scalar, node: Node, shared: Mapping[str, Declared], report: Report) -> Thing:
    given = table(node, f"resource '{key.text}'", ("label", "actions", "fields", "facts"), ("actions",))
    actions = _actions(given.by_key["actions"], report)
    stated = _fields(given.by_key["fields"], report) if "fields" in given.by_key else {}
    fields = {title: field for title, field in stated.items() if field is not None}
    facts = read_facts(given.by_key["facts"], report, stated) if "facts" in given.by_key else {}
    refuse_shadow(facts, shared, report)
    label = given.by_key.get("label")
    words = text(label, "label", most=100) if label else worded(key.text.rpartition(".")[2])
    return Thing(key=key, label=words, actions=actions, fields=fields, facts=facts)


def worded(identifier: str) -> str:
    """A name as a label: the first letter a capital, underscores spaces."""
    return identifier.replace("_", " ").replace("-", " ").capitalize()


def _actions(node: Node, report: Report) -> dict[str, Acted]:
    found: dict[str, Acted] = {}
    if not isinstance(node, Table):
        for item in items(node, "actions", MOST_ACTIONS):
            with report.part():
                key = scalar(item, "an action")
                if name(key, "an action") in found:
                    raise Fault(Code.TWICE, key.mark, f"action {shown(key.text)} appears twice")
                found[key.text] = _acted(key, None)
        return found
    for key, declared in entries(node, "actions", MOST_ACTIONS):
        with report.part():
            found[name(key, "an action")] = _acted(key, declared)
    if not node.entries:
        raise Fault(Code.ACTION, node.mark, "a resource has at least one action")
    return found


def _acted(key: Scalar, node: Node | None) -> Acted:
    given = table(node, f"action '{key.text}'", ACTION_KEYS).by_key if node is not None else {}
    sensitive = flag(given["sensitive"], "sensitive") if "sensitive" in given else key.text not in READING
    verb = text(given["verb"], "verb", most=100) if "verb" in given else worded(key.text)
    return Acted(key=key, sensitive=sensitive, minimum=given.get("minimum"), verb=verb)


def _fields(node: Node, report: Report) -> dict[str, Field | None]:
    """The fields by name; None for a faulty one, so that facts read from it add no fault of their own."""
    found: dict[str, Field | None] = {}
    for key, declared in entries(node, "fields"):
        found[key.text] = None
        with report.part():
            found[name(key, "a field")] = _field(key, table(declared, f"field '{key.text}'", FIELD_KEYS))
    return found


def _field(key: Scalar, given: Table) -> Field:
    kinds = [kind for kind in ("money", "account", "text", "int") if kind in given.by_key]
    if len(kinds) != 1:
        raise Fault(Code.FIELD, given.mark, "a field has exactly one of 'money', 'account', 'text' and 'int'")
    label = given.by_key.get("label")
    words = text(label, "label", most=100) if label else worded(key.text)
    optional = "optional" in given.by_key and flag(given.by_key["optional"], "optional")
    node = given.by_key[kinds[0]]
    if "free" in given.by_key and kinds[0] != "text":
        raise Fault(Code.FIELD, given.by_key["free"].mark, "only a text is somebody's own words")
    match kinds[0]:
        case "text":
            free = "free" in given.by_key and flag(given.by_key["free"], "free")
            most = integer(node, "the longest text", 1, MOST_TEXT)
            return Field(kind="text", label=words, optional=optional, most=most, free=free)
        case "int":
            low, high = _ends(node)
            return Field(kind="int", label=words, optional=optional, low=low, high=high)
        case kind:
            if not flag(node, kind):
                raise Fault(Code.FIELD, node.mark, f"'{kind}' is true, or left out")
            return Field(kind="money" if kind == "money" else "account", label=words, optional=optional)


def _ends(node: Node) -> tuple[int, int]:
    ends = items(node, "int")
    if len(ends) != 2:  # ruff: ignore[magic-value-comparison] - a range has two ends
        raise Fault(Code.FIELD, node.mark, "a range is [least, most]")
    low = integer(ends[0], "the least value", -MAX_MINOR, MAX_MINOR)
    high = integer(ends[1], "the most value", -MAX_MINOR, MAX_MINOR)
    if low > high:
        raise Fault(Code.FIELD, node.mark, f"{low} is more than {high}")
    return low, high
