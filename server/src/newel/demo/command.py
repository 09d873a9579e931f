"""`newel demo`: seed, start, wait, tell, watch, stop."""

import asyncio
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from newel.config import ConfigError
from newel.crypto.key_file import KeyFileRefused
from newel.demo.applications import Application, NoApplication, names
from newel.demo.children import ChildDied, Children, Order, signals
from newel.demo.folder import Folder, NotOurs
from newel.demo.people import Credentials
from newel.demo.ports import NoPort, free_ports
from newel.demo.screen import as_json, as_text, ready
from newel.demo.server import NotMade, environment, fill, make
from newel.policy.message import PolicyRefused
from newel.storage.base import StorageError

PORT = 8400
PATIENCE = 30.0
"""Seconds until every child must answer."""
REFUSALS = (
    ChildDied,
    ConfigError,
    KeyFileRefused,
    NoApplication,
    NoPort,
    NotMade,
    NotOurs,
    PolicyRefused,
    StorageError,
    TimeoutError,
)


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--only", metavar="NAME", help="start this application only")
    parser.add_argument("--demos", type=Path, default=Path("demos"), metavar="DIR", help="where the applications are")
    parser.add_argument("--port", type=int, default=PORT, help="the first port; the next free ones where it is taken")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier demonstrations left")
    parser.add_argument("--json", action="store_true", help="print addresses and credentials as JSON")


def run(options: Namespace) -> int:
    """Run until a signal; 1 with the reason in words where it cannot, or where a child dies."""
    try:
        with signals() as woken:
            return _demonstrate(options, woken)
    except REFUSALS as refusal:
        sys.stderr.write(f"newel: {refusal}\n")
        return 1


def _demonstrate(options: Namespace, woken: socket.socket) -> int:
    found = names(options.demos, options.only)
    folder = Folder(Path(".demo").absolute())
    folder.prepare(fresh=options.fresh)
    port, *others = free_ports(options.port, 1 + len(found))
    issuer = f"http://localhost:{port}"
    applications = [
        Application(name=name, main=(options.demos / name / "main.py").absolute(), port=other)
        for name, other in zip(found, others, strict=True)
    ]
    make(folder, issuer)
    people = asyncio.run(fill(folder, issuer, port, applications))
    children = Children(orders(folder, issuer, port, applications), woken)
    try:
        if children.wait_ready(PATIENCE):
            _tell(options, folder, issuer, applications, people)
            children.watch()
    finally:
        children.stop()
    return 0


def orders(folder: Folder, issuer: str, port: int, applications: Sequence[Application]) -> list[Order]:
    """The children to start: the server, and each application."""
    serve = [sys.executable, "-m", "newel", "serve", "--config", str(folder.config)]
    started = [
        Order(name="server", command=serve, environment=environment(issuer, port), log=folder.log("server")),
    ]
    for each in applications:
        told = each.environment(folder.application(each.name), issuer)
        command = [sys.executable, str(each.main)]
        started.append(Order(name=each.name, command=command, environment=told, log=folder.log(each.name)))
        if each.policy.exists():
            watch = [sys.executable, "-m", "newel", "policy", "watch", str(each.policy), "--config", str(folder.config)]
            name = watcher(each)
            served = environment(issuer, port)
            started.append(Order(name=name, command=watch, environment=served, log=folder.log(name), heard=True))
    return started


def watcher(application: Application) -> str:
    """The name of the child that watches an application's policy."""
    return f"{application.name}-policy"


def _tell(
    options: Namespace,
    folder: Folder,
    issuer: str,
    applications: Sequence[Application],
    people: Sequence[Credentials],
) -> None:
    logs = {each.policy: folder.log(watcher(each)) for each in applications if each.policy.exists()}
    if options.json:
        words = as_json(issuer, applications, people)
    else:
        words = as_text(issuer, applications, people, policies=logs)
    sys.stdout.write(f"{words}\n{ready(issuer, applications)}\n")
    sys.stdout.flush()
