"""Witnesses show the risk that the server states without a risk engine, wherever they can, and say where they cannot.

Proofs know nothing of it.
"""

import pytest
from server.tests.unit.policy.prove.asking import answer_all

from newel.flows.facts import NO_RISK_ENGINE
from newel.policy.document import Document
from newel.policy.message import Source
from newel.policy.prove.audit import audit
from newel.policy.prove.diff import diff
from newel.policy.prove.invariants import prove
from newel.policy.prove.stated import QUIET, engine_text, loud
from newel.policy.prove.table import table
from newel.policy.read.document import read_document

TEXT = """
newel: 1
name: risky
schema:
  facts:
    risk.level: {enum: [low, medium, high, critical, unknown], from: risk}
    risk.looks_like:
      {enum: [imitator, close_imitator, same_country, stranger, owner, relay, cookie_thief, unknown], from: risk}
    risk.score: {type: int, range: [0, 100], from: risk}
    risk.signals: {set: string, from: risk}
  resources:
    a:
      actions: [go]
      facts:
        ctx.n: {type: int, range: [0, 9], from: request}
rules:
  - id: all
    on: a:go
    require: {evidence: {aal1: session}}
  - id: mixed
    on: a:go
    when: CONDITION
    require: {evidence: {aal2: 5m}}
invariants:
  - id: never-much
    for: a:go
    at_most: {evidence: {aal1: session}}
"""
LOUD = 'risk.level == "high" || "tor" in risk.signals'
EITHER = 'risk.looks_like != "owner" || risk.score > 50 || "tor" in risk.signals || ctx.n > 5'
NOT_OWNER = 'risk.looks_like == "owner" || risk.score > 50'


def risky(condition: str) -> Document:
    """A policy with one rule on risk."""
    return read_document([Source.of("risky.yaml", TEXT.replace("CONDITION", f"'{condition}'"))])


def without(condition: str) -> Document:
    """The same with the rule made never to match."""
    return risky(f"ctx.n > 9 && ({condition})")


def test_quiet_is_what_the_server_states_without_an_engine() -> None:
    assert {name: value for name, value in NO_RISK_ENGINE.items() if name.startswith("risk.")} == QUIET


@pytest.mark.parametrize("condition", [EITHER, NOT_OWNER])
def test_a_witness_is_quiet_where_it_can_be(condition: str) -> None:
    finding, *_ = diff(risky(condition), without(condition), answer_all)
    assert finding.witness is not None
    read = {name: value for name, value in finding.witness.facts.items() if name in QUIET}
    assert read == {name: QUIET[name] for name in read}
    assert finding.witness.as_json()["needs_risk_engine"] == []
    assert "risk engine" not in "\n".join(finding.lines())
    for outcome in table(risky(condition), "a:go", answer_all).outcomes:
        assert loud(outcome.witness.facts) == () or "risk engine" in "\n".join(outcome.lines())


def test_where_it_cannot_be_it_is_said_and_the_finding_stands() -> None:
    finding, *_ = diff(risky(LOUD), without(LOUD), answer_all)
    assert (finding.direction, finding.witness is not None) == ("weaker", True)
    assert finding.witness is not None
    (name,) = finding.witness.as_json()["needs_risk_engine"]
    then = {"risk.level": "low", "risk.signals": "empty"}[name]
    assert finding.lines()[-1] == f"  cannot happen while no risk engine is switched on: {name} is {then} then"
    lines = table(risky(LOUD), "a:go", answer_all).lines()
    assert lines[-1].startswith("    cannot happen while no risk engine is switched on: risk.")


def test_a_proof_does_not_rely_on_it() -> None:
    (verdict,) = prove(risky(LOUD), answer_all)
    assert verdict.state == "refuted"
    assert "risk engine" in "\n".join(verdict.lines())
    assert not [each for each in audit(risky(LOUD), answer_all) if each.kind in {"dead", "redundant", "shadowed"}]


def test_facts_that_are_quiet_or_not_read_need_no_engine() -> None:
    assert engine_text({}) == engine_text(QUIET) == ""
    assert engine_text({**QUIET, "risk.score": 7}) == (
        "cannot happen while no risk engine is switched on: risk.score is 0 then"
    )
