"""A worker: one process that answers requests on a socket it was given (not called by hand).

It ends on SIGTERM or SIGINT, letting requests under way finish, and when its life line closes.
"""

import socket
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable

from newel import app
from newel.cli.answering import answer
from newel.cli.arguments import add_config, loaded
from newel.cli.listener import adopt
from newel.cli.opening import master_keys, refusals
from newel.config.tree import Config
from newel.observe.log import start_logging


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_config(parser)
    parser.add_argument("--fd", type=int, required=True, help=SUPPRESS)
    parser.add_argument("--lifeline", type=int, required=True, help=SUPPRESS)


def run(options: Namespace) -> int:
    """Serve on the inherited socket, as a supervisor's child."""
    config = loaded(options.config).config
    start_logging(style=config.log.style, level=config.log.level)
    with adopt(options.fd) as listener, socket.socket(fileno=options.lifeline) as lifeline:
        lifeline.setblocking(False)
        return serve(config, listener, ready=lambda: lifeline.send(b"r"), lifeline=lifeline)


def serve(
    config: Config, listener: socket.socket, *, ready: Callable[[], object], lifeline: socket.socket | None = None
) -> int:
    """Build the application and answer requests with it. Refusal in words where its files are not all there."""
    with refusals():
        master_keys(config)
        return answer(app.build(config), config, listener, ready=ready, lifeline=lifeline)
