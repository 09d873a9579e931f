"""The folder that a demonstration keeps its state in: everything in it is its owner's alone, and may be thrown away."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

OWNER_FILE, OWNER_FOLDER = 0o600, 0o700
MARK = "made-by-newel-demo"


class NotOurs(Exception):
    """A folder of that name is there and was not made by the demonstration."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`.demo/`: one folder for the server, one for each application, logs."""

    path: Path

    @property
    def server(self) -> Path:
        """The server's folder, as `newel init` makes it."""
        return self.path / "server"

    @property
    def config(self) -> Path:
        """The server's configuration."""
        return self.server / "newel.toml"

    def application(self, name: str) -> Path:
        """The folder of one application."""
        return self.path / name

    def log(self, name: str) -> Path:
        """The log of one child."""
        return self.path / f"{name}.log"

    def prepare(self, *, fresh: bool) -> None:
        """Make the folder, or with `fresh` make it anew. NotOurs: it is not deleted, nor used."""
        mark = self.path / MARK
        if self.path.exists() and not mark.exists():
            raise NotOurs(
                f"{self.path} is there and is not a demonstration's. Move it away, or start in another folder"
            )
        if fresh:
            shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(mode=OWNER_FOLDER, exist_ok=True)
        mark.touch(mode=OWNER_FILE)

    def secret(self, name: str, file: str, size: int) -> str:
        """The secret in a file of an application's folder, in hexadecimal; drawn with `size` random bytes at first."""
        self.application(name).mkdir(mode=OWNER_FOLDER, exist_ok=True)
        path = self.application(name) / file
        if not path.exists():
            fresh = path.with_name(f"{file}.new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "w") as opened:
                opened.write(os.urandom(size).hex())
            fresh.replace(path)
        return path.read_text("ascii")
