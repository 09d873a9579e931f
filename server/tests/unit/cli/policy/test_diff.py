"""`newel policy diff`: 1 where something is weaker and not accepted by its id with a reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.stall import BROKEN, STRICTER, WEAKER, parts, written

from newel.cli import prove_child

Newel = Callable[..., Any]


@pytest.fixture
def old(tmp_path: Path) -> str:
    return written(tmp_path / "old.yaml")


@pytest.fixture
def weaker(tmp_path: Path) -> str:
    return written(tmp_path / "weaker.yaml", WEAKER)


def test_a_policy_is_the_same_as_itself_in_files(newel: Newel, tmp_path: Path, old: str) -> None:
    done = newel("policy", "diff", old, parts(tmp_path / "folder"))
    assert done.code == 0
    assert done.out == "0 weakenings, 0 of them not accepted; 0 places with more friction.\n"


def test_more_friction_is_printed_and_gives_0(newel: Newel, tmp_path: Path, old: str) -> None:
    done = newel("policy", "diff", old, written(tmp_path / "new.yaml", STRICTER))
    assert done.code == 0
    assert "ctx.amount = 4001" in done.out
    assert done.out.endswith("0 weakenings, 0 of them not accepted; 1 place with more friction.\n")


def test_a_weakening_gives_1_until_its_id_is_accepted_with_a_reason(
    newel: Newel, tmp_path: Path, old: str, weaker: str
) -> None:
    told = newel("policy", "diff", old, weaker, "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    (finding,) = told.json["findings"]
    assert (finding["direction"], finding["rule"], finding["accepted"]) == ("weaker", "large", None)
    done = newel("policy", "diff", old, weaker)
    assert done.code == 1
    assert "1 weakening, 1 of them not accepted" in done.out

    accept = f"{finding['id']}=the hall is quieter now"
    done = newel("policy", "diff", old, weaker, "--accept", accept)
    assert done.code == 0
    assert "  accepted: the hall is quieter now\n" in done.out
    assert "1 weakening, 0 of them not accepted" in done.out

    (tmp_path / "accepted.txt").write_text(f"# agreed on Tuesday\n\n  {accept}\n", encoding="utf-8")
    told = newel("policy", "diff", old, weaker, "--accepted", str(tmp_path / "accepted.txt"), "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert told.json["findings"][0]["accepted"] == "the hall is quieter now"


def test_tests_that_are_gone_are_noted_and_weaken_nothing(newel: Newel, tmp_path: Path, old: str) -> None:
    new = written(tmp_path / "new.yaml", ("  - name: a small sale is quiet\n", "  - name: another\n"))
    done = newel("policy", "diff", old, new)
    assert done.code == 0
    assert done.out.startswith("note: 1 test of the old policy not in the new one: a small sale is quiet\n")
    assert newel("policy", "diff", old, new, "--json").json["tests_gone"] == ["a small sale is quiet"]


def test_the_id_of_another_finding_accepts_nothing(newel: Newel, old: str, weaker: str) -> None:
    assert newel("policy", "diff", old, weaker, "--accept", "0123456789ab=why not").code == 1


def test_faults_of_either_policy_are_bad_input(newel: Newel, tmp_path: Path, old: str) -> None:
    broken = written(tmp_path / "broken.yaml", BROKEN)
    for pair in ((old, broken), (broken, old)):
        done = newel("policy", "diff", *pair)
        assert (done.code, done.out) == (2, "")
        assert f"{broken}:25:11: unknown fact" in done.err
        assert newel("policy", "diff", *pair, "--json").json["messages"][0]["file"] == broken
    assert newel("policy", "diff", old, str(tmp_path / "none")).code == 2
    assert newel("policy", "diff", old).code == 2


def test_without_the_solver_it_says_what_to_install(
    newel: Newel, old: str, weaker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove_child, "find_spec", lambda _name: None)
    done = newel("policy", "diff", old, weaker)
    assert done.code == 2
    assert 'pip install "newel[prove]"' in done.err


def test_without_time_nothing_is_certain_and_that_stands_against_it(newel: Newel, old: str, weaker: str) -> None:
    told = newel("policy", "diff", old, weaker, "--seconds", "0.000001", "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    assert not any(finding["certain"] for finding in told.json["findings"])
