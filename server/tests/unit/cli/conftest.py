"""A server's folder, made once and copied for each test."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newel.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Newel = Callable[..., Done]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a server configured."""
    for name in [name for name in os.environ if name == "NEWEL_CONFIG" or (name.startswith("NEWEL_") and "__" in name)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    assert main(["init", "--dir", str(folder)]) == 0
    return folder


@pytest.fixture
def folder(made: Path, plain: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "server"
    shutil.copytree(made, copy)
    monkeypatch.setenv("NEWEL_CONFIG", str(copy / "newel.toml"))
    return copy


@pytest.fixture
def newel(plain: None, capsys: pytest.CaptureFixture[str]) -> Newel:
    def run(*arguments: str) -> Done:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as error:
            code = int(error.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run
