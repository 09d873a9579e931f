"""What a command cannot do, and the exit codes."""

import sys

REFUSED = 1
USAGE = 2
UNCONFIGURED = 3
TAMPERED = 4


class Refusal(Exception):
    """The command cannot do what was asked; the message says why and what to do. `code` is the exit code.

    `told` says that standard output holds it as JSON already.
    """

    def __init__(self, message: str, *, code: int = REFUSED, told: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.told = told


def installing(extra: str) -> str:
    """The command that installs an extra where this one runs."""
    return f'{sys.executable} -m pip install "newel[{extra}]"'
