"""`newel policy watch` in a process of its own: what is saved and can decide is in force a moment later."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.tests.unit.cli.policy.people import brought
from server.tests.unit.cli.policy.stall import BROKEN, FAILING, REFUTED, STRICTER, changed, snapshot, written

from newel.cli.policy.watch import LOOKS

Newel = Callable[..., Any]
Told = Callable[[], str]


@contextmanager
def watching(folder: Path, file: str) -> Generator[tuple["subprocess.Popen[bytes]", Told]]:
    """The command on a policy, and what gives its next line, from both streams in their order."""
    command = [sys.executable, "-m", "newel", "policy", "watch", file]
    with subprocess.Popen(
        command,
        env={**os.environ, "NEWEL_CONFIG": str(folder / "newel.toml")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
    ) as process:
        stream = process.stdout
        assert stream is not None

        def line() -> str:
            assert select.select([stream], [], [], 30)[0], "nothing was said"
            return stream.readline().decode().rstrip("\n")

        try:
            assert line() == "ready"
            yield process, line
        finally:
            process.kill()
            process.wait(20)


def replaced(file: str, text: str) -> None:
    """Save a file as editors do, at once."""
    beside = Path(f"{file}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def in_force(newel: Newel) -> list[tuple[str, str, str]]:
    found = newel("policy", "list", "--json").json
    return [(each["version"], each["author"], each["reason"]) for each in found]


def test_what_is_saved_is_in_force_and_what_cannot_decide_is_not(newel: Newel, folder: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml")
    first, second, third = snapshot().version, snapshot(STRICTER).version, snapshot(REFUTED).version
    with watching(folder, file) as (process, told):
        assert told() == f"stall {first[:12]} is in force"
        assert in_force(newel) == [(first, "watch", "the file changed")]

        replaced(file, changed(BROKEN))
        assert told() == f"{file}:25:11: unknown fact 'ctx.amuont' [NP105]"
        lines = [told()]
        while lines[-1] != "the policy in force stays":
            lines.append(told())
        replaced(file, changed(FAILING))
        assert told() == "its tests fail: a small sale is quiet; the policy in force stays"
        Path(file).unlink()
        assert told() == f"{file} cannot be read: No such file or directory"
        assert told() == "the policy in force stays"
        assert [version for version, *_ in in_force(newel)] == [first]

        replaced(file, changed(STRICTER))
        assert told() == f"stall {second[:12]} is in force"
        replaced(file, changed(REFUTED))
        assert told() == f"stall {third[:12]} is in force", "nothing is proved here"
        assert [version for version, *_ in in_force(newel)] == [third, second, first]

        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert newel("audit", "verify").code == 0


def test_a_policy_that_is_in_force_already_is_left_alone(newel: Newel, folder: Path, tmp_path: Path) -> None:
    version = brought(folder)
    file = written(tmp_path / "p.yaml")
    with watching(folder, file) as (process, told):
        replaced(file, f"# the same in other words\n{changed()}")
        replaced(file, changed(STRICTER))
        assert told() == f"stall {snapshot(STRICTER).version[:12]} is in force"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert in_force(newel)[1:] == [(version, "ada", "it begins")]


def test_without_a_database_it_says_so_and_goes_on(folder: Path, tmp_path: Path) -> None:
    database = folder / "newel.db"
    away = database.rename(tmp_path / "away.db")
    file = written(tmp_path / "p.yaml")
    with watching(folder, file) as (process, told):
        assert told().endswith("Make one with: newel init; the policy in force stays")
        away.rename(database)
        replaced(file, changed(STRICTER))
        assert told() == f"stall {snapshot(STRICTER).version[:12]} is in force"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_it_looks_more_often_than_once_a_second() -> None:
    assert LOOKS < 0.5
