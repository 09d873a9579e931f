"""What commands open, and what they say when they cannot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newel.cli.opening import refusals
from newel.cli.refusal import Refusal
from newel.storage.base import StorageFailed

Newel = Callable[..., Any]


def test_a_missing_database_is_not_made_by_accident(newel: Newel, folder: Path) -> None:
    (folder / "newel.db").unlink()
    done = newel("user", "list")
    assert done.code == 3
    assert "newel init" in done.err
    assert not (folder / "newel.db").exists()


def test_a_missing_master_key_is_to_be_restored(newel: Newel, folder: Path) -> None:
    (folder / "newel.key").unlink()
    done = newel("user", "list")
    assert done.code == 3
    assert "restore it from your backup" in done.err


def test_s34_a_master_key_that_others_can_read_stops_the_command(newel: Newel, folder: Path) -> None:
    (folder / "newel.key").chmod(0o644)
    done = newel("user", "list")
    assert done.code == 3
    assert "0600" in done.err


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_a_file_that_is_no_database_is_refused(newel: Newel, folder: Path, content: bytes) -> None:
    (folder / "newel.db").write_bytes(content)
    done = newel("user", "list")
    assert done.code == 3
    assert "is not a database" in done.err


def test_a_failing_disk_says_that_nothing_was_changed() -> None:
    with pytest.raises(Refusal, match="nothing was changed: disk full"), refusals():
        raise StorageFailed("disk full")


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refusal, match="/x: Permission denied"), refusals():
        raise PermissionError(13, "Permission denied", "/x")
