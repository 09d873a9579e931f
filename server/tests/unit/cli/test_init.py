"""`newel init`."""

from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

Newel = Callable[..., Any]


def test_a_new_folder_is_complete(newel: Newel, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    done = newel("init", "--dir", str(folder), "--issuer", "https://id.bank.example", "--name", 'The "Bank"')
    assert done.code == 0
    config = str(folder / "newel.toml")
    assert newel("config", "show", "--json", "--config", config).json["organisation.name"]["value"] == 'The "Bank"'
    keys = newel("keys", "list", "--json", "--config", config).json
    assert sorted((key["alg"], key["state"]) for key in keys) == [("ES256", "signs"), ("RS256", "signs")]


def test_s32_the_master_key_and_the_database_are_their_owners_alone(folder: Path) -> None:
    assert S_IMODE((folder / "newel.key").stat().st_mode) == 0o600
    assert S_IMODE((folder / "newel.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["newel.toml", "newel.key", "newel.db", "newel.checkpoints"])
def test_nothing_is_overwritten(newel: Newel, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="ascii")
    done = newel("init", "--dir", str(tmp_path))
    assert done.code == 1
    assert f"{tmp_path / name} exists already" in done.err
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_an_issuer_that_cannot_work_is_refused_before_anything_is_written(newel: Newel, tmp_path: Path) -> None:
    done = newel("init", "--dir", str(tmp_path / "x"), "--issuer", "http://id.bank.example")
    assert done.code == 2
    assert "https" in done.err
    assert not (tmp_path / "x").exists()


def test_the_port_of_a_local_issuer_is_listened_on(newel: Newel, tmp_path: Path) -> None:
    newel("init", "--dir", str(tmp_path), "--issuer", "http://localhost:9123")
    shown = newel("config", "show", "--json", "--config", str(tmp_path / "newel.toml")).json
    assert shown["server.port"]["value"] == 9123


def test_a_folder_that_cannot_be_made_is_said_in_words(newel: Newel, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = newel("init", "--dir", str(tmp_path / "file" / "inside"))
    assert done.code == 3
    assert "Not a directory" in done.err
