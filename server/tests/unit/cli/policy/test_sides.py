"""`newel policy diff` of what the database holds: the policy in force, older versions, and the people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, damage, person
from server.tests.unit.cli.policy.stall import PASSKEY, STRICTER, WEAKER, snapshot, written

Newel = Callable[..., Any]
SHORT = 12


def test_the_policy_in_force_is_a_side(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder, STRICTER)
    version = brought(folder)
    file = written(tmp_path / "p.yaml", WEAKER)
    done = newel("policy", "diff", "active", file)
    assert done.code == 1
    assert done.out.startswith(f"old: stall {version[:SHORT]}, in force\nweaker [")
    told = newel("policy", "diff", "active", file, "--json").json
    assert told["old"] == {"name": "stall", "given": "active", "version": version}
    assert told["new"] == {"name": "stall", "given": file, "version": None}
    assert [each["direction"] for each in newel("policy", "diff", file, "active", "--json").json["findings"]] == [
        "stronger"
    ]


def test_before_anything_was_activated_the_shipped_one_is_in_force(newel: Newel, folder: Path) -> None:
    done = newel("policy", "diff", "active", "active")
    assert done.code == 0
    assert done.out.endswith("0 weakenings, 0 of them not accepted; 0 places with more friction.\n")


def test_versions_are_named_by_their_first_digits(newel: Newel, folder: Path, tmp_path: Path) -> None:
    strict, plain = brought(folder, STRICTER), brought(folder)
    done = newel("policy", "diff", strict[:8], plain)
    assert done.code == 1
    assert f"old: stall {strict[:SHORT]}\nnew: stall {plain[:SHORT]}\nweaker [" in done.out
    assert newel("policy", "diff", strict[:8], written(tmp_path / "p.yaml", STRICTER)).code == 0


def test_a_version_that_is_not_there_or_ambiguous_is_bad_input(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    file = written(tmp_path / "p.yaml")
    done = newel("policy", "diff", snapshot(WEAKER).version, file)
    assert (done.code, done.out) == (2, "")
    assert "no snapshot's version begins with" in done.err
    assert newel("policy", "diff", "no-such-file", file).code == 2


def test_without_a_configuration_it_says_where_a_version_would_be_looked_for(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path / "p.yaml")
    for text in ("active", "0123abcd"):
        told = newel("policy", "diff", text, file, "--json")
        assert told.code == 2
        assert told.json["error"].startswith(f"there is no file {text}, and no configuration {tmp_path}/newel.toml")


def test_a_file_of_that_name_is_the_file_and_needs_no_database(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "active", WEAKER)
    written(tmp_path / "abc", WEAKER)
    done = newel("policy", "diff", "active", "abc")
    assert done.code == 0
    assert done.err == "".join(
        f"note: {name} is the file of that name; no version was looked for\n" for name in ("active", "abc")
    )


def test_a_policy_in_force_that_cannot_be_read_is_not_compared(newel: Newel, folder: Path, tmp_path: Path) -> None:
    first, second = brought(folder, STRICTER), brought(folder)
    file = written(tmp_path / "p.yaml")
    damage(folder, "UPDATE snapshots SET body = x'00' WHERE version = :version", version=second)
    done = newel("policy", "diff", "active", file)
    assert f"{second[:SHORT]} cannot be read, so one before it decides" in done.err
    assert done.out.startswith(f"old: stall {first[:SHORT]}, in force\n")
    damage(folder, "UPDATE snapshots SET body = x'00'")
    done = newel("policy", "diff", "active", file)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"newel: the policy in force, {second[:SHORT]}, cannot be read\n"


def test_who_would_be_locked_out_is_asked_of_the_database_only_when_wanted_and_gives_1(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    person(folder, "maria", "password")
    person(folder, "noor", "passkey")
    person(folder, "zoe", "password", groups=frozenset())
    brought(folder)
    file = written(tmp_path / "p.yaml", PASSKEY)
    assert newel("policy", "diff", "active", file).code == 0
    done = newel("policy", "diff", "active", file, "--directory")
    assert done.code == 1
    assert (
        "stall.sale:sell: 2 of 3 people cannot meet phr within 5m\n"
        "  1 of 2 in sellers, 1 of 1 without a group\n"
        "  maria, zoe\n"
    ) in done.out
    assert done.out.endswith("1 lock-out, 1 of them not accepted.\n")
    told = newel("policy", "diff", "active", file, "--directory", "--json")
    (lock_out,) = told.json["lock_outs"]
    assert lock_out["groups"] == {"sellers": {"locked_out": 1, "of": 2}}
    assert lock_out["without_group"] == {"locked_out": 1, "of": 1}
    accepting = ("--accept", f"{lock_out['id']}=they get keys on Monday")
    assert newel("policy", "diff", "active", file, "--directory", *accepting).code == 0
    assert newel("policy", "diff", file, file, "--directory").code == 0
