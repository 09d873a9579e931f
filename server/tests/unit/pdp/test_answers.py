"""Answers: what a step-up is asked by, in both shapes."""

import pytest

from newel.domain.assurance import SHIPPED
from newel.flows.shortfall import Shortfall
from newel.pdp.answers import step_up


@pytest.mark.parametrize(
    ("acr", "up_set", "amr"),
    [
        ("aal1", "aal1 aal2 phr aal3", []),
        ("aal2", "aal2 phr aal3", ["mfa"]),
        ("phr", "phr aal3", ["mfa"]),
        ("aal3", "aal3", ["mfa", "hwk"]),
        ("recovery", "recovery", []),
    ],
)
def test_an_obligation_names_one_class_and_the_example_its_up_set(acr: str, up_set: str, amr: list[str]) -> None:
    told = step_up(Shortfall(acr=acr, max_age=60), SHIPPED)
    [obligation] = told["obligations"]
    assert (obligation["id"], obligation["type"]) == ("newel:step-up", "step-up")
    assert obligation["properties"] == {"acr_value": acr, **({"amr_values": amr} if amr else {}), "max_age": 60}
    assert (told["acr_values"], told.get("amr_values")) == (up_set, " ".join(amr) or None)


def test_where_any_age_will_do_none_is_asked_for() -> None:
    [obligation] = step_up(Shortfall(acr="aal2"), SHIPPED)["obligations"]
    assert "max_age" not in obligation["properties"]
