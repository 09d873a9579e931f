"""`newel serve`: one listening socket, one or many workers.

A single worker runs in this process. With more, this process binds the socket and keeps the workers, which inherit it.
"""

import asyncio
import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace

from newel.cli import load
from newel.cli.arguments import add_config, config_file, loaded
from newel.cli.listener import adopt, bind
from newel.cli.refusal import USAGE, Refusal
from newel.cli.supervisor import Supervisor
from newel.config.check import faults, warnings
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
    config = configured(options)
    for warning in warnings(config):
        print(warning, file=sys.stderr)
    with adopt(options.fd) if options.fd is not None else bind(config.server.host, config.server.port) as listener:
        start_logging(style=config.log.style, level=config.log.level)
        ready, workers = readiness(config, listener), config.server.workers
        if workers == 1:
            return int(load("worker").serve(config, listener, ready=lambda: print(ready, flush=True)))
        command = [sys.executable, "-m", "newel", "worker", "--config", str(config_file(options.config))]
        return asyncio.run(Supervisor(command, listener, workers=workers, drain=config.server.drain).run(ready))


def configured(options: Namespace) -> Config:
    """The configuration with what the command line says instead. Refusal where that is out of bounds."""
    config = loaded(options.config).config
    if options.workers is None:
        return config
    said = replace(config, server=replace(config.server, workers=options.workers))
    if found := faults(said):
        raise Refusal(f"--workers {options.workers}: {found[0]}", code=USAGE)
    return said


def readiness(config: Config, listener: socket.socket) -> str:
    """The line printed to standard output once every worker answers."""
    host, port, *_ = listener.getsockname()
    many = "1 worker" if config.server.workers == 1 else f"{config.server.workers} workers"
    return f"ready {config.issuer} on {host}:{port}, {many}, process {os.getpid()}"
