"""`newel serve`: the whole server as a process."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from newel.cli.listener import bind

Newel = Callable[..., Any]


@contextmanager
def serving(folder: Path, *arguments: str) -> Generator[tuple[subprocess.Popen[str], int]]:
    """A server on a free port, from its readiness on."""
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        environment = {**os.environ, "NEWEL_SERVER__ISSUER": f"http://localhost:{port}", "NEWEL_LOG__LEVEL": "warning"}
        command = [sys.executable, "-m", "newel", "serve", "--fd", str(listener.fileno()), *arguments]
        with subprocess.Popen(
            [*command, "--config", str(folder / "newel.toml")],
            env=environment,
            pass_fds=(listener.fileno(),),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                ready = process.stdout.readline() if process.stdout else ""
                assert ready.startswith(f"ready http://localhost:{port} on 127.0.0.1:{port}, "), ready
                yield process, port
            finally:
                process.terminate()
                process.wait(60)


def status(port: int, path: str = "/healthz") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": f"localhost:{port}"})
    answered = connection.getresponse()
    answered.read()
    connection.close()
    return answered.status


def test_one_worker_serves_in_this_process_and_ends_with_0(folder: Path) -> None:
    with serving(folder) as (process, port):
        assert status(port) == 200
        assert psutil.Process(process.pid).children() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_many_workers_share_one_socket_and_end_together(folder: Path) -> None:
    with serving(folder, "--workers", "2") as (process, port):
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        assert {status(port) for _ in range(8)} == {200}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_commands_work_while_the_server_runs(newel: Newel, folder: Path) -> None:
    with serving(folder) as (_, port):
        assert newel("user", "add", "maria").code == 0
        assert newel("keys", "rotate").code == 0
        assert status(port) == 200
        assert newel("audit", "verify").code == 0


def test_a_port_in_use_ends_with_1_and_says_so(newel: Newel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bind("127.0.0.1", 0) as taken:
        monkeypatch.setenv("NEWEL_SERVER__PORT", str(taken.getsockname()[1]))
        done = newel("serve")
    assert done.code == 1
    assert "something listens there already" in done.err


def test_s34_a_bad_configuration_stops_the_start(newel: Newel, folder: Path) -> None:
    (folder / "newel.toml").write_text("[server]\nworkers = 0\n", encoding="utf-8")
    done = newel("serve")
    assert done.code == 3
    assert "server.workers = 0 is below 1" in done.err


@pytest.mark.parametrize("workers", ["0", "65"])
def test_the_number_of_workers_is_bounded(newel: Newel, folder: Path, workers: str) -> None:
    assert newel("serve", "--workers", workers).code == 2


def test_a_descriptor_that_does_not_listen_is_refused(newel: Newel, folder: Path) -> None:
    with socket.socket() as idle:
        assert newel("serve", "--fd", str(idle.fileno())).code == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_missing_master_key_ends_with_3(folder: Path, workers: str) -> None:
    (folder / "newel.key").unlink()
    command = [sys.executable, "-m", "newel", "serve", "--workers", workers]
    environment = {**os.environ, "NEWEL_CONFIG": str(folder / "newel.toml")}
    with bind("127.0.0.1", 0) as free:
        environment["NEWEL_SERVER__PORT"] = str(free.getsockname()[1])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert "restore it from your backup" in done.stderr
