"""Damaged rows of policies: what is known of them is said, and the same policy mends its snapshot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, damage, within
from server.tests.unit.cli.policy.stall import STRICTER, WEAKER, written

from newel.cli.opening import Open
from newel.cli.policy import mending
from newel.flows.policies import in_force
from newel.storage.base import Statement, Unit
from newel.storage.sql.epoch import epoch
from newel.storage.sql.snapshots import snapshot, snapshot_body

Newel = Callable[..., Any]
WHO = ("--author", "ada", "--reason", "the disk was bad")


def deciding(folder: Path) -> str | None:
    """The version that a start would decide by."""

    async def looking(everything: Open) -> str | None:
        found = await in_force(everything.store)
        return None if found is None else found.snapshot.version

    return within(folder, looking)


def epoch_of(folder: Path) -> Any:
    async def looking(everything: Open) -> Any:
        found = await everything.store.one(epoch())
        return None if found is None else found.policy

    return within(folder, looking)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE snapshots SET body = x'00' WHERE version = :version",
        "UPDATE snapshots SET body = x'' WHERE version = :version",
        """UPDATE snapshots SET body = (SELECT body FROM snapshots WHERE version <> :version)
            WHERE version = :version""",
    ],
)
def test_activating_the_same_version_mends_its_damaged_row(
    newel: Newel, folder: Path, tmp_path: Path, sql: str
) -> None:
    other, version = brought(folder, STRICTER), brought(folder)
    damage(folder, sql, version=version)
    assert deciding(folder) == other
    before = epoch_of(folder)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    short = version[:12]
    assert (done.code, done.out) == (
        0,
        f"the row of snapshot {short} was damaged; it is mended.\n{short} is in force already, since activation 2.\n",
    )
    assert (deciding(folder), epoch_of(folder)) == (version, before + 1)
    told = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO, "--json").json
    assert (told["changed"], told["activation"]) == (False, 2)
    assert epoch_of(folder) == before + 1
    assert newel("audit", "verify").code == 0


def test_a_text_that_was_changed_is_mended_too(newel: Newel, folder: Path, tmp_path: Path) -> None:
    version = brought(folder)

    async def change(everything: Open) -> None:
        body = await everything.store.one(snapshot_body(version))
        assert body is not None
        other = body.replace(b"5000", b"9000")
        assert other != body
        sql = Statement("UPDATE snapshots SET body = :body", {"body": other})
        await everything.store.commit(Unit((sql,)))

    within(folder, change)
    assert deciding(folder) is None
    told = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO, "--json").json
    assert (told["holds"], told["changed"], told["activation"]) == (True, True, 1)
    assert deciding(folder) == version


def test_an_older_version_that_was_damaged_is_mended_when_it_comes_into_force(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    version = brought(folder)
    brought(folder, WEAKER)
    damage(folder, "UPDATE snapshots SET body = x'00' WHERE version = :version", version=version)
    done = newel("policy", "rollback", *WHO)
    assert done.code == 1
    assert done.err == (
        f"newel: the row of snapshot {version} is damaged: Expected `object`, got `int`\n"
        "activate its file, which mends it: newel policy activate POLICY\n"
    )
    assert newel("policy", "rollback", version[:8], *WHO).code == 1
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert (done.code, deciding(folder)) == (0, version)
    kept = within(folder, lambda everything: everything.store.one(snapshot(version)))
    assert kept is not None
    assert kept.author == "ada"


def test_a_damaged_activation_does_not_stop_the_next_one(newel: Newel, folder: Path, tmp_path: Path) -> None:
    version = brought(folder)
    damage(folder, "UPDATE activations SET body = x'00'")
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    words = "the row of activation 1 is damaged: who brought it into force is lost\n"
    assert (done.code, done.err) == (0, words)
    assert done.out == f"{version[:12]} is in force already, since activation 1.\n"
    done = newel("policy", "activate", written(tmp_path / "q.yaml", STRICTER), *WHO)
    assert (done.code, done.err) == (0, words)
    assert (
        newel("policy", "rollback", *WHO, "--accept", "x=y").err
        == "note: no finding is x; nothing was accepted by it\n"
    )
    assert [each["number"] for each in newel("policy", "list", "--json").json] == [2, 1]


def test_a_row_that_changes_meanwhile_is_left_alone(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(folder)
    damage(folder, "UPDATE snapshots SET body = x'00'")

    async def whole(everything: Open, version: str) -> bool:
        sql = Statement("UPDATE snapshots SET body = x'01'", {})
        await everything.store.commit(Unit((sql,)))
        return False

    monkeypatch.setattr(mending, "_whole", whole)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert (done.code, deciding(folder)) == (1, None)
    assert (
        done.err == "newel: the snapshot was changed meanwhile, and nothing was changed here; run the command again\n"
    )
