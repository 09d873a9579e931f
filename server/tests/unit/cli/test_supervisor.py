"""The parent of many workers."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from newel.cli.listener import bind

STAND_IN = Path(__file__).with_name("supervised.py")
PARENT = """
import asyncio, socket, sys
from newel.cli.supervisor import Supervisor
command, listening, workers = sys.argv[3:], int(sys.argv[1]), int(sys.argv[2])
with socket.socket(fileno=listening) as listener:
    made = Supervisor(command, listener, workers=workers, drain=0, grace=0.2, first_delay=0.01)
    sys.exit(asyncio.run(made.run("ready")))
"""


@contextmanager
def supervised(kind: str, workers: int = 2) -> Generator[tuple[subprocess.Popen[str], socket.socket]]:
    with bind("127.0.0.1", 0) as listener:
        listening = str(listener.fileno())
        command = [sys.executable, "-c", PARENT, listening, str(workers), sys.executable, str(STAND_IN), kind]
        with subprocess.Popen(command, pass_fds=(listener.fileno(),), stdout=subprocess.PIPE, text=True) as parent:
            try:
                yield parent, listener
            finally:
                children = psutil.Process(parent.pid).children() if parent.poll() is None else []
                parent.kill()
                for child in children:
                    child.kill() if child.is_running() else None


def ready(parent: subprocess.Popen[str]) -> str:
    return (parent.stdout.readline() if parent.stdout else "").strip()


def answers(listener: socket.socket) -> int:
    with socket.create_connection(listener.getsockname(), timeout=60) as connection:
        return int(connection.makefile().readline())


def children(parent: subprocess.Popen[str]) -> set[int]:
    return {child.pid for child in psutil.Process(parent.pid).children()}


def until(holds: Callable[[], bool], process: psutil.Process, seconds: float = 60) -> bool:
    """Whether something comes to hold, looked at every hundredth of a second for as long as `process` lives."""
    for _ in range(int(seconds * 100)):
        if holds():
            return True
        with pytest.raises(psutil.TimeoutExpired):
            process.wait(0.01)
    return False


def test_ready_is_said_once_all_workers_answer() -> None:
    with supervised("good") as (parent, listener):
        assert ready(parent) == "ready"
        assert len(children(parent)) == 2
        assert answers(listener) in children(parent)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_workers_and_ends_with_0(number: signal.Signals) -> None:
    with supervised("good") as (parent, _):
        ready(parent)
        workers = [psutil.Process(pid) for pid in children(parent)]
        parent.send_signal(number)
        assert parent.wait(60) == 0
        assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_a_dead_worker_is_replaced() -> None:
    with supervised("good") as (parent, listener):
        ready(parent)
        before = children(parent)
        dead = min(before)
        os.kill(dead, signal.SIGKILL)
        supervisor = psutil.Process(parent.pid)
        assert until(lambda: len(children(parent) - {dead}) == 2, supervisor)
        assert answers(listener) != dead


def test_a_worker_that_cannot_start_stops_the_start_with_its_code() -> None:
    with supervised("broken") as (parent, _):
        assert ready(parent) == ""
        assert parent.wait(60) == 7


def test_workers_end_with_a_parent_that_was_killed() -> None:
    with supervised("good") as (parent, _):
        ready(parent)
        workers = [psutil.Process(pid) for pid in children(parent)]
        parent.kill()
        assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_a_stubborn_worker_is_killed_after_the_drain() -> None:
    with supervised("stubborn", workers=1) as (parent, _):
        ready(parent)
        (worker,) = (psutil.Process(pid) for pid in children(parent))
        parent.terminate()
        assert parent.wait(60) == 0
        assert psutil.wait_procs([worker], timeout=60)[1] == []
