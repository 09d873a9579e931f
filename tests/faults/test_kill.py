"""Dying at every write and every sync of one story loses nothing that was answered and leaves nothing half-done.

Two stories: units against the store, and requests of a sign-in and a step-up against the whole server.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
STRIDES = {"kill": 1, "power": 1 if NIGHTLY else 3, "torn": 1 if NIGHTLY else 3}
"""For the server's story, whose deaths take a while; the store's dies at every event in each mode."""


def every_death(story: str, mode: str, folder: Path, stride: int = 1) -> dict[str, Any]:
    """What the script found. Its victims end too soon to say what they covered, so none of it is measured."""
    command = [sys.executable, "-m", "tests.faults.every_death", story, mode, str(folder), str(stride)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("mode", ["kill", "power", "torn"])
def test_nothing_answered_by_the_store_is_lost_and_nothing_is_half_done(tmp_path: Path, mode: str) -> None:
    found = every_death("store", mode, tmp_path)
    assert found["wrong"] == []
    assert found["deaths"] == found["events"] > 50
    assert set(found["answered"]) == set(found["steps"])


@pytest.mark.parametrize("mode", ["kill", "power", "torn"])
def test_nothing_answered_by_the_server_is_lost_and_everyone_can_go_on(tmp_path: Path, mode: str) -> None:
    found = every_death("server", mode, tmp_path, STRIDES[mode])
    assert found["wrong"] == []
    assert found["deaths"] == found["events"] // STRIDES[mode] > 100 // STRIDES[mode]
    assert set(found["answered"]) == set(found["steps"])


@pytest.mark.parametrize("story", ["store", "server"])
def test_a_store_that_answers_before_its_sync_is_found_out(tmp_path: Path, story: str) -> None:
    found = every_death(story, "unsynced", tmp_path, stride=1 if NIGHTLY else 8)
    assert any("was answered and is lost" in each["fault"] for each in found["wrong"])
