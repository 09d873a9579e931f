"""`newel policy activate --dry-run`: all of it is looked at, the exit code is the same, and nothing is changed."""

from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, damage, person, within
from server.tests.unit.cli.policy.stall import FAILING, PASSKEY, STRICTER, WEAKER, Change, snapshot, written

from newel.cli.opening import Open
from newel.storage.base import Query

Newel = Callable[..., Any]
DRY = ("--dry-run",)
WHO = ("--author", "ada", "--reason", "a quiet market")


def everything_in(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table: the audit log and the epoch among them."""

    async def reading(everything: Open) -> dict[str, list[tuple[object, ...]]]:
        store = everything.store
        names = await store.all(Query("SELECT name FROM sqlite_master WHERE type = 'table'", {}, itemgetter(0)))
        # ruff: ignore[hardcoded-sql-expression] - the names are those of its own tables
        queries = {name: Query(f"SELECT * FROM {name}", {}, tuple) for name in names}
        return {name: sorted(await store.all(query), key=repr) for name, query in queries.items()}

    return within(folder, reading)


@pytest.mark.parametrize(
    ("change", "code"), [(STRICTER, 0), (WEAKER, 1), (FAILING, 1), (PASSKEY, 1)], ids=["more", "weaker", "test", "lock"]
)
def test_it_ends_as_an_activation_would_and_changes_no_row(
    newel: Newel, folder: Path, tmp_path: Path, change: Change, code: int
) -> None:
    person(folder, "maria", "password")
    brought(folder)
    before = everything_in(folder)
    assert {"audit", "epoch", "activations", "snapshots"} <= {*before}
    file = written(tmp_path / "p.yaml", change)
    dry, told = newel("policy", "activate", file, *DRY), newel("policy", "activate", file, *DRY, "--json")
    assert everything_in(folder) == before
    done = newel("policy", "activate", file, *WHO)
    assert dry.code == told.code == done.code == code
    assert (everything_in(folder) == before) == (code == 1)
    assert (told.json["dry_run"], told.json["changed"], told.json["holds"]) == (True, False, code == 0)
    assert "nothing was changed" in dry.out
    if not code:
        version = snapshot(change).version
        assert dry.out.endswith(f"nothing was changed: stall {version[:12]} would come into force as activation 2.\n")
        assert told.json["activation"] == 2


def test_what_is_accepted_counts_and_is_not_kept(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    before = everything_in(folder)
    file = written(tmp_path / "p.yaml", WEAKER)
    (finding,) = newel("policy", "activate", file, *DRY, "--json").json["findings"]
    done = newel("policy", "activate", file, *DRY, "--accept", f"{finding['id']}=the hall is small")
    assert done.code == 0
    assert "  accepted: the hall is small\n" in done.out
    assert everything_in(folder) == before


def test_a_damaged_row_of_what_is_in_force_stays_damaged(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    file = written(tmp_path / "p.yaml")
    damage(folder, "UPDATE snapshots SET body = x'00'")
    before = everything_in(folder)
    assert "is damaged and would be mended." in newel("policy", "activate", file, *DRY).out
    told = newel("policy", "activate", file, *DRY, "--json")
    assert (told.code, told.json["changed"]) == (0, False)
    assert everything_in(folder) == before


def test_a_rollback_can_be_tried_too(newel: Newel, folder: Path) -> None:
    brought(folder)
    brought(folder, WEAKER)
    before = everything_in(folder)
    done = newel("policy", "rollback", *DRY)
    assert (done.code, "Before it" in done.out) == (0, False)
    assert everything_in(folder) == before


@pytest.mark.parametrize("arguments", [("--reason", ""), ("--reason", "x", "--author", "a\nb"), ("--accept", "a1")])
def test_bad_arguments_are_bad_input_in_a_dry_run_too(
    newel: Newel, folder: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert newel("policy", "activate", written(tmp_path / "p.yaml"), *DRY, *arguments).code == 2
