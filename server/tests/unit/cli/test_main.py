"""The command line as a whole."""

import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newel.cli import COMMANDS, load, parser

Newel = Callable[..., Any]
PAGE = Path(__file__).parents[4] / "docs" / "commands.md"
PUBLIC = [name for name, command in COMMANDS.items() if command.says]
OPTION = re.compile(r"--[a-z][a-z-]+")


def test_help_names_every_command_with_what_it_does(newel: Newel) -> None:
    done = newel("--help")
    assert done.code == 0
    assert all(COMMANDS[name].says in done.out for name in PUBLIC)
    assert "worker" not in done.out


def test_no_arguments_print_the_help_and_are_a_usage_error(newel: Newel) -> None:
    assert newel().code == 2


def test_an_unknown_command_names_those_there_are(newel: Newel) -> None:
    done = newel("sreve")
    assert done.code == 2
    assert "serve" in done.err


@pytest.mark.parametrize("name", PUBLIC)
def test_every_command_has_its_two_functions(name: str) -> None:
    module = load(name)
    assert callable(module.configure)
    assert callable(module.run)


def test_help_imports_no_command() -> None:
    script = "import sys; from newel.cli import main; main(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert not [name for name in loaded if name.startswith(("newel.cli.user", "newel.storage", "uvicorn", "argon2"))]


def test_a_command_whose_extra_is_not_installed_says_what_to_install() -> None:
    script = "import sys; sys.modules['numpy'] = None; from newel.cli import main; sys.exit(main(['policy', 'replay']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'newel: newel policy replay needs numpy: {sys.executable} -m pip install "newel[replay]"\n'


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "newel", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no command" in done.stderr


def sections() -> dict[str, str]:
    parts = re.split(r"^## `newel ([a-z]+(?: [a-z]+)?)`.*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_page_of_commands_has_a_section_for_each() -> None:
    assert list(sections()) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_the_page_names_every_option_and_no_other(name: str) -> None:
    said = set(OPTION.findall(sections()[name]))
    assert said == options(name) - {"--help"}


def options(name: str) -> set[str]:
    """Every option of a command and of its subcommands."""
    return {option for text in texts(parser(name)) for option in OPTION.findall(text)}


def texts(top: ArgumentParser) -> Iterator[str]:
    yield top.format_help()
    for action in top._actions:
        if isinstance(action.choices, dict):
            for below in action.choices.values():
                yield from texts(below)


@pytest.mark.parametrize("rows", [3, 3000])
def test_a_reader_that_goes_away_ends_a_command_quietly(rows: int) -> None:
    script = (
        "import sys, newel.cli as cli; from types import SimpleNamespace as S;"
        f"cli._parse = lambda given: (None, S(run=lambda options: print('row\\n' * {rows}) or 0)); sys.exit(cli.main(['x']))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", script], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_behind_standard_output_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "newel", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "newel: cannot write: No space left on device\n")
