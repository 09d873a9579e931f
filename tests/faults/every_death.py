"""Kill one flow at every write and sync, one after the other, and examine what is left.

    python tests/faults/every_death.py MODE FOLDER [STRIDE]

MODE is one of disk.Mode, or `unsynced`: a machine that dies under a store whose syncs do nothing, which must be found
out. Prints one JSON object: how many events the flow has, how many deaths were examined, how often each step had been
answered, and what was wrong. Each victim is a fork of this process, which itself never opens a database.
"""

import ast
import asyncio
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import story
from disk import Mode, install

MOST = 3_000


def forked(work: Callable[[Callable[[str], None]], None]) -> tuple[list[str], bool]:
    """Run `work` in a fork; the lines it said, and whether it came to its end."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        saying = os.fdopen(write, "w")
        status = 1
        try:
            work(lambda line: print(line, file=saying, flush=True))
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as lines:
        said = lines.read().splitlines()
    _, status = os.waitpid(child, 0)
    if status not in {0, 9}:
        raise RuntimeError(f"a child ended with {status} after {said}")
    return said, status == 0


def known_states(path: Path) -> dict[str, Any]:
    """What the database holds after each step, in the order of the steps."""

    async def collect() -> list[tuple[str, Any]]:
        return [each async for each in story.snapshots(str(path))]

    said, _ = forked(lambda say: say(repr(asyncio.run(collect()))))
    return dict(ast.literal_eval(said[0]))


def one_death(mode: str, number: int, path: Path, known: dict[str, Any]) -> tuple[list[str], bool, str | None]:
    """Let the flow die at event `number`: the steps answered, whether it survived, what is wrong afterwards."""

    def victim(say: Callable[[str], None]) -> None:
        sync = os.fdatasync
        installed = install("power" if mode == "unsynced" else cast("Mode", mode), number)
        if mode == "unsynced":
            os.fdatasync = sync
        asyncio.run(story.walk(str(path), say))
        del installed

    answered, survived = forked(victim)
    said, _ = forked(lambda say: say(str(asyncio.run(story.examine(str(path), known, answered)) or "")))
    return answered, survived, said[0] or None


def main(mode: str, folder: Path, stride: int) -> None:
    """Every `stride`-th death in one mode."""
    fresh = folder / "fresh.db"
    forked(lambda _: asyncio.run(story.seed(str(fresh))))
    shutil.copy(fresh, folder / "known.db")
    known = known_states(folder / "known.db")
    answered_counts: Counter[str] = Counter()
    wrong = []
    deaths = 0
    for number in range(1, MOST, stride):
        path = folder / f"{number}.db"
        shutil.copy(fresh, path)
        answered, survived, fault = one_death(mode, number, path, known)
        answered_counts.update(answered)
        deaths += not survived
        if fault is not None:
            wrong.append({"event": number, "fault": fault})
        if survived:
            break
        for left in folder.glob(f"{number}.db*"):
            left.unlink()
    print(
        json.dumps({"mode": mode, "events": number - 1, "deaths": deaths, "answered": answered_counts, "wrong": wrong})
    )


if __name__ == "__main__":
    chosen, work_in, *rest = sys.argv[1:]
    main(chosen, Path(work_in), int(rest[0]) if rest else 1)
