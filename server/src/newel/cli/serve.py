"""`newel serve`: one listening socket, one or many workers.

A single worker runs in this process. With more, this process binds the socket and keeps the workers, which inherit it.
"""

import asyncio
import os
import socket
import sys
from argparse import ArgumentParser, Namespace

from newel.cli import load
from newel.cli.arguments import add_config, config_file, loaded
from newel.cli.listener import adopt, bind
from newel.cli.refusal import UNCONFIGURED, Refusal
from newel.cli.supervisor import Supervisor
from newel.config.check import warnings
from newel.config.tree import Config
from newel.observe.log import start_logging


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_config(parser)
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: server.workers)")
    parser.add_argument(
        "--fd", type=int, metavar="FD", help="an inherited listening socket instead of server.host and port"
    )


def run(options: Namespace) -> int:
    """Serve until SIGTERM or SIGINT, then let requests under way finish."""
    config = loaded(options.config).config
    workers = config.server.workers if options.workers is None else options.workers
    if not 1 <= workers <= MOST_WORKERS:
        raise Refusal(f"--workers takes 1 to {MOST_WORKERS}", code=UNCONFIGURED)
    start_logging(style=config.log.style, level=config.log.level)
    for warning in warnings(config):
        print(warning, file=sys.stderr)
    with adopt(options.fd) if options.fd is not None else bind(config.server.host, config.server.port) as listener:
        ready = readiness(config, listener, workers)
        if workers == 1:
            return int(load("worker").serve(config, listener, ready=lambda: print(ready, flush=True)))
        command = [sys.executable, "-m", "newel", "worker", "--config", str(config_file(options.config))]
        return asyncio.run(Supervisor(command, listener, workers=workers, drain=config.server.drain).run(ready))


MOST_WORKERS = 64


def readiness(config: Config, listener: socket.socket, workers: int) -> str:
    """The line printed to standard output once every worker answers."""
    host, port, *_ = listener.getsockname()
    many = "1 worker" if workers == 1 else f"{workers} workers"
    return f"ready {config.issuer} on {host}:{port}, {many}, process {os.getpid()}"
