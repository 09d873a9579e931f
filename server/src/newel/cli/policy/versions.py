"""Kept snapshots, found by the first digits of their versions."""

from newel.cli.refusal import USAGE, Refusal
from newel.domain.snapshot import KeptSnapshot
from newel.storage.base import Store
from newel.storage.sql.snapshots import DamagedSnapshot, snapshot, snapshot_body, versions_like

HEX = frozenset("0123456789abcdef")
WHOLE = 64


async def kept_snapshot(store: Store, version: str) -> KeptSnapshot:
    """The one snapshot whose version begins so. Refusal where there is none, where there are several, or it is damaged."""
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
