"""`newel policy fmt`: one layout, the same meaning, or nothing is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.stall import BROKEN, TEXT, parts, snapshot, written

from newel.cli.policy import fmt

Newel = Callable[..., Any]
UNTIDY = ("ctx.amount > 5000", "ctx.amount>5000")


def test_a_file_in_its_layout_is_left_alone(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml")
    for arguments in ((), ("--check",)):
        done = newel("policy", "fmt", file, *arguments)
        assert (done.code, done.out) == (0, "")
    assert Path(file).read_text(encoding="utf-8") == TEXT


def test_check_names_the_file_and_writes_nothing(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", UNTIDY)
    done = newel("policy", "fmt", "--check", file)
    assert (done.code, done.out) == (1, f"{file}\n")
    assert "ctx.amount>5000" in Path(file).read_text(encoding="utf-8")


def test_it_writes_the_layout_once(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", UNTIDY)
    done = newel("policy", "fmt", file)
    assert (done.code, done.out) == (0, f"{file} was written\n")
    assert Path(file).read_text(encoding="utf-8") == TEXT
    assert newel("policy", "fmt", file).out == ""


def test_of_a_folder_only_the_files_that_change_are_written(newel: Newel, tmp_path: Path) -> None:
    folder = parts(tmp_path / "p", UNTIDY)
    assert newel("policy", "fmt", "--check", folder).out == f"{tmp_path}/p/a.yaml\n"
    assert newel("policy", "fmt", folder).out == f"{tmp_path}/p/a.yaml was written\n"
    assert newel("policy", "fmt", "--check", folder).code == 0


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_line_ends_and_a_byte_order_mark_are_no_layout(newel: Newel, tmp_path: Path, ends: bytes) -> None:
    file = tmp_path / "p.yaml"
    mark = b"" if ends == b"\r\n" else b"\xef\xbb\xbf"
    file.write_bytes(mark + TEXT.encode().replace(b"\n", ends))
    assert newel("policy", "fmt", "--check", str(file)).code == 1
    assert newel("policy", "fmt", str(file)).code == 0
    assert file.read_bytes() == TEXT.encode()


def test_the_canonical_form_is_what_the_version_is_of(newel: Newel, tmp_path: Path) -> None:
    done = newel("policy", "fmt", "--canonical", written(tmp_path / "p.yaml", UNTIDY))
    assert done.code == 0
    assert done.out == f"{snapshot().text}\n"
    assert json.loads(done.out)["name"] == "stall"


def test_a_policy_with_faults_is_bad_input(newel: Newel, tmp_path: Path) -> None:
    done = newel("policy", "fmt", written(tmp_path / "p.yaml", BROKEN))
    assert (done.code, done.out) == (2, "")
    assert "unknown fact 'ctx.amuont' [NP105]" in done.err


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (TEXT.replace("5000", "5001"), 1, "formatting would change what it means; nothing was written"),
        (TEXT.replace("ctx.amount > 5000", "ctx.amuont > 5000"), 2, "unknown fact"),
    ],
)
def test_what_cannot_be_shown_to_mean_the_same_is_not_written(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: int, words: str
) -> None:
    file = written(tmp_path / "p.yaml", UNTIDY)
    monkeypatch.setattr(fmt, "formatted", lambda _source: text)
    done = newel("policy", "fmt", file)
    assert done.code == code
    assert words in done.err
    assert "ctx.amount>5000" in Path(file).read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_bad_input(
    newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "p.yaml", UNTIDY)

    def full(path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    done = newel("policy", "fmt", file)
    assert (done.code, done.err) == (2, f"newel: {file} cannot be written: No space left on device\n")


def test_the_files_that_change_are_named_to_programs(newel: Newel, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", UNTIDY)
    done = newel("policy", "fmt", "--check", file, "--json")
    assert (done.code, done.json) == (1, {"holds": False, "changed": [file]})
    done = newel("policy", "fmt", file, "--json")
    assert (done.code, done.json) == (0, {"holds": True, "changed": [file]})
    assert newel("policy", "fmt", "--check", file, "--json").json == {"holds": True, "changed": []}
