"""`newel policy rollback VERSION --reason …`: bring an older snapshot into force again, as a change like any other."""

from argparse import ArgumentParser, Namespace
from itertools import starmap

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.admit import Wanted, add_admission, admit
from newel.cli.policy.files import HOLDS
from newel.cli.policy.versions import kept_snapshot
from newel.cli.refusal import Refusal
from newel.domain.snapshot import KeptSnapshot
from newel.flows.policies import SnapshotDamaged, last_activation, rebuilt
from newel.policy.message import PolicyRefused, Source
from newel.storage.sql.snapshots import activations


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("version", nargs="?", help="the first digits of its version; the one before by default")
    add_admission(parser)
    add_config(parser)
    add_json(parser)


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
    before = await last_activation(everything.store)
    code = await admit(everything, Wanted(made, sources), options)
    if (
        code == HOLDS
        and not options.json
        and not options.dry_run
        and before is not None
        and before.version != made.version
    ):
        print(
            f"Before it {before.version[:12]} was in force. A rollback without a version goes back to that;"
            " to another: newel policy rollback VERSION (newel policy list names them)."
        )
    return code


async def _found(everything: Open, version: str | None) -> KeptSnapshot:
    store = everything.store
    if version is None:
        last = await store.all(activations(2))
        if len(last) < 2:  # ruff: ignore[magic-value-comparison] - the one in force, and one before it
            raise Refusal("no policy was in force before this one")
        version = last[1].version
    return await kept_snapshot(store, version)
