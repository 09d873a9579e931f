"""What a command cannot do, and the exit codes."""

REFUSED = 1
USAGE = 2
UNCONFIGURED = 3
TAMPERED = 4


class Refusal(Exception):
    """The command cannot do what was asked; the message says why and what to do. `code` is the exit code."""

    def __init__(self, message: str, *, code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code
