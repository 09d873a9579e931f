"""`newel policy show`: the text of what is in force, or was."""

from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, damage, within
from server.tests.unit.cli.policy.stall import STRICTER, TEXT, written

from newel.cli.opening import Open
from newel.flows.policies import bring
from newel.policy.canonical import version_of
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.shipped import TEXT as SHIPPED

Newel = Callable[..., Any]


def test_the_text_in_force_is_printed_as_it_was_written(newel: Newel, folder: Path) -> None:
    assert newel("policy", "show").out == SHIPPED
    brought(folder)
    done = newel("policy", "show")
    assert (done.code, done.out, done.err) == (0, TEXT, "")


def test_an_older_one_is_named_by_its_first_digits(newel: Newel, folder: Path) -> None:
    old, new = brought(folder), brought(folder, STRICTER)
    assert newel("policy", "show", old[:8]).out == TEXT
    told = newel("policy", "show", old[:8], "--json").json
    assert (told["version"], told["name"], told["author"], told["in_force"]) == (old, "stall", "ada", False)
    assert version_of(told["canonical"]) == old
    assert list(told["files"].values()) == [TEXT]
    assert newel("policy", "show", new, "--json").json["in_force"] is True


def test_what_decides_before_the_first_activation_is_told_to_programs(newel: Newel, folder: Path) -> None:
    told = newel("policy", "show", "--json").json
    assert (told["name"], told["author"], told["kept_at"], told["in_force"]) == ("shipped", None, None, True)


def test_the_files_of_a_folder_stand_under_their_names(newel: Newel, folder: Path) -> None:
    head, rules, rest = TEXT.partition("invariants:\n")
    both = [Source.of("1.yaml", head), Source.of("2.yaml", f"newel: 1\n{rules}{rest}")]

    async def bringing(everything: Open) -> None:
        made = Snapshot(read_document(both))
        await bring(everything.store, made, both, author="ada", reason="it begins", now=everything.now)

    within(folder, bringing)
    assert newel("policy", "show").out == f"# 1.yaml\n{head}# 2.yaml\nnewel: 1\n{rules}{rest}"


def test_what_it_prints_can_be_compared_and_checked_through_standard_input(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = brought(folder)
    shown = newel("policy", "show").out.encode()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(shown), encoding="utf-8"))
    assert version in newel("policy", "check", "-").out
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(shown), encoding="utf-8"))
    done = newel("policy", "diff", "-", written(tmp_path / "p.yaml"))
    assert (done.code, done.err) == (0, "")


def test_an_unknown_one_and_a_damaged_one_are_refused(newel: Newel, folder: Path) -> None:
    version = brought(folder)
    assert (newel("policy", "show", "zz").code, newel("policy", "show", "0" * 64).code) == (2, 2)
    damage(folder, "UPDATE snapshots SET body = x'00'")
    done = newel("policy", "show", version)
    assert (done.code, done.out) == (1, "")
    assert "newel policy activate POLICY" in done.err
