"""`newel policy list`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, damage
from server.tests.unit.cli.policy.stall import WEAKER

Newel = Callable[..., Any]


def test_before_the_first_activation_the_shipped_policy_decides(newel: Newel, folder: Path) -> None:
    done = newel("policy", "list")
    assert done.code == 0
    assert done.out.startswith("No policy was activated yet; the shipped one decides.")
    assert newel("policy", "list", "--json").json == []


def test_the_newest_stands_first_and_is_in_force(newel: Newel, folder: Path) -> None:
    versions = [brought(folder), brought(folder, WEAKER)]
    told = newel("policy", "list", "--json").json
    assert [each["version"] for each in told] == versions[::-1]
    assert [(each["number"], each["in_force"]) for each in told] == [(2, True), (1, False)]
    head, newest, oldest = newel("policy", "list").out.splitlines()
    assert head.split() == ["number", "version", "since", "author", "reason"]
    assert newest.startswith(f"2       {versions[1][:12]}  2")
    assert newest.endswith("it begins  in force")
    assert oldest.endswith("ada     it begins")


def test_without_a_database_it_says_how_to_make_one(newel: Newel, folder: Path) -> None:
    (folder / "newel.db").unlink()
    done = newel("policy", "list")
    assert done.code == 3
    assert "newel init" in done.err


def test_a_damaged_row_is_named_and_the_others_are_listed(newel: Newel, folder: Path) -> None:
    versions = [brought(folder), brought(folder, WEAKER)]
    damage(folder, "UPDATE activations SET body = x'00' WHERE number = 2")
    _, newest, oldest = newel("policy", "list").out.splitlines()
    assert newest.split("  ")[-2:] == ["(the row of activation 2 is damaged)", "in force"]
    assert versions[1][:12] in newest
    assert "it begins" in oldest
    first, second = newel("policy", "list", "--json").json
    assert (first["damaged"], first["version"], first["author"], first["at"]) == (True, versions[1], None, None)
    assert (second["damaged"], second["author"]) == (False, "ada")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_list_nobody_reads_to_its_end_is_no_fault(folder: Path, more: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "newel", "policy", "list", *more]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_database_programs_hear_of_it_too(newel: Newel, folder: Path) -> None:
    (folder / "newel.db").unlink()
    done = newel("policy", "list", "--json")
    assert (done.code, list(done.json)) == (3, ["error"])
