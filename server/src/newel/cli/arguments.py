"""Arguments that several commands share, and the configuration they lead to."""

import os
from argparse import ArgumentParser
from pathlib import Path

from newel.cli.refusal import UNCONFIGURED, Refusal
from newel.config import ConfigError, Loaded, load


def add_config(parser: ArgumentParser) -> None:
    """Declare `--config FILE`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (default: $NEWEL_CONFIG, else newel.toml in this folder)",
    )


def add_json(parser: ArgumentParser) -> None:
    """Declare `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def config_file(given: Path | None) -> Path:
    """The configuration file that is meant, absolute."""
    return (given or Path(os.environ.get("NEWEL_CONFIG") or "newel.toml")).absolute()


def loaded(given: Path | None) -> Loaded:
    """The configuration that is meant. Refusal with every fault."""
    file = config_file(given)
    try:
        return load(file, os.environ)
    except ConfigError as error:
        faults = "".join(f"\n  - {fault}" for fault in error.faults)
        raise Refusal(f"{file} cannot be used:{faults}", code=UNCONFIGURED) from error
