"""Policies so small that every request can be tried, and the ones of the example."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import strategies as st

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, require
from newel.policy.document import Action, Counter, Document, Grace, Invariant, Place, Resource, Rule
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import TRUE, Constant, Core, Present, Read
from newel.policy.message import Source
from newel.policy.prove.demand import Scene
from newel.policy.prove.replay import admissible
from newel.policy.read.document import read_document

TARGET = "t:go"
FACTS = {
    each.name: each
    for each in (
        Fact(name="x.a", kind="bool", origin="request"),
        Fact(name="x.n", kind="int", origin="request", low=0, high=2, field=("amount", "minor")),
        Fact(name="x.m", kind="int", origin="request", low=0, high=1, optional=True),
        Fact(name="risk.score", kind="int", origin="risk", low=0, high=2, absent=2),
        Fact(name="velocity.v", kind="int", low=0, high=3),
    )
}
COUNTER = Counter(name="velocity.v", kind="sum", targets=(TARGET,), fact="x.n", by="x.a", over=60, high=3)
SCENE = Scene(target=TARGET, facts=FACTS, counters=(COUNTER,))
HERE = Place("policy.yaml", 7)
DEMANDS = (
    require({"aal1": SESSION}),
    require({"aal2": 300}),
    require({"phr": 60}),
    require({"aal1": 60}, bind=frozenset({"amount"})),
    require(approve=[Approval("lead", 1, frozenset({"aal2"}), 900)]),
    require(meter={"m": 1}, entitle=["e"]),
    DENY,
)


def requests() -> Iterator[Mapping[str, Any]]:
    """Every request there is, with every way to leave facts out."""
    domains = {
        "x.a": (None, False, True),
        "x.n": (None, 0, 1, 2),
        "x.m": (None, 0, 1),
        "risk.score": (0, 1, 2),
        "velocity.v": (None, 0, 1, 2, 3),
    }
    for values in product(*domains.values()):
        facts = {name: value for name, value in zip(domains, values, strict=True) if value is not None}
        if admissible(SCENE, facts):
            yield facts


ALL = tuple(requests())


def number(value: int) -> Core:
    """A number that is written out."""
    return Constant(value, "int")


NUMBERS = st.sampled_from([Read("x.n"), Read("x.m"), Read("risk.score"), Read("velocity.v")])
ATOMS: st.SearchStrategy[Core] = st.one_of(
    st.just(TRUE),
    st.just(Read("x.a")),
    st.just(Present("x.m")),
    st.builds(
        core.Compare, st.sampled_from(["==", "!=", "<", ">", ">="]), NUMBERS, st.integers(0, 3).map(number) | NUMBERS
    ),
)


def _joined(inner: st.SearchStrategy[Core]) -> st.SearchStrategy[Core]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.builds(core.Negation, inner),
        st.builds(core.Every, pairs),
        st.builds(core.Some, pairs),
        st.builds(core.Select, inner, inner, inner),
    )


CONDITIONS = st.recursive(ATOMS, _joined, max_leaves=4)
REQUIREMENTS = st.sampled_from(DEMANDS)
MEANINGS = st.tuples(
    CONDITIONS, REQUIREMENTS, st.none() | st.none() | REQUIREMENTS, st.sampled_from([None, None, None, Grace(1, 1)])
)


def rule(
    name: str,
    condition: Core,
    requirement: Requirement,
    fallback: Requirement | None = None,
    grace: Grace | None = None,
    *,
    observe: bool = False,
) -> Rule:
    """A rule at the one target."""
    return Rule(
        id=name,
        targets=frozenset({TARGET}),
        conditions={"t": condition},
        require=requirement,
        deny_reason="",
        observe=observe,
        because="",
        fallback=fallback,
        grace=grace,
        place=HERE,
    )


def document(*rules: Rule, minimum: Requirement = NOTHING, invariants: tuple[Invariant, ...] = ()) -> Document:
    """A policy of one target."""
    action = Action(name="go", sensitive=True, minimum=minimum, verb="go")
    return Document(
        name="small",
        facts={},
        resources={"t": Resource(name="t", label="T", actions={"go": action}, fields={}, facts=FACTS)},
        counters={COUNTER.name: COUNTER},
        classes=SHIPPED,
        pools={"lead": "leads"},
        meters={"m": (2, 60)},
        entitlements=("e",),
        rules=rules,
        invariants=invariants,
        tests=(),
    )


def small(meanings: list[tuple[Core, Requirement, Requirement | None, Grace | None]]) -> Document:
    """A policy of these rules."""
    return document(*(rule(f"r{place}", *meaning) for place, meaning in enumerate(meanings)))


DOCUMENTS = st.lists(MEANINGS, max_size=4).map(small)

SHOP = """
newel: 1
name: shop
schema:
  facts:
    subject.id: string
    subject.groups: {set: string, from: directory}
    client.ip: ip
    device.managed: {type: bool, absent: false}
    risk.score: {type: int, range: [0, 100], absent: 100, from: risk}
    now: timestamp
  resources:
    shop.order:
      actions: {pay: {}, look: {sensitive: false}}
      fields: {amount: {money: true}}
      facts:
        ctx.amount: {type: int, range: [0, 1000000000], from: request, field: amount.minor}
        ctx.branch: {type: string, optional: true, from: request}
velocity:
  sum_24h: {sum: ctx.amount, by: subject.id, over: 24h, of: "shop.order:pay"}
levels:
  signed: {evidence: {aal1: session}}
  strong: {evidence: {phr: 5m}, bind: [amount]}
pools: {lead: {group: leads}}
meters: {reads: {limit: 5, over: 1d}}
rules:
  - id: signed
    on: shop.order:*
    require: signed
  - id: large
    on: shop.order:pay
    when: ctx.amount > 1000
    require: strong
  - id: sum
    on: shop.order:pay
    when: velocity.sum_24h > 1000
    require: {evidence: {aal2: 10m}}
  - id: night
    on: shop.order:pay
    when: now.getHours("Europe/Berlin") < 6 && !device.managed
    require: {evidence: {aal2: 1m}}
  - id: branch
    on: shop.order:pay
    when: has(ctx.branch) && ctx.branch.startsWith("release/")
    require: {approve: {lead: 1}}
  - id: risk
    on: "*"
    when: risk.score >= 80
    require: {evidence: {phr: 10m}}
  - id: banned
    on: shop.order:*
    when: '"banned" in subject.groups'
    require: {deny: banned}
  - id: outside
    on: shop.order:pay
    unless: client.ip in ["10.0.0.0/8"]
    mode: observe
    require: {evidence: {phr: 1m}}
invariants:
  - id: large-is-bound
    for: shop.order:pay
    when: ctx.amount > 5000
    at_least: {evidence: {phr: 5m}, bind: [amount]}
  - id: looking-is-easy
    for: shop.order:look
    when: risk.score < 80 && !("banned" in subject.groups)
    at_most: signed
"""


def shop(*changes: tuple[str, str]) -> Document:
    """The shop's policy with some texts changed."""
    text = SHOP
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_document([Source.of("shop.yaml", text)])
