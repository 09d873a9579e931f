"""Dying at every write and every sync of one flow loses nothing that was answered and leaves nothing half-done."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("every_death.py")
STEPS = {"asked", "proven", "redeemed", "refreshed", "revoked"}
NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"


def every_death(mode: str, folder: Path, stride: int = 1) -> dict[str, Any]:
    """What the script found."""
    command = [sys.executable, SCRIPT, mode, folder, str(stride)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)
    return found


@pytest.mark.parametrize("mode", ["kill", "power", "torn"])
def test_nothing_answered_is_lost_and_nothing_is_half_done(tmp_path: Path, mode: str) -> None:
    found = every_death(mode, tmp_path)
    assert found["wrong"] == []
    assert found["deaths"] == found["events"] > 50
    assert set(found["answered"]) == STEPS


def test_a_store_that_answers_before_its_sync_is_found_out(tmp_path: Path) -> None:
    found = every_death("unsynced", tmp_path, stride=1 if NIGHTLY else 4)
    assert any("was answered and is lost" in each["fault"] for each in found["wrong"])
