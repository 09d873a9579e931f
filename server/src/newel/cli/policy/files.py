"""Policies as they lie on disk: one file, or a folder of them; `-` is standard input."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from newel.cli.printing import count, print_json
from newel.cli.refusal import USAGE, Refusal
from newel.policy.message import PolicyRefused, Source
from newel.policy.read.document import ReadPolicy, read_policy
from newel.policy.source import MOST_BYTES

SUFFIXES = (".yaml", ".yml", ".json")
HOLDS, FINDING, BAD_INPUT = 0, 1, 2
STANDARD_INPUT = Path("-")
DESCRIPTORS = frozenset({Path("/dev/fd"), Path("/proc/self/fd")})
"""Where a shell puts what another command prints: `<(git show HEAD:policy.yaml)`."""


class Faulty(Refusal):
    """A policy that cannot be read; with `--json` its messages are printed for programs."""

    def __init__(self, refused: PolicyRefused, *, as_json: bool) -> None:
        faults = count(len(refused.messages), "fault")
        super().__init__(faults if as_json else f"{refused}\n{faults}", code=BAD_INPUT, told=as_json)


def add_policy(
    parser: ArgumentParser,
    name: str = "policy",
    what: str = "the policy: a file, a folder of files, or - for standard input",
) -> None:
    """Declare a positional policy."""
    parser.add_argument(name, type=Path, metavar=name.upper(), help=what)


def sources_of(path: Path) -> tuple[Source, ...]:
    """The texts of a policy. Refusal where they cannot be read."""
    try:
        return tuple(_source(file, path) for file in _files(path))
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}", code=USAGE) from error


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES and each.is_file())
    if not found:
        raise Refusal(f"{path} holds no {', '.join(SUFFIXES)} file", code=USAGE)
    yield from found


def _source(file: Path, path: Path) -> Source:
    with opened(file) as stream:
        read = stream.read(MOST_BYTES + 1)
    if len(read) > MOST_BYTES:
        raise Refusal(f"{file} has {_size(file, read)} bytes; a policy has at most {MOST_BYTES}", code=USAGE)
    try:
        return Source.of(str(file if path.is_dir() else path), read.decode())
    except UnicodeDecodeError as error:
        raise Refusal(f"{file} is not UTF-8: byte {error.start} is wrong", code=USAGE) from error


def _size(file: Path, read: bytes) -> str:
    return str(max(file.stat().st_size, len(read))) if file.is_file() else f"more than {MOST_BYTES}"


@contextmanager
def opened(file: Path) -> Generator[IO[bytes]]:
    """A file to read; `-`, or a descriptor of this process, is read as it comes. Refusal for a pipe that may never speak."""
    if file == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    if not file.is_dir() and file.exists() and not file.is_file() and file.parent not in DESCRIPTORS:
        raise Refusal(f"{file} is no regular file; standard input is written -", code=USAGE)
    with file.open("rb") as stream:
        yield stream


def read_at(path: Path, options: Namespace) -> ReadPolicy:
    """The policy at a path. Faulty with every message where it has faults."""
    return read_sources(sources_of(path), options)


def read_sources(sources: Sequence[Source], options: Namespace) -> ReadPolicy:
    """The policy that these texts make. Faulty with every message where it has faults."""
    try:
        return read_policy(sources)
    except PolicyRefused as refused:
        if options.json:
            print_json({"holds": False, "messages": [message.as_json() for message in refused.messages]})
        raise Faulty(refused, as_json=options.json) from refused
