"""`newel policy rollback`: an older snapshot comes into force again like any other change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, within
from server.tests.unit.cli.policy.stall import STRICTER, WEAKER

from newel.cli.opening import Open
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.policy.canonical import version_of
from newel.storage.base import Unit
from newel.storage.sql.snapshots import activate, keep_snapshot

Newel = Callable[..., Any]
WHY = ("--author", "ada", "--reason", "it was better before")


def in_force(newel: Newel) -> str:
    return str(newel("policy", "list", "--json").json[0]["version"])


def keeping(folder: Path, *versions: str) -> None:
    """Keep snapshots that nothing can be read of."""
    kept = [
        KeptSnapshot(version=each, name="x", canonical="{}", sources={}, author="eve", kept_at=1) for each in versions
    ]

    async def keep(everything: Open) -> None:
        await everything.store.commit(Unit(tuple(map(keep_snapshot, kept))))

    within(folder, keep)


def test_the_one_before_comes_back_by_default_and_back_again(newel: Newel, folder: Path) -> None:
    stricter, plain = brought(folder, STRICTER), brought(folder)
    done = newel("policy", "rollback", *WHY)
    assert done.code == 0
    assert f"stall {stricter[:12]} is in force: activation 3.\n" in done.out
    assert in_force(newel) == stricter
    assert newel("policy", "rollback", *WHY).code == 1
    assert in_force(newel) == stricter != plain
    assert newel("audit", "verify").code == 0


def test_a_weaker_one_is_refused_until_it_is_accepted(newel: Newel, folder: Path) -> None:
    weaker, plain = brought(folder, WEAKER), brought(folder)
    done = newel("policy", "rollback", *WHY)
    assert done.code == 1
    assert "weaker [" in done.out
    assert in_force(newel) == plain
    id_ = done.out.partition("weaker [")[2].partition("]")[0]
    assert newel("policy", "rollback", *WHY, "--accept", f"{id_}=for the fair").code == 0
    newest = newel("policy", "list", "--json").json[0]
    assert (newest["version"], newest["accepted"], newest["author"]) == (weaker, {id_: "for the fair"}, "ada")


def test_a_version_is_named_by_its_first_digits(newel: Newel, folder: Path) -> None:
    oldest, _ = brought(folder, STRICTER), brought(folder, WEAKER)
    brought(folder)
    assert newel("policy", "rollback", oldest[:10], *WHY).code == 0
    assert in_force(newel) == oldest
    done = newel("policy", "rollback", oldest, *WHY)
    assert (done.code, done.out) == (0, f"{oldest[:12]} is in force already, since activation 4.\n")


def test_first_digits_of_several_versions_name_none(newel: Newel, folder: Path) -> None:
    keeping(folder, "ab" + "0" * 62, "ab" + "1" * 62)
    done = newel("policy", "rollback", "ab", *WHY)
    assert (done.code, done.err) == (2, "newel: several versions begin with ab; give more digits\n")


def test_a_version_that_was_never_kept_is_not_there(newel: Newel, folder: Path) -> None:
    done = newel("policy", "rollback", "0123", *WHY)
    assert (done.code, done.err) == (
        2,
        "newel: no snapshot's version begins with 0123. See: newel policy list\n",
    )


@pytest.mark.parametrize("version", ["", "xyz", "ABC", "a" * 65, "%", "a_"])
def test_what_is_no_version_is_bad_input(newel: Newel, folder: Path, version: str) -> None:
    done = newel("policy", "rollback", version, *WHY)
    assert done.code == 2
    assert "is not the beginning of a version" in done.err


def test_before_the_second_activation_there_is_none_before(newel: Newel, folder: Path) -> None:
    for number in range(2):
        done = newel("policy", "rollback", *WHY)
        assert (done.code, done.err) == (1, "newel: no policy was in force before this one\n"), number
        brought(folder)


def test_what_this_version_cannot_read_is_refused_with_its_faults(newel: Newel, folder: Path) -> None:
    version = version_of("{}")
    keeping(folder, version)
    activation = Activation(number=1, version=version, author="eve", reason="x", at=1)

    async def activating(everything: Open) -> None:
        await everything.store.commit(Unit(activate(activation)))

    within(folder, activating)
    plain = brought(folder)
    done = newel("policy", "rollback", *WHY)
    assert done.code == 1
    said = f"newel: this version of newel cannot read {version[:12]}:\nsnapshot {version[:12]}:1:1: "
    assert done.err.startswith(said)
    assert in_force(newel) == plain


def test_a_reason_is_always_given(newel: Newel, folder: Path) -> None:
    brought(folder, STRICTER)
    brought(folder)
    assert newel("policy", "rollback").code == 2
    assert newel("policy", "rollback", "--reason", " ").code == 2


def test_it_says_what_was_in_force_before_it_and_how_to_choose(newel: Newel, folder: Path) -> None:
    stricter, plain = brought(folder, STRICTER), brought(folder)
    done = newel("policy", "rollback", *WHY)
    assert done.out.splitlines()[-1] == (
        f"Before it {plain[:12]} was in force. A rollback without a version goes back to that;"
        " to another: newel policy rollback VERSION (newel policy list names them)."
    )
    assert "Before it" not in newel("policy", "rollback", stricter, *WHY).out


def test_a_rollback_for_programs(newel: Newel, folder: Path) -> None:
    stricter, _ = brought(folder, STRICTER), brought(folder)
    told = newel("policy", "rollback", *WHY, "--json").json
    assert (told["changed"], told["version"], told["activation"]) == (True, stricter, 3)
