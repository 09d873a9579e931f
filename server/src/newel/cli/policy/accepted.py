"""Findings accepted by id with a reason: `--accept ID=REASON`, or a file of such lines."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from newel.cli.policy.files import BAD_INPUT, opened
from newel.cli.refusal import Refusal

MOST_REASON = 500


def add_accept(parser: ArgumentParser) -> None:
    """Declare what is accepted."""
    parser.add_argument(
        "--accept", action="append", default=[], metavar="ID=REASON", help="accept a finding by its id, saying why"
    )
    parser.add_argument("--accepted", type=Path, metavar="FILE", help="a file of ID=REASON lines; # begins a comment")


def accepted(options: Namespace) -> dict[str, str]:
    """The accepted ids with their reasons. Refusal for one without a reason."""
    return dict(map(_parsed, [*_lines(options.accepted), *options.accept]))


def tell_unmatched(allowed: Iterable[str], found: Container[str]) -> None:
    """Say on standard error which accepted ids name nothing that was found."""
    for name in allowed:
        if name not in found:
            print(f"note: no finding is {name}; nothing was accepted by it", file=sys.stderr)


def _lines(file: Path | None) -> Iterable[str]:
    if file is None:
        return ()
    try:
        with opened(file) as stream:
            return tuple(_said(stream.read().decode().splitlines()))
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}", code=BAD_INPUT) from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{file} is not UTF-8: byte {error.start} is wrong", code=BAD_INPUT) from error


def _said(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        said = line.strip()
        if said and not said.startswith("#"):
            yield said


def _parsed(line: str) -> tuple[str, str]:
    name, _, reason = line.partition("=")
    if not name.strip() or not 0 < len(reason.strip()) <= MOST_REASON:
        raise Refusal(f"{line!r} accepts nothing: write ID=REASON", code=BAD_INPUT)
    return name.strip(), reason.strip()
