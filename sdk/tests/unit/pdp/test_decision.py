"""Answers of a decision point, read strictly (S27)."""

import json
from typing import Any

import pytest

from newel_sdk.errors import DecisionFailed, FetchFailed
from newel_sdk.pdp import Decision, StepUp
from newel_sdk.pdp.decision import NOT_ALLOWED, UNKNOWN, parse_decision
from newel_sdk.testing import deny, permit, step_up


def read(document: Any, **asked: Any) -> Decision:
    return parse_decision(json.dumps(document).encode(), **asked)


def test_a_permission_names_what_the_policy_binds_or_does_not_say() -> None:
    assert read(permit(bound=("amount",))) == Decision(permitted=True, bound=("amount",), policy="p")
    assert read({"decision": True}) == Decision(permitted=True)
    assert not read(permit()).denied


def test_a_step_up_joins_the_obligation_the_example_s_shape_and_newel_s_own() -> None:
    found = read(step_up("aal2", max_age=300, bind=("amount", "payee"), reasons=("A new payee", "A large amount")))
    own = StepUp(acr_values=("aal2",), max_age=300)
    assert found.step_ups == (own, own, StepUp(acr_values=("aal2",)))
    assert (found.bind, found.because, found.denied) == (("amount", "payee"), "A new payee; A large amount", False)


@pytest.mark.parametrize("values", ["loa2 loa3", ["loa2", "loa3"]])
def test_the_shape_of_the_specification_s_example_is_enough(values: Any) -> None:
    found = read({"decision": False, "context": {"acr_values": values, "amr_values": "mfa hwk"}})
    assert found.step_ups == (StepUp(acr_values=("loa2", "loa3")),)


def test_what_is_bound_is_short_even_where_no_class_is() -> None:
    found = read({"decision": False, "context": {"newel": {"bind": ["amount"]}}})
    assert (found.denied, found.bind) == (False, ("amount",))
    assert read({"decision": False, "context": {"newel": {"max_age": 0}}}).step_ups == (StepUp(max_age=0),)


@pytest.mark.parametrize(
    ("document", "because"),
    [
        ({"decision": False}, NOT_ALLOWED),
        ({"decision": False, "context": {"newel": {"reasons": ["Sanctioned"]}}}, "Sanctioned"),
        (deny("Sanctioned", "Night"), "Sanctioned; Night"),
        (deny(), NOT_ALLOWED),
        (deny("Large", unmet=("2 of treasury must approve",)), "2 of treasury must approve"),
        (step_up("aal2") | {"context": step_up("aal2")["context"] | {"newel": {"denied": True}}}, NOT_ALLOWED),
    ],
)
def test_without_a_step_up_or_beside_what_cannot_be_met_it_is_a_denial_with_its_reason(
    document: dict[str, Any], because: str
) -> None:
    found = read(document)
    assert (found.permitted, found.denied, found.because) == (False, True, because)


@pytest.mark.parametrize("decision", [True, False])
@pytest.mark.parametrize("obligation", [{"type": "redact"}, {}, {"type": 5}, {"type": "Step-Up", "properties": {}}])
def test_any_unknown_obligation_is_a_denial(decision: bool, obligation: dict[str, Any]) -> None:
    known = {"type": "step-up", "properties": {"acr_value": "aal2"}}
    found = read({"decision": decision, "context": {"obligations": [known, obligation]}})
    assert (found.denied, found.because) == (True, UNKNOWN)


def test_a_permission_with_a_step_up_beside_it_permits_nothing() -> None:
    assert read({"decision": True, "context": step_up("aal2")["context"] | {"newel": {}}}).denied


@pytest.mark.parametrize("reservation", [None, "other"])
def test_a_permission_that_did_not_reserve_what_was_asked_for_is_none(reservation: str | None) -> None:
    with pytest.raises(DecisionFailed, match="reservation"):
        read({"decision": True, "context": {"newel": {"reservation": reservation}}}, reservation="key")
    assert read({"decision": True, "context": {"newel": {"reservation": "key"}}}, reservation="key").permitted


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"decision": "true"},
        {"decision": 1},
        {"decision": None},
        {"decision": True, "context": []},
        {"decision": False, "context": {"obligations": {}}},
        {"decision": False, "context": {"obligations": ["step-up"]}},
        {"decision": False, "context": {"obligations": [{"type": "step-up", "properties": 1}]}},
        {"decision": False, "context": {"obligations": [{"type": "step-up", "properties": {"acr_value": 2}}]}},
        {"decision": False, "context": {"acr_values": 2}},
        {"decision": False, "context": {"acr_values": [2]}},
        {"decision": False, "context": {"newel": "x"}},
        {"decision": False, "context": {"newel": {"acr": ["aal2"]}}},
        {"decision": False, "context": {"newel": {"max_age": -1}}},
        {"decision": False, "context": {"newel": {"max_age": True}}},
        {"decision": False, "context": {"newel": {"max_age": 1.5}}},
        {"decision": False, "context": {"newel": {"bind": "amount"}}},
        {"decision": False, "context": {"newel": {"denied": "no"}}},
        {"decision": False, "context": {"newel": {"reasons": [1]}}},
        {"decision": False, "context": {"newel": {"unmet": "x"}}},
        {"decision": True, "context": {"newel": {"bound": 5}}},
        {"decision": True, "context": {"newel": {"policy": 5}}},
        [],
        True,
    ],
)
def test_a_malformed_answer_is_a_failure_and_no_decision(document: Any) -> None:
    with pytest.raises(DecisionFailed):
        read(document)


@pytest.mark.parametrize(
    "body",
    [b"", b"true", b"\xff", b'{"decision":true,"decision":false}', b"[" * 100_000, b'{"decision":NaN}', b"<html>"],
)
def test_what_is_no_json_object_is_a_failure(body: bytes) -> None:
    with pytest.raises(FetchFailed):
        parse_decision(body)
