"""`newel policy table`: every outcome of the targets that are named, or of all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.stall import written

Newel = Callable[..., Any]


@pytest.fixture
def policy(tmp_path: Path) -> str:
    return written(tmp_path / "p.yaml")


def test_the_outcomes_of_one_target(newel: Newel, policy: str) -> None:
    done = newel("policy", "table", policy, "stall.sale:sell")
    assert done.code == 0
    assert done.out.splitlines() == [
        "stall.sale:sell: 2 outcomes",
        "  aal1 in this session (any)",
        "  aal1 within 5m (any, large)",
        "    where ctx.amount = 5001",
    ]


def test_every_rule_that_can_come_to_an_outcome_is_named(newel: Newel, tmp_path: Path) -> None:
    rule = "  - id: {}\n    on: stall.sale:sell\n    when: {}\n    require: {{evidence: {{aal1: 5m}}}}\n"
    rules = rule.format("round", "ctx.amount == 4000") + rule.format("odd", "ctx.amount == 4001")
    policy = written(tmp_path / "p.yaml", ("  - id: large\n", f"{rules}  - id: large\n"))
    done = newel("policy", "table", policy, "stall.sale:sell")
    first, *rest = done.out.splitlines()[2:]
    assert len(rest) == 2
    assert sorted(rest[1].removeprefix("    elsewhere also by ").split(", ")) == sorted(
        {"round", "odd", "large"} - {first.split(", ")[-1].removesuffix(")")}
    )
    (table,) = newel("policy", "table", policy, "stall.sale:sell", "--json").json["tables"]
    assert {*table["outcomes"][1]["rules"], *table["outcomes"][1]["others"]} == {"any", "round", "odd", "large"}
    assert table["outcomes"][1]["more_others"] is False


def test_a_table_says_which_rules_may_come_to_less(newel: Newel, tmp_path: Path) -> None:
    less = "grace: {until: 2100-12-20, skips: 3}\n    fallback: {when: cannot_meet, require: signed-in}"
    before, after = "    require: signed-in\n  - id: any", "  - id: any"
    policy = written(tmp_path / "p.yaml", (before, f"    require: {{evidence: {{phr: session}}}}\n    {less}\n{after}"))
    done = newel("policy", "table", policy, "newel.session:sign_in")
    assert done.out.splitlines()[-2:] == [
        "  sign-in falls back to aal1 in this session, where its demand cannot be met",
        "  sign-in may be skipped 3 times until 2100-12-20T00:00:00Z",
    ]
    (table,) = newel("policy", "table", policy, "newel.session:sign_in", "--json").json["tables"]
    assert table["fallbacks"] == {"sign-in": "aal1 in this session"}
    assert table["grace"] == {"sign-in": {"until": "2100-12-20T00:00:00Z", "skips": "3"}}


def test_a_grace_that_is_over_is_told_as_over(newel: Newel, tmp_path: Path) -> None:
    before, after = "    require: signed-in\n  - id: any", "  - id: any"
    stricter = "    require: {evidence: {phr: session}}\n    grace: {until: 2026-01-20, skips: 3}\n"
    policy = written(tmp_path / "p.yaml", (before, f"{stricter}{after}"))
    done = newel("policy", "table", policy, "newel.session:sign_in")
    assert done.out.splitlines()[-1] == (
        "  the grace of sign-in ended at 2026-01-20T00:00:00Z, nothing may be skipped any more"
    )
    assert "may be skipped 3 times" not in newel("policy", "table", policy).out
    (table,) = newel("policy", "table", policy, "newel.session:sign_in", "--json").json["tables"]
    assert table["grace_ended"] == ["sign-in"]


@pytest.mark.parametrize(
    ("target", "floor"),
    [
        ("newel.console:keys", "phr within 5m"),
        ("newel.console:*", "aal2 within 5m"),
        (
            "newel.account:*",
            "for a change of credentials the strongest class that a person's settled authenticators reach, within 5m",
        ),
    ],
)
def test_a_table_says_what_the_server_demands_of_its_own(newel: Newel, policy: str, target: str, floor: str) -> None:
    done = newel("policy", "table", policy, target)
    assert done.out.splitlines()[-1] == f"  beside the server's own floor: {floor}"
    (table,) = newel("policy", "table", policy, target, "--json").json["tables"]
    assert table["floor"] == floor


@pytest.mark.parametrize("target", ["stall.sale:sell", "newel.account:open"])
def test_a_table_says_of_no_floor_where_there_is_none(newel: Newel, policy: str, target: str) -> None:
    assert "floor" not in newel("policy", "table", policy, target).out
    (table,) = newel("policy", "table", policy, target, "--json").json["tables"]
    assert table["floor"] is None


def test_all_targets_where_none_is_named(newel: Newel, policy: str) -> None:
    told = newel("policy", "table", policy, "--json")
    assert (told.code, told.json["complete"]) == (0, True)
    assert {"newel.session:sign_in", "stall.sale:sell"} < {each["target"] for each in told.json["tables"]}
    assert "newel.session:sign_in: " in newel("policy", "table", policy).out


def test_1_where_a_table_is_not_complete(newel: Newel, policy: str) -> None:
    told = newel("policy", "table", policy, "stall.sale:sell", "--seconds", "0.000001", "--json")
    assert (told.code, told.json["complete"]) == (1, False)
    assert newel("policy", "table", policy, "stall.sale:sell", "--seconds", "0.000001").code == 1


def test_an_unknown_target_is_bad_input_with_a_hint(newel: Newel, policy: str) -> None:
    done = newel("policy", "table", policy, "stall.sale:sel")
    assert (done.code, done.out) == (2, "")
    assert done.err == "newel: there is no target 'stall.sale:sel'; did you mean 'stall.sale:sell'?\n"


def test_seconds_are_a_time(newel: Newel, policy: str) -> None:
    assert newel("policy", "table", policy, "--seconds=-5").code == 2
