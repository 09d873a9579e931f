"""Witnesses show counters that some list of requests comes to, where there are such; no proof leans on it."""

from itertools import product
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.prove.asking import answer_all

from newel.policy.document import Counter, Document
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import Read
from newel.policy.message import Source
from newel.policy.prove.audit import audit
from newel.policy.prove.demand import Demands, Scene
from newel.policy.prove.encode import Encoder
from newel.policy.prove.invariants import prove
from newel.policy.prove.replay import admissible
from newel.policy.prove.together import together, usually
from newel.policy.read.document import read_document

TEXT = """
newel: 1
name: counted
schema:
  facts: {subject.id: string}
  resources:
    shop.order:
      actions: {place: {sensitive: false}, look: {sensitive: false}}
      facts:
        ctx.total: {type: int, range: [1, 1000], from: request}
        ctx.country: {type: string, from: request}
velocity:
  countries: {distinct: ctx.country, by: subject.id, over: 24h, of: "shop.order:place"}
  orders: {count: requests, by: subject.id, over: 24h, of: "shop.order:place"}
  total: {sum: ctx.total, by: subject.id, over: 24h, of: "shop.order:place"}
  soon: {count: requests, by: subject.id, over: 1h, of: "shop.order:place"}
rules:
  - id: r
    on: "shop.order:ACTION"
    when: WHEN
    require: {evidence: {phr: 5m}}
invariants:
  - id: quiet
    for: "shop.order:ACTION"
    at_most: {evidence: {aal1: session}}
"""


def policy(when: str, action: str = "place") -> Document:
    return read_document([Source.of("policy.yaml", TEXT.replace("WHEN", when).replace("ACTION", action))])


@pytest.mark.parametrize(
    ("when", "action", "shown"),
    [
        ("velocity.countries > 2 && velocity.total > 0", "place", {"countries": 3, "total": 3}),
        ("velocity.countries > 2 && velocity.orders > 0", "place", {"countries": 3, "orders": 3}),
        ("velocity.total > 2500 && velocity.orders > 0", "place", {"total": 2501}),
        ("velocity.soon > 4 && velocity.orders > 1", "place", {"soon": 5, "orders": 5}),
        ("velocity.total > 5 && velocity.orders >= 0", "look", {"total": 6, "orders": 1}),
        ("velocity.orders > 1 && velocity.countries >= 0", "look", {"orders": 2, "countries": 1}),
    ],
)
def test_a_witness_shows_counters_that_fit_together(when: str, action: str, shown: dict[str, int]) -> None:
    document = policy(when, action)
    (verdict,) = prove(document, answer_all)
    assert verdict.witness is not None
    facts = verdict.witness.facts
    assert usually(Demands(document).scene(f"shop.order:{action}"), facts)(facts)
    counted = {name.removeprefix("velocity."): value for name, value in facts.items()}
    assert {name: counted[name] for name in shown} == shown


@pytest.mark.parametrize(
    "when",
    [
        "velocity.countries > velocity.orders",
        "velocity.orders > velocity.total",
        "velocity.soon > velocity.orders",
        "velocity.total > 1000 * velocity.orders",
    ],
)
def test_what_only_a_new_counter_shows_is_no_proof_and_no_dead_rule(when: str) -> None:
    (verdict,) = prove(policy(when), answer_all)
    assert verdict.state == "refuted"
    assert not any(each.kind == "dead" for each in audit(policy(when), answer_all))


KINDS = (("sum", "x.n", 3), ("count", "", 2), ("count", "", 9), ("distinct", "x.t", 2))
COUNTERS = st.builds(
    lambda kind, over, targets: (kind, over, targets),
    st.sampled_from(KINDS),
    st.sampled_from((60, 600)),
    st.sampled_from((("t:go",), ("t:go", "t:come"), ("t:come",))),
)


def scene(counters: list[Any], low: int, high: int) -> Scene:
    made = tuple(
        Counter(name=f"v.{n}", kind=kind, targets=targets, fact=fact, by="x.t", over=over, high=most)
        for n, ((kind, fact, most), over, targets) in enumerate(counters)
    )
    facts = [Fact(name="x.n", kind="int", low=low, high=high), Fact(name="x.t", kind="string")]
    facts += [Fact(name=each.name, kind="int", low=0, high=each.high) for each in made]
    own = tuple(each for each in made if "t:go" in each.targets)
    beside = tuple(each for each in made if "t:go" not in each.targets)
    return Scene(target="t:go", facts={each.name: each for each in facts}, counters=own, beside=beside)


@settings(max_examples=40, deadline=None)
@given(st.lists(COUNTERS, min_size=1, max_size=3), st.sampled_from(((0, 2), (1, 2), (2, 2), (0, 0))), st.data())
def test_formulas_and_facts_agree_in_what_is_usual(
    counters: list[Any], ends: tuple[int, int], data: st.DataObject
) -> None:
    here = scene(counters, *ends)
    names = ["x.n", *(each.name for each in (*here.counters, *here.beside))]
    spans = [range(here.facts[name].low, min(here.facts[name].high, 4) + 1) for name in names]
    every = [dict(zip(names, values, strict=True)) for values in product(*spans)]
    facts = data.draw(st.sampled_from([each for each in every if admissible(here, each)] or every))
    formulas = Encoder(here, [core.Compare("==", Read(name), Read(name)) for name in names])
    solver = z3.Solver()
    solver.add([formulas.fact(name) == value for name, value in facts.items()])
    solver.add([z3.Not(gone) for name in names if (gone := formulas.absence(name)) is not None])
    solver.add(together(formulas))
    if admissible(here, facts):
        assert usually(here, facts)(facts) is (solver.check() == z3.sat)
