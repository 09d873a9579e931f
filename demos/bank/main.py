"""Acme Bank as a process: settings from the environment, one line on standard output once it answers."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn
from bank.application import Settings, build
from bank.database import connect


class Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, origin: str) -> None:
        super().__init__(config)
        self.origin = origin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then say so."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"ready {self.origin}\n")
            sys.stdout.flush()


def main(environment: Mapping[str, str]) -> int:
    """Run until a signal; 2 where a setting is missing."""
    try:
        port = int(environment["BANK_PORT"])
        settings = Settings(
            origin=f"http://localhost:{port}",
            issuer=environment["NEWEL_ISSUER"],
            client_id=environment["BANK_CLIENT_ID"],
            client_secret=Path(environment["BANK_CLIENT_SECRET_FILE"]).read_text("ascii").strip(),
            key=bytes.fromhex(Path(environment["BANK_KEY_FILE"]).read_text("ascii")),
        )
        database = connect(Path(environment["BANK_DATABASE"]))
    except (KeyError, ValueError, OSError) as fault:
        sys.stderr.write(f"bank: a setting is missing or wrong: {fault}. `newel demo` sets them all.\n")
        return 2
    config = uvicorn.Config(
        build(settings, database), host="127.0.0.1", port=port, log_level="warning", server_header=False, ws="none"
    )
    Server(config, settings.origin).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
