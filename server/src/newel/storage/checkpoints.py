"""Checkpoints: signed lines outside the database that say where each chain stood (S33).

One JSON object a line: `at` (Unix seconds), `heads` ([writer, count, mac in hexadecimal] of each chain that moved since
this process wrote its last line; all recent ones in its first), and `mac`, HMAC-SHA256 over the line without it under
a key that is derived from the chain's. A line is written only after what it says is durable.
"""

import asyncio
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from newel.domain.value import dataclass
from newel.storage.audit import Head, recent_heads
from newel.storage.base import Store, Unit

FIRST = '{"at": '
"""What every line begins with."""
SIGNED = ', "mac": "'
_PURPOSE = b"newel/audit/checkpoint/1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one line says."""

    at: int
    heads: tuple[Head, ...]


def checkpoint_key(audit_key: bytes) -> bytes:
    """The key that signs checkpoints, derived from the key of the chains."""
    return hmac.digest(audit_key, _PURPOSE, "sha256")


def write_line(key: bytes, at: int, heads: Iterable[Head]) -> str:
    """A signed line; `key` is the checkpoint key."""
    said = {"at": at, "heads": [[each.writer, each.count, each.mac.hex()] for each in heads]}
    return json.dumps(said | {"mac": _mac(key, said)}, sort_keys=True)


def read_line(key: bytes, line: str) -> Checkpoint | None:
    """What a line says; None where it was not signed with `key` or is no line at all."""
    try:
        said = json.loads(line)
        mac = said.pop("mac")
        if not hmac.compare_digest(mac, _mac(key, said)):
            return None
        return Checkpoint(
            said["at"], tuple(Head(writer, count, bytes.fromhex(mac)) for writer, count, mac in said["heads"])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def torn(key: bytes, line: str) -> bool:
    """Whether a line is the beginning of one that a power failure cut: it says nothing, as one that never was written.

    Where all that it says is there, the cut signature must be the beginning of the true one.
    """
    if line == "" or not FIRST.startswith(line[: len(FIRST)]):
        return False
    said, signed, _ = line.partition(SIGNED)
    if not signed:
        return not line.endswith("}")
    try:
        whole = json.loads(said + "}")
    except ValueError:
        return False
    signature = json.dumps(whole | {"mac": _mac(key, whole)}, sort_keys=True)
    return len(line) < len(signature) and hmac.compare_digest(signature[: len(line)].encode(), line.encode())


class Checkpoints:
    """Writes the lines of one process to a file. `audit_key` is the key of the chains."""

    def __init__(self, path: Path, audit_key: bytes) -> None:
        self._path = path
        self._key = checkpoint_key(audit_key)
        self._said: frozenset[Head] = frozenset()

    async def write(self, store: Store, now: int) -> None:
        """Write a line: at least every minute, and at stop. OSError if the file cannot be written or synced."""
        heads = await store.all(recent_heads())
        # a power failure must not leave a checkpoint ahead of the chain it speaks of
        await store.commit(Unit())
        moved = [head for head in heads if head not in self._said]
        await asyncio.to_thread(_append, self._path, write_line(self._key, now, moved) + "\n")
        self._said = frozenset(heads)


def read_file(path: Path) -> Sequence[str]:
    """The lines of a checkpoint file; none where there is no file."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else ()


def _append(path: Path, line: str) -> None:
    """One write of one line, so that processes may share the file; behind a line that a power failure cut, a new one."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(file).st_size
        whole = size == 0 or os.pread(file, 1, size - 1) == b"\n"
        os.write(file, (line if whole else "\n" + line).encode())
        os.fsync(file)
    finally:
        os.close(file)


def _mac(key: bytes, said: object) -> str:
    return hmac.digest(key, json.dumps(said, sort_keys=True).encode(), "sha256").hex()
