"""How a command says that it was not understood."""

import sys
from argparse import ArgumentParser
from typing import NoReturn

from newel.cli.refusal import USAGE, Refusal


class Parser(ArgumentParser):
    """A parser whose faults are refusals like all others, so that `--json` prints them for programs too."""

    def error(self, message: str) -> NoReturn:
        """Say how the command is used. Refusal with what was wrong."""
        self.print_usage(sys.stderr)
        raise Refusal(f"{message}. See: {self.prog} --help", code=USAGE)
