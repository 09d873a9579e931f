"""The two sides of a comparison: files, or policies that are kept in the database, and the people who are to comply.

What names a file is one; else `active` is the policy in force, and hexadecimal digits are the first of a version.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newel.cli.arguments import config_file
from newel.cli.opening import Open, run_open
from newel.cli.policy.directory import people_of
from newel.cli.policy.files import BAD_INPUT, STANDARD_INPUT, read_at
from newel.cli.policy.versions import HEX, WHOLE, kept_snapshot
from newel.cli.refusal import Refusal
from newel.flows.policies import SnapshotDamaged, in_force, last_activation, rebuilt
from newel.policy.document import Document
from newel.policy.engine import Snapshot
from newel.policy.message import PolicyRefused
from newel.policy.prove.alike import Person
from newel.policy.shipped import shipped
from newel.storage.base import Store

ACTIVE = "active"
SHORT = 12
NAMES = ("old", "new")


@dataclass(frozen=True, slots=True)
class Side:
    """A policy, and whence it comes; `version` is that of a kept one."""

    document: Document
    given: str
    version: str = ""

    @property
    def said(self) -> str:
        """A kept policy in words."""
        return f"{self.document.name} {self.version[:SHORT]}{', in force' * (self.given == ACTIVE)}"

    def as_json(self) -> Mapping[str, str | None]:
        """It for a machine."""
        return {"name": self.document.name, "given": self.given, "version": self.version or None}


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, and the people of the database where they were asked for."""

    old: Side
    new: Side
    people: Sequence[Person] = ()


def add_sides(parser: ArgumentParser) -> None:
    """Declare both sides."""
    what = (
        "a file, a folder of files, - for standard input, active for the policy in force, or a version's first digits"
    )
    parser.add_argument("old", metavar="OLD", help=f"the policy as it was: {what}")
    parser.add_argument("new", metavar="NEW", help="the policy as it would be, likewise")


def read_sides(options: Namespace) -> Sides:
    """Both sides; the database is opened only where it is needed. Refusal where one cannot be read."""
    given = {name: str(getattr(options, name)) for name in NAMES}
    found = {name: Side(read_at(Path(text), options).document, text) for name, text in given.items() if not kept(text)}
    people: list[Person] = []

    async def collect(everything: Open) -> int:
        for name, text in given.items():
            if name not in found:
                found[name] = await _kept_side(everything.store, text)
        if options.directory:
            people.extend(await people_of(everything.store, found["new"].document))
        return 0

    if options.directory or len(found) < len(NAMES):
        _configured(given, options)
        run_open(options.config, collect)
    return Sides(found["old"], found["new"], people)


def kept(text: str) -> bool:
    """Whether a side is looked for in the database: it names no file, and could be a version."""
    named = text == ACTIVE or (0 < len(text) <= WHOLE and set(text) <= HEX)
    if named and Path(text).exists():
        print(f"note: {text} is the file of that name; no version was looked for", file=sys.stderr)
    return named and not Path(text).exists() and Path(text) != STANDARD_INPUT


def _configured(given: Mapping[str, str], options: Namespace) -> None:
    file = config_file(options.config)
    for text in given.values():
        if kept(text) and not file.exists():
            why = f"there is no file {text}, and no configuration {file} to look for a policy of that version"
            raise Refusal(why, code=BAD_INPUT)


async def _kept_side(store: Store, text: str) -> Side:
    made = await (_active(store) if text == ACTIVE else _version(store, text))
    return Side(made.document, text, made.version)


async def _active(store: Store) -> Snapshot:
    """What decides: the last one that can be read; before anything was activated the shipped one."""
    found, last = await in_force(store), await last_activation(store)
    if found is None:
        if last is not None:
            raise Refusal(f"the policy in force, {last.version[:SHORT]}, cannot be read")
        return shipped()
    for version in found.unreadable:
        print(f"note: {version[:SHORT]} cannot be read, so one before it decides", file=sys.stderr)
    return found.snapshot


async def _version(store: Store, text: str) -> Snapshot:
    found = await kept_snapshot(store, text)
    try:
        return rebuilt(found)
    except (PolicyRefused, SnapshotDamaged) as refused:
        raise Refusal(f"this version of newel cannot read {found.version[:SHORT]}:\n{refused}") from refused
