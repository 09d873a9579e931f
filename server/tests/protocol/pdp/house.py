"""A server that decides by the policy beside this file. Run as a process of its own."""

import os
import sys
from pathlib import Path

from newel.app import build
from newel.cli.answering import answer
from newel.cli.listener import adopt
from newel.config.read import load
from newel.observe.log import start_logging
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document


def policy() -> Snapshot:
    """The policy beside this file."""
    text = (Path(__file__).parent / "policy.yaml").read_text(encoding="utf-8")
    return Snapshot(read_document([Source.of("policy.yaml", text)]))


def told() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main(config_file: str, descriptor: str) -> int:
    config = load(Path(config_file), dict(os.environ)).config
    start_logging(style=config.log.style, level=config.log.level)
    with adopt(int(descriptor)) as listener:
        return answer(build(config, policy=policy()), config, listener, ready=told)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
