"""`newel audit verify` (S33)."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from newel.cli.arguments import loaded
from newel.cli.audit import WORDS, in_words
from newel.cli.opening import opened
from newel.services import audit_key
from newel.storage.base import Statement, Unit
from newel.storage.checkpoints import Checkpoints
from newel.storage.verify import Fault, Kind

Newel = Callable[..., Any]


def checkpoint(folder: Path) -> int:
    """Write a checkpoint as the server does; its time."""

    async def writing() -> int:
        async with opened(loaded(folder / "newel.toml").config) as everything:
            file = everything.config.storage.checkpoint_file
            await Checkpoints(file, audit_key(everything.vault)).write(everything.store, everything.now)
            return everything.now

    return asyncio.run(writing())


def with_sql_rights(folder: Path, sql: str) -> None:
    async def changing() -> None:
        async with opened(loaded(folder / "newel.toml").config) as everything:
            await everything.store.commit(Unit((Statement(sql, {}),)))

    asyncio.run(changing())


def test_an_untouched_log_is_whole(newel: Newel, folder: Path) -> None:
    newel("user", "add", "maria")
    done = newel("audit", "verify")
    assert done.code == 0
    assert "The records are whole." in done.out
    assert "There are no checkpoints" in done.out


def test_with_checkpoints_it_says_up_to_when_it_knows(newel: Newel, folder: Path) -> None:
    at = checkpoint(folder)
    report = newel("audit", "verify", "--json").json
    assert (report["good"], report["known_until"], report["checkpoints"]) == (True, at, 1)
    assert "Nothing is missing up to" in newel("audit", "verify").out


def test_an_edited_record_is_found(newel: Newel, folder: Path) -> None:
    newel("user", "add", "maria")
    with_sql_rights(folder, "UPDATE audit SET kind = 'nothing' WHERE kind = 'subject_added'")
    done = newel("audit", "verify")
    assert done.code == 4
    assert "was edited" in done.out


def test_a_chain_that_is_gone_is_found_against_checkpoints(newel: Newel, folder: Path, tmp_path: Path) -> None:
    newel("user", "add", "maria")
    checkpoint(folder)
    copy = (folder / "newel.checkpoints").rename(tmp_path / "elsewhere")
    with_sql_rights(folder, "DELETE FROM audit WHERE writer IN (SELECT writer FROM audit WHERE kind = 'subject_added')")
    done = newel("audit", "verify", "--checkpoints", str(copy), "--json")
    assert done.code == 4
    assert "missing" in {fault["kind"] for fault in done.json["faults"]}


def test_a_forged_checkpoint_is_found(newel: Newel, folder: Path) -> None:
    checkpoint(folder)
    file = folder / "newel.checkpoints"
    file.write_text(file.read_text(encoding="utf-8").replace('"at": 1', '"at": 2'), encoding="utf-8")
    done = newel("audit", "verify")
    assert done.code == 4
    assert "line 1 of the checkpoints" in done.out


def test_checkpoints_that_are_not_there_are_refused(newel: Newel, folder: Path, tmp_path: Path) -> None:
    assert newel("audit", "verify", "--checkpoints", str(tmp_path / "none")).code == 3
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert newel("audit", "verify", "--checkpoints", str(tmp_path / "binary")).code == 3


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_finding_has_words(kind: Kind) -> None:
    assert set(WORDS) == set(get_args(Kind))
    assert "3" in in_words(Fault(kind, 2, 3)) or kind == "missing"
