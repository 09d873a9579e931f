"""Logs as they lie on disk: Parquet, or the replay's own format, which holds the same in columns of its own."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from newel.cli.policy.files import BAD_INPUT
from newel.cli.refusal import Refusal
from newel.policy.document import Document
from newel.policy.replay import pack
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.parquet_read import MAGIC, read_log
from newel.policy.replay.parquet_write import write_log

PARQUET = ".parquet"


def read_log_file(path: Path, documents: Sequence[Document]) -> Log:
    """The log in a file, with all that these policies read. Refusal where it is none, saying where it is not."""
    try:
        with path.open("rb") as stream:
            return _read(path, stream, documents)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}", code=BAD_INPUT) from error
    except LogRefused as error:
        raise Refusal(f"{path}: {error}", code=BAD_INPUT) from error


def _read(path: Path, stream: IO[bytes], documents: Sequence[Document]) -> Log:
    begins = stream.read(len(MAGIC))
    stream.seek(0)
    return read_log(stream, documents) if begins == MAGIC or path.suffix == PARQUET else pack.load(stream)


def write_log_file(path: Path, log: Log) -> None:
    """Write a log: as Parquet where the file's name says so. Refusal where it cannot be written."""
    with written(path) as stream:
        if path.suffix == PARQUET:
            write_log(log, stream)
        else:
            pack.dump(log, stream)


@contextmanager
def written(path: Path) -> Generator[IO[bytes]]:
    """A file to write. Refusal where that cannot be done."""
    try:
        with path.open("wb") as stream:
            yield stream
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}", code=BAD_INPUT) from error
