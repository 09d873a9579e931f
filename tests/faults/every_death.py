"""Kill one story at every write and sync, one after the other, and examine what is left.

    python -m tests.faults.every_death STORY MODE FOLDER [STRIDE]

STORY is one of STORIES. MODE is one of disk.Mode, or `unsynced`: a machine that dies under a store whose syncs do
nothing, which must be found out. Prints one JSON object: the last event that was a death, how many deaths were
examined, the steps, how often each had been answered, and what was wrong. Victims and examinations are forks of this
process, which has walked the story once: nothing is open in it any more, and everything is imported.
"""

import ast
import asyncio
import gc
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from tests.faults import server_story, store_story
from tests.faults.course import Course, Fault
from tests.faults.disk import Mode, install

Say = Callable[[str, Any], None]
"""Hears of each step that was answered, and what whoever asked knows from the answers."""
Told = list[tuple[str, Any]]


class Story(Protocol):
    """What can be killed and examined; a module each. Everything stands in one folder, the database in `newel.db`."""

    def prepare(self, folder: Path) -> None:
        """Make the folder in which the story begins."""

    async def walk(self, folder: Path, say: Say) -> None:
        """Walk through the story from its beginning to its end."""

    async def examine(self, folder: Path, course: Course, told: Told) -> None:
        """Fault where what was told does not hold after a death, or where one cannot go on from there."""


Dies = Mode | Literal["unsynced"]
STORIES: dict[str, Story] = {"store": store_story, "server": server_story}


def forked(work: Callable[[Callable[[object], None]], None]) -> tuple[list[Any], bool]:
    """Run `work` in a fork; what it said, and whether it came to its end."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        saying = os.fdopen(write, "w")
        status = 1
        try:
            work(lambda value: print(repr(value), file=saying, flush=True))
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as lines:
        said = [ast.literal_eval(line) for line in lines]
    _, status = os.waitpid(child, 0)
    if status not in {0, 9}:
        raise RuntimeError(f"a child ended with {status} after {said}")
    return said, status == 0


def undisturbed(story: Story, folder: Path) -> Course:
    """The course of a story that nobody kills, examined at its end as after a death."""
    course, told = Course(), []

    def say(step: str, knows: Any) -> None:
        course.told(step)
        told.append((step, knows))

    with course.recorded(folder / "newel.db"):
        asyncio.run(story.walk(folder, say))
    asyncio.run(story.examine(folder, course, told))
    return course


def one_death(
    story: Story, mode: Dies, number: int, folder: Path, course: Course
) -> tuple[list[str], bool, str | None]:
    """Let the story die at event `number`: the steps answered, whether it survived, what is wrong afterwards."""

    def victim(say: Callable[[object], None]) -> None:
        sync = os.fdatasync
        installed = install("power" if mode == "unsynced" else mode, number)
        if mode == "unsynced":
            os.fdatasync = sync
        asyncio.run(story.walk(folder, lambda *told: say(told)))
        del installed

    def examination(say: Callable[[object], None]) -> None:
        # this disk keeps everything and waits for nothing, so that an examination is quick
        installed = install("kill", 0)
        try:
            asyncio.run(story.examine(folder, course, told))
        except Fault as fault:
            say(str(fault))
        del installed

    told, survived = forked(victim)
    faults, _ = forked(examination)
    return [step for step, _ in told], survived, faults[0] if faults else None


def main(story: Story, mode: Dies, folder: Path, stride: int) -> None:
    """Every `stride`-th death in one mode."""
    fresh = folder / "fresh"
    fresh.mkdir()
    story.prepare(fresh)
    course = undisturbed(story, shutil.copytree(fresh, folder / "undisturbed"))
    gc.freeze()
    answered_counts: Counter[str] = Counter()
    wrong = []
    deaths = 0
    for number in count(1, stride):
        left = shutil.copytree(fresh, folder / "left")
        answered, survived, fault = one_death(story, mode, number, left, course)
        shutil.rmtree(left)
        answered_counts.update(answered)
        deaths += not survived
        if fault is not None:
            wrong.append({"event": number, "fault": fault})
        if survived:
            break
    found = {"events": number - 1, "deaths": deaths, "steps": list(course.told_at), "answered": answered_counts}
    print(json.dumps({"mode": mode, **found, "wrong": wrong}))


if __name__ == "__main__":
    chosen, dies, work_in, *rest = sys.argv[1:]
    main(STORIES[chosen], cast("Dies", dies), Path(work_in), int(rest[0]) if rest else 1)
