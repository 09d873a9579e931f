"""`newel policy prove`: exit codes, what it reads, how long it may take, and the solver that has to be there."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.stall import BROKEN, REFUTED, TEXT, parts, written

from newel.cli import prove_child
from newel.cli.policy import proving
from newel.cli.refusal import installing
from newel.policy.source import MOST_BYTES

Newel = Callable[..., Any]


def test_0_where_every_invariant_holds(newel: Newel, tmp_path: Path) -> None:
    done = newel("policy", "prove", written(tmp_path / "p.yaml"))
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 of 1 invariants are proved.")
    assert f"proved: large-is-recent ({tmp_path}/p.yaml:" in done.out


def test_1_with_a_request_that_shows_it_where_one_does_not(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", REFUTED)
    done = newel("policy", "prove", file)
    assert done.code == 1
    assert "refuted: large-is-recent" in done.out
    assert "ctx.amount = 9001" in done.out
    told = newel("policy", "prove", file, "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    assert told.json["invariants"][0]["witness"]["facts"]["ctx.amount"] == 9001


def test_a_folder_is_one_policy_and_faults_name_its_files(newel: Newel, tmp_path: Path) -> None:
    told = newel("policy", "prove", parts(tmp_path / "p"), "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert told.json["invariants"][0]["place"]["file"] == str(tmp_path / "p" / "b.yml")
    done = newel("policy", "prove", parts(tmp_path / "q", BROKEN))
    assert done.code == 2
    assert str(tmp_path / "q" / "a.yaml") in done.err


def test_a_policy_with_faults_is_bad_input_in_words_and_as_json(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", BROKEN)
    assert newel("policy", "prove", file).code == 2
    told = newel("policy", "prove", file, "--json")
    assert (told.code, told.json["holds"]) == (2, False)
    assert told.json["messages"][0]["code"] == "NP105"
    assert told.err == "newel: 1 fault\n"


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "86400"])
def test_seconds_are_a_time(newel: Newel, tmp_path: Path, seconds: str) -> None:
    done = newel("policy", "prove", written(tmp_path / "p.yaml"), f"--seconds={seconds}")
    assert (done.code, done.err) == (2, "newel: --seconds is a number of seconds above 0\n")


def test_seconds_are_a_number(newel: Newel, tmp_path: Path) -> None:
    assert newel("policy", "prove", written(tmp_path / "p.yaml"), "--seconds", "soon").code == 2


def test_what_is_not_settled_in_time_is_not_proved(newel: Newel, tmp_path: Path) -> None:
    done = newel("policy", "prove", written(tmp_path / "p.yaml"), "--seconds", "0.000001", "--json")
    assert (done.code, done.json["holds"]) == (1, False)
    assert done.json["invariants"][0]["state"] == "unknown"


def test_without_the_solver_it_says_what_to_install(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove_child, "find_spec", lambda _name: None)
    done = newel("policy", "prove", written(tmp_path / "p.yaml"))
    assert (done.code, done.err) == (2, f"newel: proofs need the solver: {installing('prove')}\n")


@pytest.mark.parametrize("command", ["prove", "table", "audit", "fmt"])
def test_what_cannot_be_read_is_bad_input(newel: Newel, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "big.yaml").write_text("#" * (MOST_BYTES + 1), encoding="utf-8")
    (tmp_path / "bytes.yaml").write_bytes(b"newel: 1\nname: \xff")
    expected = {
        "none.yaml": "cannot be read: No such file or directory",
        "empty": "holds no .yaml, .yml, .json file",
        "big.yaml": f"has {MOST_BYTES + 1} bytes; a policy has at most {MOST_BYTES}",
        "bytes.yaml": "is not UTF-8: byte 15 is wrong",
    }
    for name, words in expected.items():
        done = newel("policy", command, str(tmp_path / name))
        assert (done.code, done.err) == (2, f"newel: {tmp_path / name} {words}\n"), name


def test_a_file_without_end_is_not_read_to_its_end(newel: Newel) -> None:
    done = newel("policy", "prove", "/dev/zero")
    assert (done.code, done.err) == (2, "newel: /dev/zero is no regular file; standard input is written -\n")


def test_a_name_that_cannot_be_a_file_is_bad_input(newel: Newel) -> None:
    done = newel("policy", "prove", "x" * 300)
    assert (done.code, done.err) == (2, f"newel: {'x' * 300} cannot be read: File name too long\n")


def test_a_policy_without_invariants_needs_no_solver(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove_child, "find_spec", lambda _name: None)
    (tmp_path / "p.yaml").write_text(TEXT.partition("invariants:")[0], encoding="utf-8")
    done = newel("policy", "prove", str(tmp_path / "p.yaml"))
    assert (done.code, done.out) == (0, "0 of 0 invariants are proved.\n")


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_a_terminal_only(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    file = written(tmp_path / "p.yaml", ("at_least: {evidence: {aal1: 10m}}", "at_least: {evidence: {aal1: 10m}}\n  - id: again\n    for: stall.sale:sell\n    at_least: signed-in"))  # fmt: skip
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    done = newel("policy", "prove", file)
    assert done.code == 0
    assert ("1 of 2 questions answered" in done.err) is terminal
    assert done.err.endswith("\r\x1b[K") is terminal


def test_in_a_log_progress_is_told_from_time_to_time(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "p.yaml")
    assert "questions answered" not in newel("policy", "table", file).err
    monkeypatch.setattr(proving, "OFTEN", 0.0)
    assert re.match(r"(\d+ of \d+ questions answered after \d+ s\n)+$", newel("policy", "table", file).err)
