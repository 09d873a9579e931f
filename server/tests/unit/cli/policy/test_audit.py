"""`newel policy audit`: what does nothing, what nobody can meet, and, of the people in the database, who could not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import person
from server.tests.unit.cli.policy.stall import PASSKEY, Change, written

from newel.cli.policy import directory
from newel.cli.policy.audit import SHOWN

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
    assert lock_out["groups"] == {"sellers": {"locked_out": 1, "of": 2}}
    assert (lock_out["locked_out"], lock_out["of"], lock_out["without_group"]) == (1, 2, {"locked_out": 0, "of": 0})
    done = newel("policy", "audit", file, "--directory", "--accept", f"{lock_out['id']}=she gets a key on Monday")
    assert done.code == 0
    assert "1 of 2 people cannot meet phr within 5m\n  1 of 2 in sellers\n  maria\n" in done.out
    assert "  accepted: she gets a key on Monday\n" in done.out
    assert done.out.endswith("0 findings, 1 lock-out; 0 of them stand against this policy.\n")


def test_the_directory_is_read_page_by_page_and_nobody_twice(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PAGE", 2)
    for name, methods in {"a": ("password",), "b": (), "c": ("password", "passkey"), "d": ("password",)}.items():
        person(folder, name, *methods, groups=frozenset({"buyers"} if name == "a" else ()))
    told = newel("policy", "audit", written(tmp_path / "p.yaml", PASSKEY), "--directory", "--json")
    (lock_out,) = told.json["lock_outs"]
    assert (lock_out["people"], lock_out["locked_out"], lock_out["of"]) == (["a", "d"], 2, 3)
    assert lock_out["groups"] == {"buyers": {"locked_out": 1, "of": 1}}
    assert lock_out["without_group"] == {"locked_out": 1, "of": 2}


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


def test_strict_gives_1_for_what_is_not_grave_until_it_is_accepted(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", SAME)
    assert newel("policy", "audit", file).code == 0
    told = newel("policy", "audit", file, "--strict", "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    accepting = [part for each in told.json["findings"] for part in ("--accept", f"{each['id']}=kept for June")]
    assert newel("policy", "audit", file, "--strict", *accepting).code == 0
    done = newel("policy", "audit", file, "--strict")
    assert done.code == 1
    assert f"{len(told.json['findings'])} of them stand against this policy." in done.out
    assert newel("policy", "audit", written(tmp_path / "clean.yaml"), "--strict").code == 0


def test_strict_gives_1_for_a_note_and_for_a_warning(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", ("rules:\n", "lists: {office: [10.0.0.0/8]}\nrules:\n"))
    done = newel("policy", "audit", file, "--strict")
    assert done.code == 1
    assert done.out.endswith(
        "0 of them stand against this policy.\n1 note beside them, which --strict lets stand against it, too.\n"
    )
    assert newel("policy", "audit", file, "--strict", "--json").json["holds"] is False
    warned = written(tmp_path / "w.yaml", ("actions: [sell]", "actions: {sell: {}, look: {sensitive: false, minimum: {evidence: {aal1: 5m}}}}"))  # fmt: skip
    told = newel("policy", "audit", warned, "--strict", "--json")
    assert (told.code, len(told.json["warnings"])) == (1, 1)


def test_what_is_not_known_of_many_targets_for_one_reason_is_told_shortly(newel: Newel, tmp_path: Path) -> None:
    names = ", ".join(f"look{number}: {{sensitive: false}}" for number in range(20))
    file = written(tmp_path / "p.yaml", ("actions: [sell]", f"actions: {{sell: {{}}, {names}}}"))
    done = newel("policy", "audit", file, "--seconds", "0.000001")
    lines = [line for line in done.out.splitlines() if line.startswith("unknown")]
    assert done.code == 1
    assert len(lines) == 2 * (SHOWN + 1)
    told = newel("policy", "audit", file, "--seconds", "0.000001", "--json")
    unknown = [each for each in told.json["findings"] if each["kind"] == "unknown"]
    assert f"unknown, too, of {len(unknown) // 2 - SHOWN} more targets: the solver gave no answer in time" in lines


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
