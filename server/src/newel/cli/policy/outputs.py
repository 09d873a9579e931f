"""Files that commands write, of kinds that a name's end tells. Nothing of another kind is ever written over.

What they hold is about people: only their owner can read them. A file is there as a whole or not at all.
"""

import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newel.cli.policy.files import BAD_INPUT
from newel.cli.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: what its name ends with, and what it begins with."""

    suffix: str
    begins: bytes


ARRAYS = Kind(".npz", b"PK\x03\x04")
PARQUET = Kind(".parquet", b"PAR1")
PAGE = Kind(".html", b"<!doctype html>")
LOGS = (ARRAYS, PARQUET)


def check_output(path: Path, kinds: Sequence[Kind]) -> None:
    """Refusal where a file of these kinds cannot be written there, or would replace what is none."""
    kind = next((each for each in kinds if each.suffix == path.suffix), None)
    if kind is None:
        raise Refusal(f"{path} does not end with {' or '.join(each.suffix for each in kinds)}", code=BAD_INPUT)
    try:
        if path.exists() and not path.is_file():
            raise Refusal(f"{path} is no regular file; nothing was written", code=BAD_INPUT)
        if path.exists() and not _is_of(path, kind):
            raise Refusal(f"{path} is there and is no {kind.suffix} file; it is not written over", code=BAD_INPUT)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}", code=BAD_INPUT) from error


@contextmanager
def written(path: Path, *kinds: Kind) -> Generator[IO[bytes]]:
    """A file to write; it takes its place once all of it is written. Refusal where that cannot be done."""
    check_output(path, kinds)
    try:
        place = path.resolve()
        number, fresh = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}", code=BAD_INPUT) from error
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream
        Path(fresh).replace(place)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}", code=BAD_INPUT) from error
    finally:
        Path(fresh).unlink(missing_ok=True)


def _is_of(path: Path, kind: Kind) -> bool:
    """Whether a file is empty or begins as its kind does."""
    with path.open("rb") as stream:
        read = stream.read(len(kind.begins))
    return not read or read == kind.begins
