"""Verifying the audit: every row of every chain, and every head that a start or a checkpoint has named (S33).

What it can find: a row that was edited or moved (its mac), one that was removed (the sequence), the end of a chain
that was cut off or a chain that vanished (the heads named elsewhere), a chain that was written anew (the same heads),
a forged checkpoint. What it cannot: rows cut off behind the last head that was named; `known_until` says up to when
it knows.
"""

from collections.abc import Iterable
from dataclasses import field
from typing import Literal

from newel.domain.value import dataclass
from newel.storage import audit
from newel.storage.base import Store
from newel.storage.checkpoints import Checkpoint, checkpoint_key, read_line, torn
from newel.storage.history import history

Kind = Literal["edited", "removed", "truncated", "missing", "rewritten", "forged_checkpoint"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: a chain and the first row concerned, or for a checkpoint its line, from 1."""

    kind: Kind
    writer: int
    seq: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified.

    `forgotten` rows gave up their personal part. `known_until` (Unix seconds) is the time of the last checkpoint with
    which all is well up to there; None without one.
    """

    rows: int
    writers: int
    forgotten: int
    faults: tuple[Fault, ...]
    known_until: int | None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(slots=True)
class _Walked:
    """What the walk through the rows found."""

    rows: int = 0
    forgotten: int = 0
    last: dict[int, audit.Head] = field(default_factory=dict)
    named: dict[audit.Head, None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


async def verify(store: Store, audit_key: bytes, checkpoint_lines: Iterable[str]) -> Report:
    """Verify all chains in `store` against `audit_key` and the lines of the checkpoint file."""
    walked = await _walk(store, audit_key)
    checkpoints = []
    for number, line in enumerate(checkpoint_lines, 1):
        checkpoint = read_line(checkpoint_key(audit_key), line)
        if checkpoint is None and torn(checkpoint_key(audit_key), line):
            continue
        if checkpoint is None:
            walked.faults.append(Fault("forged_checkpoint", 0, number))
        else:
            checkpoints.append(checkpoint)
            walked.named.update(dict.fromkeys(checkpoint.heads))
    for head in walked.named:
        await _compare(store, head, walked)
    return Report(
        rows=walked.rows,
        writers=len(walked.last),
        forgotten=walked.forgotten,
        faults=tuple(dict.fromkeys(walked.faults)),
        known_until=_known_until(checkpoints, walked.faults),
    )


async def _walk(store: Store, key: bytes) -> _Walked:
    walked = _Walked()
    async for row in history(store):
        before = walked.last.get(row.writer, audit.Head(row.writer))
        if row.seq > before.count + 1:
            walked.faults.append(Fault("removed", row.writer, before.count + 1))
        elif row.mac != row.expected_mac(key, before.mac) or not row.untouched():
            walked.faults.append(Fault("edited", row.writer, row.seq))
        elif row.seq == 1 and row.kind == audit.STARTED:
            walked.named.update(dict.fromkeys(audit.started_heads(row)))
        walked.rows += 1
        walked.forgotten += row.personal is None and row.commitment != b""
        walked.last[row.writer] = audit.Head(row.writer, row.seq, row.mac)
    return walked


async def _compare(store: Store, head: audit.Head, walked: _Walked) -> None:
    last = walked.last.get(head.writer)
    if last is None:
        walked.faults.append(Fault("missing", head.writer, 1))
    elif last.count < head.count:
        walked.faults.append(Fault("truncated", head.writer, last.count + 1))
    else:
        row = await store.one(audit.rows(head.writer, head.count - 1, 1))
        if row is None or row.seq != head.count:
            walked.faults.append(Fault("removed", head.writer, head.count))
        elif row.mac != head.mac:
            walked.faults.append(Fault("rewritten", head.writer, head.count))


def _known_until(checkpoints: Iterable[Checkpoint], faults: Iterable[Fault]) -> int | None:
    first_bad: dict[int, int] = {}
    for fault in faults:
        if fault.kind != "forged_checkpoint":
            first_bad[fault.writer] = min(fault.seq, first_bad.get(fault.writer, fault.seq))
    known = None
    for checkpoint in sorted(checkpoints, key=lambda each: each.at):
        if any(head.count >= first_bad.get(head.writer, head.count + 1) for head in checkpoint.heads):
            break
        known = checkpoint.at
    return known
