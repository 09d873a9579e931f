"""`newel policy rollback VERSION --reason …`: bring an older snapshot into force again, as a change like any other."""

from argparse import ArgumentParser, Namespace
from itertools import starmap

from newel.cli.arguments import add_config
from newel.cli.opening import Open, run_open
from newel.cli.policy.admit import Wanted, add_admission, admit
from newel.cli.refusal import USAGE, Refusal
from newel.domain.snapshot import KeptSnapshot
from newel.flows.policies import SnapshotDamaged, rebuilt
from newel.policy.message import PolicyRefused, Source
from newel.storage.sql.snapshots import DamagedSnapshot, activations, snapshot, snapshot_body, versions_like

HEX = frozenset("0123456789abcdef")
WHOLE = 64


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("version", nargs="?", help="the first digits of its version; the one before by default")
    add_admission(parser)
    add_config(parser)
    parser.set_defaults(json=False)


def run(options: Namespace) -> int:
    """Bring the snapshot into force."""
    return run_open(options.config, lambda everything: rollback(everything, options))


async def rollback(everything: Open, options: Namespace) -> int:
    """Find the snapshot, compare it with the one in force like any candidate, and activate it."""
    kept = await _found(everything, options.version)
    try:
        made = rebuilt(kept)
    except (PolicyRefused, SnapshotDamaged) as refused:
        raise Refusal(f"this version of newel cannot read {kept.version[:12]}:\n{refused}") from refused
    sources = tuple(starmap(Source.of, kept.sources.items()))
    return await admit(everything, Wanted(made, sources), options)


async def _found(everything: Open, version: str | None) -> KeptSnapshot:
    store = everything.store
    if version is None:
        last = await store.all(activations(2))
        if len(last) < 2:  # ruff: ignore[magic-value-comparison] - the one in force, and one before it
            raise Refusal("no policy was in force before this one")
        version = last[1].version
    if not version or len(version) > WHOLE or not set(version) <= HEX:
        raise Refusal(f"{version!r} is not the beginning of a version", code=USAGE)
    is_one = await store.one(snapshot_body(version)) is not None
    found = [version] if is_one else await store.all(versions_like(version, 2))
    if not found:
        raise Refusal(f"no snapshot's version begins with {version}. See: newel policy list", code=USAGE)
    if len(found) > 1:
        raise Refusal(f"several versions begin with {version}; give more digits", code=USAGE)
    try:
        kept = await store.one(snapshot(found[0]))
    except DamagedSnapshot as damaged:
        raise Refusal(f"{damaged}\nactivate its file, which mends it: newel policy activate POLICY") from damaged
    if kept is None:
        raise Refusal(f"there is no snapshot {found[0]}", code=USAGE)
    return kept
