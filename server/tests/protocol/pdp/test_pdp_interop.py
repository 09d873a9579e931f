"""The interop scenarios of the OpenID AuthZEN working group, over HTTP."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from server.tests.protocol.pdp.asking import EVALUATION, EVALUATIONS, Caller

VECTORS = Path(__file__).parents[4] / "tests" / "vectors" / "authzen"
STAFF = {
    "alice": ("manager", "Sales"),
    "bob": ("employee", "Legal"),
    "carol": ("contractor", "Legal"),
    "dan": ("manager", "Finance"),
    "erin": ("employee", "Finance"),
    "felix": ("contractor", "Accounting"),
}
Directory = Callable[[Mapping[str, Mapping[str, str]]], None]


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def staff(directory: Directory, shelf: Caller) -> Caller:
    directory({each: {"role": role, "department": department} for each, (role, department) in STAFF.items()})
    return shelf


def test_every_evaluation_of_the_todo_scenario(family: Caller) -> None:
    cases = vectors("interop-todo-1_0-02.json")["evaluation"]
    told = [family.post(EVALUATION, each["request"]).json()["decision"] for each in cases]
    assert told == [each["expected"] for each in cases]


def test_every_batch_of_the_todo_scenario(family: Caller) -> None:
    for each in vectors("interop-todo-1_0-02.json")["evaluations"]:
        told = family.post(EVALUATIONS, each["request"]).json()["evaluations"]
        assert [{"decision": one["decision"]} for one in told] == each["expected"]


@pytest.mark.parametrize("what", ["subject", "resource", "action"])
def test_every_search_of_the_search_scenario(staff: Caller, what: str) -> None:
    for each in vectors(f"interop-search-{what}.json")["evaluation"]:
        told = staff.search(what, **each["request"])
        assert told == {**each["expected"], "page": {"next_token": ""}}, each["request"]


def test_every_search_of_the_identity_providers_scenario(staff: Caller) -> None:
    for each in vectors("interop-idp-search.json")["search"]:
        assert staff.search("resource", **each["request"])["results"] == each["expected"]["results"]


def test_whatever_a_search_finds_an_evaluation_permits(staff: Caller) -> None:
    for person in STAFF:
        who = {"type": "user", "id": person}
        found = staff.search("resource", subject=who, action={"name": "edit"}, resource={"type": "record"})["results"]
        items = [{"resource": each} for each in found]
        body = {"subject": who, "action": {"name": "edit"}, "evaluations": items}
        told = staff.post(EVALUATIONS, body).json().get("evaluations", [])
        assert [each["decision"] for each in told] == [True] * len(items)
