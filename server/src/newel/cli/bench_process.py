"""What processes cost, read from /proc (Linux, proc(5)); elsewhere nothing is known and None is said."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PARENT, USER, SYSTEM = 1, 11, 12
"""Places in /proc/PID/stat behind the name in parentheses."""
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
"""File systems on which nothing survives the machine, whatever is synced."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What some processes have used so far: CPU seconds of all, resident megabytes of the largest, how many they are."""

    cpu: float
    rss_mb: float
    processes: int


def cost(root: int) -> Cost | None:
    """The cost of a process and everything below it; None where there is no /proc or no such process."""
    stats = {pid: stat for pid in _pids() if (stat := _stat(pid))}
    if root not in stats:
        return None
    mine = {root}
    while more := {pid for pid, stat in stats.items() if int(stat[PARENT]) in mine and pid not in mine}:
        mine |= more
    ticks = sum(int(stats[pid][USER]) + int(stats[pid][SYSTEM]) for pid in mine)
    return Cost(ticks / os.sysconf("SC_CLK_TCK"), max(map(resident_mb, mine)), len(mine))


def resident_mb(pid: int) -> float:
    """The resident memory of a process in megabytes (10^6 bytes), 0 where it is not known."""
    try:
        lines = (PROC / str(pid) / "status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0
    kib = next((line.split()[1] for line in lines if line.startswith("VmRSS:")), "0")
    return int(kib) * 1024 / 1e6


def file_system(folder: Path) -> str | None:
    """The kind of file system that holds `folder`; None where it cannot be told."""
    try:
        mounts = [line.split()[1:3] for line in (PROC / "mounts").read_text().splitlines()]
    except OSError:
        return None
    resolved = folder.resolve()
    holding = [(place, kind) for place, kind in mounts if resolved.is_relative_to(place)]
    return max(holding, key=lambda each: len(each[0]), default=("", None))[1]


def in_memory(kind: str) -> bool:
    """Whether a file system of this kind forgets all when the machine stops."""
    return kind in IN_MEMORY


def _pids() -> list[int]:
    try:
        return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
