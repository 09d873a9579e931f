"""`newel policy audit`: what does nothing, what nobody can meet, and, of the people in the database, who could not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import person
from server.tests.unit.cli.policy.stall import PASSKEY, Change, written

Newel = Callable[..., Any]
IMPOSSIBLE: Change = ("aal1: 5m}", "phr: 5m}, forbid: [passkey, security_key]")
SAME: Change = ("  - id: large\n", "  - id: again\n    on: stall.sale:sell\n    require: signed-in\n  - id: large\n")


def test_a_policy_with_nothing_odd(newel: Newel, tmp_path: Path) -> None:
    done = newel("policy", "audit", written(tmp_path / "p.yaml"))
    assert done.code == 0
    assert done.out == "0 findings, 0 lock-outs; 0 of them stand against this policy.\n"


def test_a_level_and_a_list_that_nothing_names_are_noted_and_change_nothing(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", ("rules:\n", "lists: {office: [10.0.0.0/8]}\nrules:\n"))
    done = newel("policy", "audit", file)
    assert done.code == 0
    assert "note: " in done.out
    assert "list 'office' is declared, and nothing names it [NP313]" in done.out
    assert done.out.endswith("0 findings, 0 lock-outs; 0 of them stand against this policy.\n")
    told = newel("policy", "audit", file, "--json")
    assert [(each["code"], each["message"]) for each in told.json["notes"]] == [
        ("NP313", "list 'office' is declared, and nothing names it")
    ]


def test_a_rule_that_does_nothing_is_told_and_is_not_grave(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", SAME)
    told = newel("policy", "audit", file, "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert {each["rule"] for each in told.json["findings"]} & {"any", "again"}
    assert not any(each["grave"] for each in told.json["findings"])
    assert "0 of them stand against this policy." in newel("policy", "audit", file).out


def test_a_demand_that_nobody_can_meet_is_grave_until_it_is_accepted(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", IMPOSSIBLE)
    told = newel("policy", "audit", file, "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    graves = [each["id"] for each in told.json["findings"] if each["grave"]]
    assert graves
    assert "stand against this policy." in newel("policy", "audit", file).out
    accepting = [part for name in graves for part in ("--accept", f"{name}=until spring")]
    told = newel("policy", "audit", file, *accepting, "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert {each["accepted"] for each in told.json["findings"] if each["grave"]} == {"until spring"}


def test_who_could_not_comply_is_asked_of_the_database_only_when_wanted(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    person(folder, "maria", "password")
    person(folder, "noor", "passkey")
    file = written(tmp_path / "p.yaml", PASSKEY)
    assert newel("policy", "audit", file).code == 0
    told = newel("policy", "audit", file, "--directory", "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    (lock_out,) = told.json["lock_outs"]
    assert (lock_out["target"], lock_out["people"]) == ("stall.sale:sell", ["maria"])
    assert lock_out["groups"]["sellers"] == {"locked_out": 1, "of": 2}
    done = newel("policy", "audit", file, "--directory", "--accept", f"{lock_out['id']}=she gets a key on Monday")
    assert done.code == 0
    assert "1 of 2 people cannot meet phr within 5m" in done.out
    assert done.out.endswith("0 findings, 1 lock-out; 0 of them stand against this policy.\n")


def test_who_has_nothing_enrolled_or_is_disabled_does_not_count(newel: Newel, folder: Path, tmp_path: Path) -> None:
    person(folder, "maria")
    person(folder, "noor", "password", disabled=True)
    told = newel("policy", "audit", written(tmp_path / "p.yaml", PASSKEY), "--directory", "--json")
    assert (told.code, told.json["lock_outs"], told.json["not_told"]) == (0, [], [])


def test_an_attribute_that_is_not_of_its_kind_is_an_error_in_the_condition(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    person(folder, "maria", "password", level="high")
    changes = (("    now: timestamp\n", "    now: timestamp\n    subject.level: {type: int, range: [0, 9], from: directory}\n"), PASSKEY, ("> 5000", "> 5000 && subject.level > 3"))  # fmt: skip
    told = newel("policy", "audit", written(tmp_path / "p.yaml", *changes), "--directory", "--json")
    assert [each["people"] for each in told.json["lock_outs"]] == [["maria"]]


def test_without_time_it_is_told_that_who_is_locked_out_is_not_known(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    person(folder, "maria", "password")
    file = written(tmp_path / "p.yaml", PASSKEY)
    done = newel("policy", "audit", file, "--directory", "--seconds", "0.000001")
    assert "who is locked out of stall.sale:sell could not be told: " in done.out
    told = newel("policy", "audit", file, "--directory", "--seconds", "0.000001", "--json")
    assert "stall.sale:sell" in {each["target"] for each in told.json["not_told"]}


@pytest.mark.parametrize("arguments", [("--accept", "a1"), ("--accepted", "/nowhere"), ("--seconds", "0")])
def test_bad_arguments_are_bad_input_before_anything_is_asked(
    newel: Newel, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = newel("policy", "audit", written(tmp_path / "p.yaml"), *arguments)
    assert (done.code, done.out) == (2, "")


def test_without_a_server_there_are_no_people(newel: Newel, tmp_path: Path) -> None:
    config = str(tmp_path / "newel.toml")
    done = newel("policy", "audit", written(tmp_path / "p.yaml"), "--directory", "--config", config)
    assert done.code == 3
