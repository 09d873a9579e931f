"""Logs as they lie on disk: Parquet, or the replay's own format, which holds the same in columns of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from newel.cli.policy.files import BAD_INPUT, opened
from newel.cli.policy.outputs import LOGS, PARQUET, written
from newel.cli.refusal import Refusal
from newel.policy.document import Document
from newel.policy.replay import pack
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.parquet_read import MAGIC, read_log
from newel.policy.replay.parquet_write import write_log


def read_log_file(path: Path, documents: Sequence[Document]) -> Log:
    """The log in a file, with all that these policies read. Refusal where it is none, saying where it is not."""
    try:
        with opened(path) as stream:
            return _read(path, stream, documents)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}", code=BAD_INPUT) from error
    except LogRefused as error:
        raise Refusal(f"{path}: {error}", code=BAD_INPUT) from error


def _read(path: Path, stream: IO[bytes], documents: Sequence[Document]) -> Log:
    begins = stream.read(len(MAGIC))
    stream.seek(0)
    return read_log(stream, documents) if begins == MAGIC or path.suffix == PARQUET.suffix else pack.load(stream)


def write_log_file(path: Path, log: Log) -> None:
    """Write a log, of the kind that the file's name says. Refusal where it cannot be written."""
    with written(path, *LOGS) as stream:
        if path.suffix == PARQUET.suffix:
            write_log(log, stream)
        else:
            pack.dump(log, stream)
