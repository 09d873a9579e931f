"""A disk that fails on purpose: an SQLite VFS that counts writes and syncs and dies at one of them.

Modes:
- `kill`: the process dies by SIGKILL; what it has written stays with the kernel.
- `power`: the machine dies; what was written and not synced is gone.
- `torn`: the machine dies; every second unsynced write reached the disk, in no order, and half of what was appended.

`install` makes it the default VFS and puts it behind `os.write`, `os.fsync` and `os.fdatasync`, so any program that
opens SQLite or appends to a file in this process stands on it.
"""

import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import apsw

Mode = Literal["kill", "power", "torn"]
NAME = "faults"


class Disk:
    """What all open files share: the count of events, and in the modes without power what is not yet synced."""

    def __init__(self, mode: Mode, die_at: int) -> None:
        self.mode = mode
        self.keeps = mode == "kill"
        self.events = 0
        self._die_at = die_at
        self._write = os.write
        self._lock = threading.RLock()
        self._unsynced: dict[str, list[tuple[int, bytes]]] = {}
        self._files: dict[str, int] = {}

    def event(self) -> None:
        """Count a write or a sync that is about to happen, and die if it is the one."""
        with self._lock:
            self.events += 1
            if self.events == self._die_at:
                if self.mode == "torn":
                    for path, writes in self._unsynced.items():
                        self._put(path, writes[::-2])
                os.kill(os.getpid(), signal.SIGKILL)

    def write(self, path: str, data: bytes, offset: int) -> None:
        """Hold a write back until its file is synced."""
        with self._lock:
            self._unsynced.setdefault(path, []).append((offset, data))

    def sync(self, path: str) -> None:
        """Make what was written to a file durable."""
        self.event()
        with self._lock:
            self._put(path, self._unsynced.pop(path, []))

    def fdatasync(self, file: int) -> None:
        """Stand in for `os.fdatasync` and `os.fsync`."""
        self.sync(str(Path(f"/proc/self/fd/{file}").readlink()))

    def append(self, file: int, data: bytes) -> int:
        """Stand in for `os.write` where a file is written, at its end. Torn, its first half reaches the disk."""
        path = str(Path(f"/proc/self/fd/{file}").readlink())
        if not path.startswith("/"):
            return self._write(file, data)
        self.event()
        if self.keeps:
            return self._write(file, data)
        with self._lock:
            end, half = self.size(path, os.fstat(file).st_size), len(data) // 2
            self.write(path, data[half:], end + half)
            self.write(path, data[:half], end)
        return len(data)

    def read(self, path: str, on_disk: bytes, amount: int, offset: int) -> bytes:
        """What a read sees: the disk's bytes under the unsynced writes."""
        with self._lock:
            seen = bytearray(on_disk.ljust(amount, b"\0"))
            length = len(on_disk)
            for at, data in self._unsynced.get(path, ()):
                begin, end = max(at, offset), min(at + len(data), offset + amount)
                if begin < end:
                    seen[begin - offset : end - offset] = data[begin - at : end - at]
                    length = max(length, end - offset)
            return bytes(seen[:length])

    def size(self, path: str, on_disk: int) -> int:
        """The size of a file with its unsynced writes."""
        with self._lock:
            return max([on_disk, *(at + len(data) for at, data in self._unsynced.get(path, ()))])

    def truncate(self, path: str, size: int) -> None:
        """Forget unsynced writes beyond `size`."""
        with self._lock:
            writes = self._unsynced.pop(path, [])
            self._unsynced[path] = [(at, data[: size - at]) for at, data in writes if at < size]

    def delete(self, path: str) -> None:
        """Forget a file."""
        with self._lock:
            self._unsynced.pop(path, None)
            self._files.pop(path, None)

    def _put(self, path: str, writes: Sequence[tuple[int, bytes]]) -> None:
        if writes and path not in self._files:
            # never closed: closing a descriptor would drop SQLite's locks on the file
            self._files[path] = os.open(path, os.O_RDWR)
        for offset, data in writes:
            os.pwrite(self._files[path], data, offset)


class FaultyFile(apsw.VFSFile):
    """A file on the disk."""

    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.event()
        if self._disk.keeps or not self._path:
            super().xWrite(data, offset)
        else:
            self._disk.write(self._path, bytes(data), offset)

    def xSync(self, _flags: int) -> None:
        self._disk.sync(self._path)

    def xRead(self, amount: int, offset: int) -> bytes:
        return self._disk.read(self._path, super().xRead(amount, offset), amount, offset)

    def xFileSize(self) -> int:
        return self._disk.size(self._path, super().xFileSize())

    def xTruncate(self, newsize: int) -> None:
        self._disk.event()
        self._disk.truncate(self._path, newsize)
        super().xTruncate(newsize)


class FaultyVfs(apsw.VFS):
    """The VFS of the disk; all that is not about one file's content is the operating system's."""

    def __init__(self, disk: Disk) -> None:
        super().__init__(NAME, "unix", makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> FaultyFile:
        return FaultyFile(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.event()
        self._disk.delete(filename)
        super().xDelete(filename, syncdir)


def install(mode: Mode, die_at: int) -> tuple[Disk, FaultyVfs]:
    """Put this process on a disk that dies at event `die_at` (0: never). Keep what is returned."""
    disk = Disk(mode, die_at)
    os.write = disk.append  # type: ignore[assignment]  # nothing writes from a buffer
    os.fdatasync = os.fsync = disk.fdatasync  # type: ignore[assignment]  # the engine passes a number
    return disk, FaultyVfs(disk)
