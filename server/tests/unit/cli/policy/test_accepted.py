"""Findings accepted by id: never without a reason."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from newel.cli.policy.accepted import MOST_REASON, accepted, add_accept, tell_unmatched
from newel.cli.refusal import Refusal


def options(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    add_accept(parser)
    return parser.parse_args(arguments)


def test_nothing_is_accepted_by_default() -> None:
    assert accepted(options()) == {}


def test_a_reason_may_hold_the_sign_and_is_trimmed() -> None:
    assert accepted(options("--accept", " a1 = because x=1 ")) == {"a1": "because x=1"}


def test_a_file_has_comments_and_empty_lines_and_the_command_line_wins(tmp_path: Path) -> None:
    file = tmp_path / "accepted.txt"
    file.write_text("# agreed\n\n  # twice\na1=in the file\r\nb2=größer\n", encoding="utf-8")
    found = accepted(options("--accepted", str(file), "--accept", "a1=here"))
    assert found == {"a1": "here", "b2": "größer"}


@pytest.mark.parametrize("line", ["", "a1", "a1=", "a1=  ", "=why", " = ", f"a1={'x' * (MOST_REASON + 1)}"])
def test_without_an_id_and_a_reason_nothing_is_accepted(line: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="write ID=REASON") as refused:
        accepted(options("--accept", line))
    assert refused.value.code == 2
    if line.strip():
        (tmp_path / "accepted.txt").write_text(line, encoding="utf-8")
        with pytest.raises(Refusal, match="write ID=REASON"):
            accepted(options("--accepted", str(tmp_path / "accepted.txt")))


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"a1=\xff")
    for name, words in {"none": "cannot be read: No such file", "bytes": "is not UTF-8: byte 3 is wrong"}.items():
        with pytest.raises(Refusal, match=words) as refused:
            accepted(options("--accepted", str(tmp_path / name)))
        assert refused.value.code == 2


def test_an_id_that_names_no_finding_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell_unmatched({"a1": "why", "b2": "why"}, {"a1", "c3"})
    assert capsys.readouterr().err == "note: no finding is b2; nothing was accepted by it\n"
