"""uvicorn as it is run here: limits first, no trust in forwarded headers, orderly ends."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from newel.config.tree import Config
from newel.http.limits import Limits, limited

COLLECT_AFTER = (20_000, 20, 20)
"""Requests leave almost no cycles behind: looking for them after every 700 objects costs 3 % of a flow."""


SWITCH = 0.001
"""Seconds after which the loop lets the syncing thread go on: every durable answer waits for that (ADR 0002)."""


def answer(
    application: Any,
    config: Config,
    listener: socket.socket,
    *,
    ready: Callable[[], object],
    lifeline: socket.socket | None = None,
) -> int:
    """Answer requests on `listener` with an ASGI application until a signal; the exit code.

    `ready` is called once requests are answered; the end of `lifeline` is taken for a signal.
    """
    server = Worker(settings(application, config), ready=ready, lifeline=lifeline)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn raises what it caught again after an orderly stop
    sys.setswitchinterval(SWITCH)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def settings(application: Any, config: Config) -> uvicorn.Config:
    """How uvicorn runs an ASGI application here: limits first, no trust in forwarded headers, no name, no own log."""
    limits = config.limits
    wire = Limits(
        head=limits.header_bytes,
        headers=limits.headers,
        body=2 * limits.body_bytes,  # chunk framing included; the application counts the content itself
        head_seconds=limits.head_seconds,
        body_seconds=limits.body_seconds,
    )
    return uvicorn.Config(
        application,
        http=limited(wire),
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=config.server.drain,
    )


class Worker(uvicorn.Server):
    """A server that says when it answers, and that stops when its life line closes."""

    def __init__(
        self, config: uvicorn.Config, *, ready: Callable[[], object], lifeline: socket.socket | None = None
    ) -> None:
        super().__init__(config)
        self.ready = ready
        self.lifeline = lifeline

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, freeze what lives for ever out of the collector's sight, then say so."""
        await super().startup(sockets)
        if not self.started:
            return
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        if self.lifeline is not None:
            asyncio.get_running_loop().add_reader(self.lifeline, self._closed)
        self.ready()

    def _closed(self) -> None:
        asyncio.get_running_loop().remove_reader(self.lifeline)  # type: ignore[arg-type]  # it is there, or nothing read
        self.should_exit = True
