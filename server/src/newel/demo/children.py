"""Child processes that answer on a port: started together, watched together, stopped together.

1. A child says `ready …` on its standard output once it answers; what it says on standard error goes to its log. Of one
   that is `heard` all that it says on either goes to its log and, line by line under its name, to our standard error.
2. No child outlives this process, however it ends: the kernel ends them (prctl PR_SET_PDEATHSIG), where there is one.
3. One child's death is told in words, with the end of its log, and stops the others.
4. A signal stops all; who is still there after a grace is killed.
"""

import ctypes
import os
import selectors
import signal
import socket
import subprocess  # ruff: ignore[suspicious-subprocess-import] - starting processes is its duty
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY = b"ready"
GRACE = 8.0
"""Seconds that a child gets to stop."""
LAST_LINES = 12
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ChildDied(Exception):
    """A child ended by itself; the message names it, says how, and quotes the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to start: `name` for people, its command, what its environment has beside ours, where its log goes.

    `heard` says that what it says is for whoever started the demonstration.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    heard: bool = False


@dataclass(slots=True, eq=False)
class Child:
    """A running child; `rest` is the line that it has begun to say."""

    order: Order
    process: subprocess.Popen[bytes]
    ready: bool = False
    rest: bytes = b""


class Children:
    """The children of one demonstration; `wake` can be read from once a signal came, `grace` is in seconds."""

    def __init__(self, orders: Sequence[Order], wake: socket.socket, *, grace: float = GRACE) -> None:
        self._grace = grace
        self._selector = selectors.DefaultSelector()
        self._wake = wake
        self._selector.register(wake, selectors.EVENT_READ)
        self._living: list[Child] = []
        for order in orders:
            self._start(order)

    def wait_ready(self, seconds: float) -> bool:
        """Wait until every child is ready; False where a signal came first. ChildDied; TimeoutError."""
        while not all(child.ready for child in self._living):
            if not self._turn(seconds):
                return False
        return True

    def watch(self) -> None:
        """Return when a signal came. ChildDied when a child ended before."""
        while self._turn(None):
            pass

    def stop(self) -> None:
        """Ask every child to stop, wait for it, and kill who does not."""
        for child in self._living:
            child.process.terminate()
        for child in self._living:
            try:
                child.process.wait(self._grace)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if child.process.stdout is not None:
                child.process.stdout.close()
        self._living.clear()
        self._selector.close()

    def _start(self, order: Order) -> None:
        parent = os.getpid()
        with order.log.open("ab") as log:
            process = subprocess.Popen(  # ruff: ignore[subprocess-without-shell-equals-true] - our own commands
                order.command,
                env={**os.environ, **order.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if order.heard else log,
                start_new_session=True,  # Ctrl+C reaches this process, which stops them in order
                preexec_fn=lambda: _die_with(parent),  # ruff: ignore[subprocess-popen-preexec-fn] - this process has one thread
            )
        child = Child(order, process)
        self._living.append(child)
        if process.stdout is not None:
            self._selector.register(process.stdout, selectors.EVENT_READ, child)

    def _turn(self, seconds: float | None) -> bool:
        """Handle what happens next; False for a signal."""
        happened = self._selector.select(seconds)
        if not happened:
            late = ", ".join(child.order.name for child in self._living if not child.ready)
            raise TimeoutError(f"not ready after {seconds:.0f} s: {late}")
        for key, _ in happened:
            if key.fileobj is self._wake:
                self._wake.recv(64)
                return False
            self._heard(key.data, key.fileobj)
        return True

    def _heard(self, child: Child, output: Any) -> None:
        said: bytes = os.read(output.fileno(), 65_536)
        if said:
            child.ready = child.ready or any(line.startswith(READY) for line in said.splitlines())
            if child.order.heard:
                _tell(child, said)
            return
        self._selector.unregister(output)
        raise ChildDied(_obituary(child))


@contextmanager
def signals() -> Generator[socket.socket, None, None]:
    """A socket that can be read from once SIGINT or SIGTERM came; the earlier dispositions come back after it."""
    wake, woken = socket.socketpair()
    wake.setblocking(False)
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    earlier = signal.set_wakeup_fd(wake.fileno())
    try:
        yield woken
    finally:
        signal.set_wakeup_fd(earlier)
        for number, disposition in before.items():
            signal.signal(number, disposition)
        wake.close()
        woken.close()


def _die_with(parent: int) -> None:
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was told
        os._exit(1)


def _tell(child: Child, said: bytes) -> None:
    """Write what a child said to its log, and the lines that are whole to standard error."""
    with child.order.log.open("ab") as log:
        log.write(said)
    *lines, child.rest = (child.rest + said).split(b"\n")
    for line in lines:
        if not line.startswith(READY):
            sys.stderr.write(f"{child.order.name}: {line.decode(errors='replace')}\n")
    sys.stderr.flush()


def _obituary(child: Child) -> str:
    code = child.process.wait()
    how = f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    lines: list[str] = []
    with suppress(OSError):
        lines = child.order.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
    quoted = "".join(f"\n  | {line}" for line in lines)
    return f"{child.order.name} {how}. The end of {child.order.log}:{quoted or ' (empty)'}"
