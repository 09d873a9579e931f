"""A server of the benchmark's own: its folder, its seeded subjects, its process; everything is gone at the end.

It runs as any other: every check, limit and audit row is on, and every answer waits for the disk. Only the counts that
one address is allowed are raised to their bounds, since all requests come from here.
"""

import asyncio
import os
import socket
import subprocess  # ruff: ignore[suspicious-subprocess-import] - starts this very program
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newel.cli.bench_accounts import Accounts, seed
from newel.cli.init import make_database
from newel.cli.listener import bind
from newel.cli.opening import fresh_id, opened
from newel.cli.refusal import Refusal
from newel.config import read
from newel.config.tree import Config
from newel.crypto import key_file

CONFIG = """\
[server]
issuer = "{issuer}"
workers = {workers}

[limits]
connections = 10000

[guessing]
per_address = 100000
pages_per_address = 1000000

[log]
level = "warning"
"""
STOPS_WITHIN = 30
PROBES = 200
BLOCK = bytes(4096)


@dataclass(frozen=True, slots=True)
class Temporary:
    """A running server: where it is, its process, its folder, and who may step up at it."""

    issuer: str
    process: int
    folder: Path
    accounts: Accounts


@contextmanager
def temporary(workers: int, subjects: int) -> Generator[Temporary]:
    """A seeded server that answers; it ends with the context. Refusal where it does not start."""
    with (
        tempfile.TemporaryDirectory(prefix="newel-bench-") as name,
        bind("127.0.0.1", 0) as listener,
    ):
        folder = Path(name)
        issuer = f"http://localhost:{listener.getsockname()[1]}"
        config = made(folder, issuer, workers)
        accounts = asyncio.run(_seeded(config, subjects))
        with _process(folder / "newel.toml", listener) as process:
            yield Temporary(issuer, process.pid, folder, accounts)


def made(folder: Path, issuer: str, workers: int) -> Config:
    """The folder's configuration, master key and database."""
    text = CONFIG.format(issuer=issuer, workers=workers)
    config = read(text, {}, name="newel.toml", folder=folder).config
    vault = key_file.generate(os.urandom(32), fresh_id())
    key_file.save(config.secrets.master_key_file, vault)
    asyncio.run(make_database(config, vault))
    (folder / "newel.toml").write_text(text, encoding="utf-8")
    return config


async def _seeded(config: Config, subjects: int) -> Accounts:
    async with opened(config) as everything:
        return await seed(everything, subjects)


@contextmanager
def _process(config: Path, listener: socket.socket) -> Generator["subprocess.Popen[str]"]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("NEWEL_")}
    command = [sys.executable, "-m", "newel", "serve", "--fd", str(listener.fileno()), "--config", str(config)]
    with subprocess.Popen(  # ruff: ignore[subprocess-without-shell-equals-true] - our own command
        command, env=told, pass_fds=(listener.fileno(),), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if not (process.stdout and process.stdout.readline().startswith("ready ")):
                raise Refusal("the benchmark's server did not start")
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def sync_ms(folder: Path) -> list[float]:
    """Sorted milliseconds that one written block of 4 KiB takes to reach the disk under `folder`: the floor of every answer."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(PROBES):
            began = time.perf_counter()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e3)
    return sorted(taken)
