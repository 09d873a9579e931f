"""Policies in force: which snapshot decides, how a worker learns of another one, and how one is activated."""

from asyncio import to_thread
from collections.abc import Iterable, Mapping
from itertools import starmap

import msgspec

from newel.domain.audit import Entry
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.domain.value import dataclass
from newel.policy.canonical import version_of
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.shipped import closed
from newel.services import Services
from newel.storage.base import Refused, Store, Unit
from newel.storage.sql.epoch import epoch
from newel.storage.sql.snapshots import activate as activate_statements
from newel.storage.sql.snapshots import activated, activations, keep_snapshot, snapshot

LOOKED_BACK = 20
"""Activations that a start goes back for one that can be read."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A snapshot that can decide; `unreadable` are the versions of later activations that cannot be read."""

    snapshot: Snapshot
    unreadable: tuple[str, ...] = ()


class SnapshotDamaged(ValueError):
    """A kept snapshot whose text is not the one that its name was made of."""


def rebuilt(kept: KeptSnapshot) -> Snapshot:
    """A kept snapshot as one that decides. PolicyRefused where this version of the server cannot read it; SnapshotDamaged.

    It is read from its files as they were written, so that lines can be named, where they still mean the same.
    """
    if version_of(kept.canonical) != kept.version:
        raise SnapshotDamaged(f"the text of {kept.version} was changed")
    made = _as_written(kept) or Snapshot(
        read_document([Source.of(f"snapshot {kept.version[:12]}", kept.canonical)]), version=kept.version
    )
    made.compile_all()
    return made


def _as_written(kept: KeptSnapshot) -> Snapshot | None:
    try:
        made = Snapshot(read_document(list(starmap(Source.of, kept.sources.items()))))
    except ValueError:
        return None
    return made if made.version == kept.version else None


async def in_force(store: Store) -> InForce | None:
    """The last activated snapshot that can be read; None where none was ever activated."""
    unreadable: list[str] = []
    for version in await store.all(activated(LOOKED_BACK)):
        found = await _readable(store, version)
        if found is not None:
            return InForce(found, tuple(unreadable))
        unreadable.append(version)
    return None


async def _readable(store: Store, version: str) -> Snapshot | None:
    try:
        kept = await store.one(snapshot(version))
        return None if kept is None else await to_thread(rebuilt, kept)
    except (ValueError, msgspec.MsgspecError):
        return None


class PolicyWatch:
    """What brings another policy into force in one worker: it looks at the epoch, reads beside the loop, and assigns."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen = -1

    async def look(self) -> None:
        """Take over the policy in force where the epoch moved. What cannot be read is logged, and the old one stays."""
        found = await self._services.store.one(epoch())
        if found is None or found.policy == self._seen:
            return
        taken = await in_force(self._services.store)
        if taken is not None:
            self._take(taken)
        else:
            await self._nothing_readable()
        self._seen = found.policy

    async def _nothing_readable(self) -> None:
        """Go on with what decides; a start has nothing yet, and denies everything rather than ask less than was said."""
        active, lost = self._services.active, await self._services.store.all(activated(LOOKED_BACK))
        active.unreadable = tuple(lost)
        if lost and self._seen < 0:
            active.policy = closed()
            self._services.log.error("no policy can be read: everything is denied")

    def _take(self, taken: InForce) -> None:
        active, log = self._services.active, self._services.log
        active.unreadable = taken.unreadable
        for version in taken.unreadable:
            log.error("policy cannot be read", extra={"policy": version})
        if taken.snapshot.version != active.policy.version:
            active.policy = taken.snapshot
            log.info("policy in force", extra={"policy": taken.snapshot.version})


async def last_activation(store: Store) -> Activation | None:
    """The activation that is in force."""
    return next(iter(await store.all(activations(1))), None)


def kept(
    made: Snapshot, sources: Iterable[Source], *, author: str, now: int, checks: Mapping[str, object]
) -> KeptSnapshot:
    """A snapshot as it is kept."""
    return KeptSnapshot(
        version=made.version,
        name=made.document.name,
        canonical=made.text,
        sources={source.name: source.text for source in sources},
        author=author,
        kept_at=now,
        checks=checks,
    )


async def activate(store: Store, keeping: KeptSnapshot, activation: Activation) -> bool:
    """Keep a snapshot and bring it into force. False where another activation came first, and nothing was changed."""
    body = {
        "version": activation.version,
        "number": activation.number,
        "reason": activation.reason,
        "accepted": dict(activation.accepted),
    }
    entry = Entry(kind="policy.activated", at=activation.at, body=body, personal={"author": activation.author})
    unit = Unit((keep_snapshot(keeping), *activate_statements(activation)), audit=entry)
    return not isinstance(await store.commit(unit), Refused)


async def bring(store: Store, made: Snapshot, sources: Iterable[Source], *, author: str, reason: str, now: int) -> bool:
    """Bring a snapshot into force without comparing it with anything: for a demonstration, and for tests.

    False where it is in force already.
    """
    last = await last_activation(store)
    if last is not None and last.version == made.version:
        return False
    activation = Activation(
        number=last.number + 1 if last else 1, version=made.version, author=author, reason=reason, at=now
    )
    return await activate(store, kept(made, sources, author=author, now=now, checks={}), activation)
