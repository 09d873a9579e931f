"""A pytest plugin: says at the end which test vectors were read from where, and which were not and why.

It watches which files are opened, in every process of the run, so that the summary cannot differ from what happened.
Tests whose file or folder is named after the browser are kept in one process, because two browsers on two cores slow each other down.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
OUTSIDE = Path(os.environ["NEWEL_VECTORS"]) if os.environ.get("NEWEL_VECTORS") else None
COPIES = (ROOT / "tests" / "vectors", ROOT / "sdk" / "tests" / "vectors", ROOT / "server" / "tests" / "vectors")
READ_ONLY = {"webauthn": "the W3C Document License lets them be read, not copied into the project; add VECTORS=DIR"}
"""Sets that are never in the project, and why."""

_opened: set[str] = set()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str) and "vectors" in arguments[0]:
        _opened.add(arguments[0])


sys.addaudithook(_watch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep browser tests together."""
    for item in items:
        if any("browser" in part for part in item.path.relative_to(ROOT).parts):
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker process read to the process that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["vectors"] = sorted(_opened)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker process read."""
    _opened.update(getattr(node, "workeroutput", {}).get("vectors", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the summary."""
    terminalreporter.section("test vectors")
    for line in summary({Path(path).absolute() for path in _opened}):
        terminalreporter.write_line(line)


def summary(opened: set[Path]) -> list[str]:
    """A line for each set: how many of its files were read, from where; or why none was."""
    lines = []
    for name in sorted({part.name for place in places() for part in place.iterdir() if part.is_dir()} | set(READ_ONLY)):
        read = {place: sum(place / name in file.parents for file in opened) for place in places()}
        told = [f"{count} files from {shown(place / name)}" for place, count in read.items() if count]
        reason = READ_ONLY.get(name) if OUTSIDE is None else None
        lines.append(f"{name}: {', '.join(told) or f'left out: {reason or NOT_YET}'}")
    if OUTSIDE is None:
        lines.append("VECTORS is not set: only vectors whose licence allows a copy were run")
    return lines


NOT_YET = "no test of this run reads them"


def places() -> list[Path]:
    """The folders of vectors that exist."""
    return [place for place in (*COPIES, *([OUTSIDE] if OUTSIDE else [])) if place.is_dir()]


def shown(place: Path) -> str:
    """A path inside the project from its root; any other as it is."""
    return str(place.relative_to(ROOT)) if place.is_relative_to(ROOT) else str(place)
