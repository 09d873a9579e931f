"""Conditions over one small schema, as the tests of the language write them."""

from newel.policy.facts import Fact
from newel.policy.lang.condition import read_condition
from newel.policy.lang.core import Core
from newel.policy.message import Fault, Source
from newel.policy.source import Scalar, Sequence, Table, read

DECLARED = (
    Fact(name="subject.id", kind="string"),
    Fact(name="subject.plan", kind="enum", values=("free", "member", "staff")),
    Fact(name="subject.groups", kind="set"),
    Fact(name="client.ip", kind="ip"),
    Fact(name="ctx.amount", kind="int", low=0, high=10**12),
    Fact(name="ctx.count", kind="int"),
    Fact(name="ctx.known", kind="bool"),
    Fact(name="ctx.branch", kind="string", optional=True),
    Fact(name="ctx.rows", kind="int", low=0, high=100, optional=True),
    Fact(name="ctx.published", kind="timestamp", low=0, high=32_503_680_000),
    Fact(name="risk.score", kind="int", low=0, high=100, absent=100),
    Fact(name="now", kind="timestamp", low=0, high=32_503_680_000),
)
FACTS = {fact.name: fact for fact in DECLARED}
LISTS = """
office: ["10.20.0.0/16", "2001:db8:20::/48"]
bad: ["10.20.0.1/16"]
sanctioned: [IR, KP]
plans: [free, guest]
codes: [1, 2]
"""


def _lists() -> dict[str, tuple[Scalar, ...]]:
    found: dict[str, tuple[Scalar, ...]] = {}
    for key, node in read(Source.of("lists.yaml", LISTS)).entries:
        assert isinstance(node, Sequence)
        found[key.text] = tuple(item for item in node.items if isinstance(item, Scalar))
    return found


def scalar(text: str) -> Scalar:
    """A condition in a file, as a block."""
    rows = "\n".join(f"  {row}" for row in text.split("\n"))
    table = read(Source.of("policy.yaml", f"when: |-\n{rows}\n"))
    assert isinstance(table, Table)
    node = table.by_key["when"]
    assert isinstance(node, Scalar)
    return node


def core_of(text: str) -> Core:
    """What a condition means."""
    return read_condition(scalar(text), FACTS, _lists())


def fault_of(text: str) -> Fault:
    """What is wrong with a condition."""
    try:
        found = core_of(text)
    except Fault as fault:
        return fault
    raise AssertionError(f"{text} means {found}")
