"""The parent of many workers: starts them on one inherited socket, replaces those that die, stops them together.

1. Each worker has a life line, a socket pair: it writes one byte when it answers, and ends when the parent's end closes,
   so that no worker outlives a parent that was killed.
2. A worker that dies before it ever answered stops the start with its exit code: what ails it would ail the next.
3. A worker that dies later is replaced, at once if it lived long, else after a delay that doubles up to half a minute.
4. SIGTERM or SIGINT is handed to every worker; those still there after the drain are killed. A second signal kills at once.
"""

import asyncio
import logging
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY = 60.0
"""Seconds after which a worker's death is not taken for a crash loop."""
GRACE = 5
"""Seconds that a worker gets beyond the drain."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Supervisor:
    """Keeps `workers` processes of `command` alive on `listener`; `drain` in seconds.

    `command` is called with `--fd`, the listening socket's descriptor, and `--lifeline`, the worker's end of its life line.
    """

    command: Sequence[str]
    listener: socket.socket
    workers: int
    drain: int
    grace: float = GRACE
    first_delay: float = FIRST_DELAY
    _living: set[Process] = field(default_factory=set)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _signals: int = 0
    _failed: int = 0
    _answered: set[int] = field(default_factory=set)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, ready: str) -> int:
        """Print `ready` once all workers answer; return the exit code after the last one has gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        kept = [asyncio.create_task(self._keep(number)) for number in range(self.workers)]
        announced = asyncio.create_task(self._announce(ready))
        await self._stopping.wait()
        await self._stop(kept)
        announced.cancel()
        return self._failed

    async def _announce(self, ready: str) -> None:
        await self._ready.wait()
        print(ready, flush=True)

    def _signalled(self) -> None:
        self._signals += 1
        self._stopping.set()
        if self._signals > 1:
            for process in self._living:
                process.kill()

    async def _stop(self, kept: Sequence[asyncio.Task[None]]) -> None:
        for process in tuple(self._living):
            process.terminate()
        _, late = await asyncio.wait(kept, timeout=self.drain + self.grace)
        if late:
            log.error("workers killed after the drain", extra={"workers": len(self._living)})
            for process in tuple(self._living):
                process.kill()
            await asyncio.wait(late)

    async def _keep(self, number: int) -> None:
        """Keep one worker alive until the stop."""
        loop = asyncio.get_running_loop()
        delay = self.first_delay
        while not self._stopping.is_set():
            began = loop.time()
            answered, code = await self._live(number)
            if self._stopping.is_set():
                return
            if not answered and not self._ready.is_set():
                log.error("a worker could not start", extra={"worker": number, "ended_with": code})
                self._failed = abs(code) or 1
                self._stopping.set()
                return
            delay = self.first_delay if loop.time() - began >= STEADY else min(2 * delay, LONGEST_DELAY)
            log.error("a worker died and is replaced", extra={"worker": number, "ended_with": code, "delay": delay})
            await self._pause(delay)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the stop."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _live(self, number: int) -> tuple[bool, int]:
        """One worker's life: whether it ever answered, and its exit code."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *self.command,
                    "--fd",
                    str(self.listener.fileno()),
                    "--lifeline",
                    str(theirs.fileno()),
                    pass_fds=(self.listener.fileno(), theirs.fileno()),
                )
            self._living.add(process)
            if self._stopping.is_set():
                process.terminate()
            ours.setblocking(False)
            answered = bool(await asyncio.get_running_loop().sock_recv(ours, 1))
            if answered:
                self._answered.add(number)
                if len(self._answered) == self.workers:
                    self._ready.set()
            code = await process.wait()
            self._living.discard(process)
            return answered, code
