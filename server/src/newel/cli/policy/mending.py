"""A kept snapshot that was damaged, written anew from the same policy: its hash says that it is the same."""

from newel.cli.opening import Open
from newel.cli.refusal import Refusal
from newel.domain.snapshot import KeptSnapshot
from newel.policy.canonical import version_of
from newel.storage.base import Refused, Unit
from newel.storage.sql.snapshots import DamagedSnapshot, mend_snapshot, snapshot, snapshot_body


async def mended(everything: Open, keeping: KeptSnapshot, *, reason: str) -> bool:
    """Whether the row of a snapshot was damaged, and is whole now. It is recorded under `reason`."""
    store, version = everything.store, keeping.version
    damaged = await store.one(snapshot_body(version))
    if damaged is None or await _whole(everything, version):
        return False
    entry = everything.entry("policy.mended", version=version, reason=reason, personal={"author": keeping.author})
    if isinstance(await store.commit(Unit(mend_snapshot(keeping, damaged), audit=entry)), Refused):
        raise Refusal("the snapshot was changed meanwhile, and nothing was changed here; run the command again")
    return True


async def is_damaged(everything: Open, version: str) -> bool:
    """Whether the row of a snapshot is there and damaged; nothing is changed."""
    return await everything.store.one(snapshot_body(version)) is not None and not await _whole(everything, version)


async def _whole(everything: Open, version: str) -> bool:
    """Whether a snapshot's text has the hash that it is named by."""
    try:
        kept = await everything.store.one(snapshot(version))
    except DamagedSnapshot:
        return False
    return kept is not None and version_of(kept.canonical) == version
