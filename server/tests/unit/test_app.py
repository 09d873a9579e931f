"""The composition root: what an application does before it has started, where it cannot start, and when a duty fails."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from newel.app import Application, build
from newel.config.read import load
from newel.storage.checkpoints import read_file

STARTUP = {"type": "lifespan.startup"}


@pytest.fixture
def made(tmp_path: Path) -> Callable[[], Application]:
    """Make the application of a fresh installation."""
    folder = tmp_path / "newel"
    subprocess.run([sys.executable, "-m", "newel", "init", "--dir", str(folder)], check=True, capture_output=True)
    told = {"NEWEL_SERVER__ISSUER": "http://localhost:8022"}
    return lambda: build(load(folder / "newel.toml", told).config, log=logging.getLogger("test-app"))


class Peer:
    """What a server says to an application, and what it hears."""

    def __init__(self, *says: dict[str, Any]) -> None:
        self._says = list(says)
        self.heard: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self._says.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.heard.append(message)


async def test_it_starts_and_stops_once(made: Callable[[], Application]) -> None:
    peer = Peer(STARTUP, {"type": "lifespan.shutdown"})
    await made()({"type": "lifespan"}, peer.receive, peer.send)
    assert [each["type"] for each in peer.heard] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_where_its_keys_are_missing_it_says_so_and_does_not_start(made: Callable[[], Application]) -> None:
    application, peer = made(), Peer(STARTUP)
    application.config.secrets.master_key_file.unlink()
    with pytest.raises(FileNotFoundError):
        await application({"type": "lifespan"}, peer.receive, peer.send)
    assert peer.heard[0]["type"] == "lifespan.startup.failed"
    assert "newel.key" in peer.heard[0]["message"]


async def test_before_it_has_started_it_answers_nothing(made: Callable[[], Application]) -> None:
    application, peer = made(), Peer()
    await application({"type": "http", "method": "GET", "path": "/"}, peer.receive, peer.send)
    await application.stop()
    assert peer.heard == []


async def test_a_duty_that_failed_is_told_and_done_again(
    made: Callable[[], Application], caplog: pytest.LogCaptureFixture
) -> None:
    application, again = made(), asyncio.Event()
    failures = [OSError("the disk is full")]

    async def duty() -> None:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        again.set()

    task = asyncio.create_task(application._every(0, duty))
    await asyncio.wait_for(again.wait(), 60)
    task.cancel()
    assert "a duty failed" in caplog.text
    assert "the disk is full" in caplog.text


async def test_s33_a_checkpoint_leaves_at_the_start_at_least_every_minute_and_at_stop(
    made: Callable[[], Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    application, duties = made(), dict[float, list[Callable[[], Awaitable[None]]]]()

    async def take_up(_: Application, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(0)
        duties.setdefault(seconds, []).append(duty)

    def lines() -> int:
        return len(read_file(application.config.storage.checkpoint_file))

    monkeypatch.setattr(Application, "_every", take_up)
    await application.start()
    await asyncio.gather(*application._duties)
    assert lines() == 1
    often = [duty for seconds, each in duties.items() if seconds <= 60 for duty in each]
    for duty in often:
        await duty()
    assert lines() == 2
    await application.stop()
    assert lines() == 3
