"""The replay of an activation: told before it decides, bounded, and never what stops it."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, person, recorded, within
from server.tests.unit.cli.policy.stall import FAILING, PASSKEY, STRICTER, WEAKER, snapshot, written

from newel.cli import extra
from newel.cli.policy import trial
from newel.cli.refusal import installing
from newel.storage.sql.snapshots import snapshot as snapshot_query

Newel = Callable[..., Any]
WHO = ("--author", "ada", "--reason", "a quiet market")
DAY = 86_400


def test_what_would_have_been_asked_is_told_before_it_comes_into_force(
    newel: Newel, sales: Path, tmp_path: Path
) -> None:
    done = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO)
    assert done.code == 0
    *_, first, second, third, last = done.out.splitlines()
    assert first.startswith("replayed: candidate against today, 4 requests of one person in 4 sessions, ")
    assert first.endswith(" (all of the last 30 days)")
    assert second == "  prompts 3 instead of 2; refused 0 as before; cannot be met 0 as before"
    assert third == "  most: group sellers (1): prompts 3 instead of 2"
    assert last.endswith("is in force: activation 2.")


def test_programs_and_the_record_are_told_the_same(newel: Newel, sales: Path, tmp_path: Path) -> None:
    told = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO, "--json")
    found = told.json["replay"]
    assert (told.code, found["replayed"], found["cut"], found["days"]) == (0, True, False, 30)
    assert (found["requests"], found["people"], found["sessions"]) == (4, 1, 4)
    assert found["prompts"] == {"before": 2, "after": 3}
    assert found["denied"] == found["locked"] == found["locked_people"] == {"before": 0, "after": 0}
    assert found["most"]["name"] == "sellers"

    kept = within(sales, lambda everything: everything.store.one(snapshot_query(told.json["version"])))
    assert kept is not None
    assert kept.checks["replay"] == found
    replayed = newel("policy", "replay", "--candidate", written(tmp_path / "q.yaml", WEAKER), "--json").json
    assert replayed["prompts"]["before"] == found["prompts"]["after"], "the same figures as the whole replay's"


def test_it_is_told_where_a_finding_stands_and_not_where_its_own_tests_fail(
    newel: Newel, sales: Path, tmp_path: Path
) -> None:
    done = newel("policy", "activate", written(tmp_path / "p.yaml", WEAKER), *WHO)
    assert done.code == 1
    assert "  prompts 1 instead of 2; " in done.out
    assert "  most: no group is asked, refused or locked out more often\n" in done.out
    told = newel("policy", "activate", written(tmp_path / "q.yaml", FAILING), *WHO, "--json")
    assert (told.code, told.json["replay"]) == (1, None)


def test_whom_it_locks_out_today_stops_it_and_the_replay_only_tells_it(
    newel: Newel, sales: Path, tmp_path: Path
) -> None:
    file = written(tmp_path / "p.yaml", PASSKEY)
    told = newel("policy", "activate", file, *WHO, "--json")
    (finding,) = told.json["findings"]
    assert (told.code, finding["people"]) == (1, ["maria"])
    assert told.json["replay"]["locked"] == {"before": 0, "after": 2}
    accepting = ("--accept", f"{finding['id']}=she gets a key on Monday")
    told = newel("policy", "activate", file, *WHO, *accepting, "--json")
    assert (told.code, told.json["changed"]) == (0, True)


def test_who_was_locked_out_then_and_has_a_passkey_today_stops_nothing(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    person(folder, "maria", "password", "passkey")
    brought(folder)
    recorded(folder, 1000, 10_000, methods=("password",))
    done = newel("policy", "activate", written(tmp_path / "p.yaml", PASSKEY), *WHO)
    assert done.code == 0, done.out
    assert "cannot be met 1 instead of 0" in done.out


def test_the_shipped_policy_stands_beside_the_first_one(newel: Newel, folder: Path, tmp_path: Path) -> None:
    recorded(folder, 1000, 6000)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert done.code == 0
    assert "replayed: stall against shipped, 2 requests of one person in 2 sessions, " in done.out
    assert "refused 0 instead of 2" in done.out


def test_a_rollback_is_replayed_like_any_other_change(newel: Newel, sales: Path, tmp_path: Path) -> None:
    version = snapshot().version
    assert newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO).code == 0
    done = newel("policy", "rollback", version[:12], *WHO)
    assert "  prompts 2 instead of 3; refused 0 as before; " in done.out


def test_decisions_older_than_a_month_are_not_looked_at(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    recorded(folder, 1000, ago=31 * DAY)
    told = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO, "--json")
    why = "no decision was recorded in the last 30 days"
    assert (told.code, told.json["replay"]) == (0, {"replayed": False, "why": why})


def test_of_many_records_the_newest_are_looked_at_and_that_is_said(
    newel: Newel, sales: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(sales, *[1000] * 40, ago=20 * DAY)
    monkeypatch.setattr(trial, "MOST_RECORDS", 20)
    file = written(tmp_path / "p.yaml", WEAKER)
    told = newel("policy", "activate", file, *WHO, "--json").json["replay"]
    assert (told["cut"], told["most_records"]) == (True, 20)
    assert 4 <= told["requests"] <= 20
    assert told["prompts"] == {"before": 2, "after": 1}, "the newest are among them"
    done = newel("policy", "activate", file, *WHO)
    assert " (the newest 20 records of the last 30 days)\n" in done.out


def test_without_numpy_one_line_says_so_and_the_rest_goes_on(
    newel: Newel, sales: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(module: str) -> ModuleType:
        if module == "newel.cli.policy.trial":
            raise ModuleNotFoundError(module, name="numpy")
        return import_module(module)

    monkeypatch.setattr(extra, "import_module", without)
    version = snapshot(STRICTER).version
    done = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO)
    assert done.code == 0
    assert done.out.endswith(
        f"not replayed: it needs numpy: {installing('replay')}\nstall {version[:12]} is in force: activation 2.\n"
    )


def test_a_record_that_no_log_can_hold_is_said_and_stops_nothing(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 1000, ago=-(2**40))
    done = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO)
    assert done.code == 0
    assert "not replayed: the decision log cannot be replayed: a time lies between 1970 and 3000\n" in done.out


def test_where_numpy_is_not_installed_the_command_can_be_called_all_the_same() -> None:
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from newel.cli import load\n"
        "from newel.cli.extra import NotInstalled, loaded\n"
        "load('policy activate'); load('policy rollback')\n"
        "try: loaded('newel.cli.policy.trial', 'replay')\n"
        "except NotInstalled as why: print(why)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"numpy: {installing('replay')}\n"
