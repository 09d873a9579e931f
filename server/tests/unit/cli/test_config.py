"""`newel config`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Newel = Callable[..., Any]


def test_validate_names_the_file_and_the_issuer(newel: Newel, folder: Path) -> None:
    done = newel("config", "validate")
    assert done.code == 0
    assert done.out == f"{folder}/newel.toml is good. Issuer: http://localhost:8400\n"


def test_s34_validate_prints_every_fault_and_ends_with_3(newel: Newel, folder: Path) -> None:
    (folder / "newel.toml").write_text("[lives]\ncod = 1\n[server]\nprot = 1\n", encoding="utf-8")
    done = newel("config", "validate")
    assert done.code == 3
    assert "Did you mean lives.code?" in done.err
    assert "Did you mean server.port?" in done.err


def test_s34_validate_says_dangers_loudly(newel: Newel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWEL_SERVER__DANGER_PUBLIC_LISTENER", "true")
    done = newel("config", "validate")
    assert done.code == 0
    assert "DANGER: server.danger_public_listener" in done.err


def test_a_missing_configuration_says_how_to_make_one(newel: Newel, tmp_path: Path) -> None:
    done = newel("config", "show", "--config", str(tmp_path / "none.toml"))
    assert done.code == 3
    assert "newel init" in done.err


def test_show_prints_values_in_force_with_their_source(
    newel: Newel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWEL_LIVES__CODE", "30")
    values = newel("config", "show", "--json").json
    assert values["lives.code"] == {"value": 30, "from": "NEWEL_LIVES__CODE"}
    assert values["server.issuer"] == {"value": "http://localhost:8400", "from": "newel.toml"}
    assert values["storage.database"] == {"value": str(folder / "newel.db"), "from": "default"}
    assert values["server.danger_public_listener"]["value"] is False
    assert values["webauthn.origins"]["value"] == []


def test_show_as_text_is_toml_that_can_be_used(newel: Newel, folder: Path, tmp_path: Path) -> None:
    shown = newel("config", "show").out
    (tmp_path / "again.toml").write_text(shown.replace("origins = []", ""), encoding="utf-8")
    assert newel("config", "validate", "--config", str(tmp_path / "again.toml")).code == 0


def test_show_never_shows_a_secret(newel: Newel, folder: Path) -> None:
    key = (folder / "newel.key").read_text(encoding="ascii").split()[-1]
    assert key not in newel("config", "show").out
