"""`newel policy watch POLICY`: while somebody works on it, bring it into force whenever it changes and its tests pass.

Nothing is proved and nothing is compared, so this is for a demonstration and for development only.
"""

import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from threading import Event

from newel.cli.arguments import add_config
from newel.cli.opening import Open, run_open
from newel.cli.policy.files import BAD_INPUT, HOLDS, STANDARD_INPUT, add_policy, sources_of
from newel.cli.refusal import Refusal
from newel.flows.policies import bring
from newel.policy.engine import Snapshot
from newel.policy.message import PolicyRefused
from newel.policy.read.document import read_document
from newel.policy.testing import run_tests

LOOKS = 0.3
"""Seconds between two looks at the file."""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_config(parser)


def run(options: Namespace) -> int:
    """Watch until a signal comes; what is wrong with the file is said, and the policy in force stays."""
    if options.policy == STANDARD_INPUT:
        raise Refusal("standard input cannot be watched; give a file or a folder", code=BAD_INPUT)
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())  # a change that is on its way goes on
    seen = ""
    print("ready", flush=True)
    while not ended.wait(LOOKS if seen else 0):
        look = _look(options.policy)
        if look != seen:
            seen = look
            _take(options)
    return HOLDS


def _look(path: Path) -> str:
    """What tells one state of the files from another."""
    try:
        return "\n".join(f"{source.name}\n{source.text}" for source in sources_of(path))
    except Refusal as refusal:
        return str(refusal)


def _take(options: Namespace) -> None:
    try:
        sources = sources_of(options.policy)
        made = Snapshot(read_document(sources))
        made.compile_all()
    except (Refusal, PolicyRefused) as refused:
        print(f"{refused}\nthe policy in force stays", file=sys.stderr, flush=True)
        return
    failed = [result.name for result in run_tests(made.document) if not result.passed]
    if failed:
        print(f"its tests fail: {', '.join(failed)}; the policy in force stays", file=sys.stderr, flush=True)
        return

    async def change(everything: Open) -> int:
        if await bring(everything.store, made, sources, author="watch", reason="the file changed", now=everything.now):
            print(f"{made.document.name} {made.version[:12]} is in force", flush=True)
        return HOLDS

    try:
        run_open(options.config, change)
    except Refusal as refusal:
        print(f"{refusal}; the policy in force stays", file=sys.stderr, flush=True)
