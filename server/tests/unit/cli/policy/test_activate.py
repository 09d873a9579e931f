"""`newel policy activate`: what stands against a policy stops it; what is accepted stays in the record."""

import getpass
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.cli.policy.people import brought, person, within
from server.tests.unit.cli.policy.stall import (
    BROKEN,
    FAILING,
    PASSKEY,
    REFUTED,
    STRICTER,
    TEXT,
    WEAKER,
    Change,
    parts,
    snapshot,
    written,
)

from newel.cli import prove_child
from newel.cli.opening import Open
from newel.cli.policy import admit
from newel.cli.refusal import installing
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.flows import policies
from newel.policy.canonical import version_of
from newel.policy.message import Source
from newel.storage.base import Statement, Store, Unit
from newel.storage.sql.snapshots import activate, keep_snapshot
from newel.storage.sql.snapshots import snapshot as snapshot_query

Newel = Callable[..., Any]
NO_LOG = "not replayed: no decision was recorded in the last 30 days\n"
WHO = ("--author", "ada", "--reason", "a quiet market")


def in_force(newel: Newel) -> list[str]:
    """The versions that came into force, newest first."""
    return [each["version"] for each in newel("policy", "list", "--json").json]


def kept(folder: Path, version: str) -> KeptSnapshot:
    found = within(folder, lambda everything: everything.store.one(snapshot_query(version)))
    assert found is not None
    return found


def test_the_first_activation_and_the_same_version_again(newel: Newel, folder: Path, tmp_path: Path) -> None:
    version = snapshot().version
    done = newel("policy", "activate", parts(tmp_path / "p"), *WHO)
    assert (done.code, done.out) == (0, f"{NO_LOG}stall {version[:12]} is in force: activation 1.\n")
    found = kept(folder, version)
    assert set(found.sources) == {f"{tmp_path}/p/a.yaml", f"{tmp_path}/p/b.yml"}
    assert found.checks["tests"] == 1

    again = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert (again.code, again.out) == (0, f"{version[:12]} is in force already, since activation 1.\n")
    told = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO, "--json")
    assert (told.code, told.json["holds"], told.json["changed"], told.json["activation"]) == (0, True, False, 1)
    assert in_force(newel) == [version]


def test_a_weakening_is_refused_until_it_is_accepted_and_stays_in_the_record(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    before, file = brought(folder), written(tmp_path / "p.yaml", WEAKER)
    told = newel("policy", "activate", file, *WHO, "--json")
    assert (told.code, told.json["holds"], told.json["activation"]) == (1, False, None)
    (finding,) = told.json["findings"]
    assert (finding["direction"], finding["accepted"]) == ("weaker", None)
    assert in_force(newel) == [before]
    done = newel("policy", "activate", file, *WHO)
    assert done.code == 1
    assert done.out.endswith(
        f'  not accepted\n1 finding stands against it; nothing was changed. To accept: --accept {finding["id"]}="…"\n'
    )

    accepting = ("--accept", f"{finding['id']}=the hall is small", "--accept", "0123456789ab=not found at all")
    done = newel("policy", "activate", file, *WHO, *accepting)
    assert done.code == 0
    assert "  accepted: the hall is small\n" in done.out
    newest = newel("policy", "list", "--json").json[0]
    assert (newest["author"], newest["reason"]) == ("ada", "a quiet market")
    assert newest["accepted"] == {finding["id"]: "the hall is small"}
    assert newest["version"] == snapshot(WEAKER).version
    compared = kept(folder, newest["version"]).checks["diff"]
    assert isinstance(compared, dict)
    assert compared["against"] == before
    assert newel("audit", "verify").code == 0


def test_more_friction_is_told_and_does_not_stop_it(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    done = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO)
    assert done.code == 0
    assert done.out.startswith("stronger [")
    brought(folder)
    told = newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO, "--json")
    assert (told.json["changed"], told.json["activation"], told.json["findings"]) == (True, 4, [])
    assert [each["direction"] for each in told.json["more"]] == ["stronger"]


@pytest.mark.parametrize(
    ("change", "words"),
    [(FAILING, "test fails: a small sale is quiet ("), (REFUTED, "refuted: large-is-recent (")],
)
def test_its_own_tests_and_invariants_cannot_be_accepted_away(
    newel: Newel, folder: Path, tmp_path: Path, change: Change, words: str
) -> None:
    file = written(tmp_path / "p.yaml", change)
    done = newel("policy", "activate", file, *WHO)
    assert done.code == 1
    assert done.out.startswith(words)
    assert done.out.endswith("Its own tests and invariants do not hold; nothing was changed.\n")
    told = newel("policy", "activate", file, *WHO, "--json")
    assert (told.code, len(told.json["broken"])) == (1, 1)
    assert in_force(newel) == []


def test_who_may_put_it_off_is_told_of_and_does_not_stop_it(newel: Newel, folder: Path, tmp_path: Path) -> None:
    person(folder, "maria", "password")
    brought(folder)
    rule = "  - id: soon\n    on: newel.session:sign_in\n    require: {evidence: {phr: session}}\n"
    grace = "    grace: {until: 2100-01-01, skips: 5}\n"
    done = newel(
        "policy", "activate", written(tmp_path / "p.yaml", ("  - id: any\n", f"{rule}{grace}  - id: any\n")), *WHO
    )
    assert (done.code, "lock-out" in done.out) == (0, False)
    assert (
        "note: newel.session:sign_in: can be put off until 2100-01-01T00:00:00Z,"
        " then 1 of 1 people cannot meet phr in this session\n"
    ) in done.out


def test_who_would_be_locked_out_stops_it_until_that_is_accepted(newel: Newel, folder: Path, tmp_path: Path) -> None:
    person(folder, "maria", "password")
    person(folder, "zoe")
    brought(folder)
    file = written(tmp_path / "p.yaml", PASSKEY)
    told = newel("policy", "activate", file, *WHO, "--json")
    assert told.code == 1
    (finding,) = told.json["findings"]
    assert finding["people"] == ["maria"]
    done = newel("policy", "activate", file, *WHO, "--accept", f"{finding['id']}=she gets a key on Monday")
    assert done.code == 0
    assert "lock-out [" in done.out
    assert newel("policy", "list", "--json").json[0]["accepted"] == {finding["id"]: "she gets a key on Monday"}


def test_who_is_locked_out_already_is_no_news_but_more_people_are(newel: Newel, folder: Path, tmp_path: Path) -> None:
    schema: Change = ("    now: timestamp\n", "    now: timestamp\n    subject.name: {type: string, from: directory}\n")
    few: Change = ("ctx.amount > 5000", 'subject.name == "maria" && ctx.amount > 5000')
    all_of_them: Change = ("ctx.amount > 5000", 'subject.name in ["maria", "noor"] && ctx.amount > 5000')
    claim: Change = ("when: ctx.amount > 9000", 'when: subject.name == "maria" && ctx.amount > 9000')
    asked: Change = ("ctx.amount: 10}", "ctx.amount: 10, subject.name: zoe}")
    common = (schema, PASSKEY, claim, asked)
    person(folder, "maria", "password", name="maria")
    brought(folder, few, *common)
    told = newel("policy", "activate", written(tmp_path / "p.yaml", all_of_them, *common), *WHO, "--json")
    assert (told.code, told.json["findings"]) == (0, [])

    person(folder, "noor", "password", name="noor")
    brought(folder, few, *common)
    told = newel("policy", "activate", written(tmp_path / "p.yaml", all_of_them, *common), *WHO, "--json")
    assert told.code == 1
    assert [each["people"] for each in told.json["findings"]] == [["maria", "noor"]]


def test_of_two_at_once_the_second_is_refused_in_words(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = snapshot(STRICTER)

    async def raced(store: Store, keeping: KeptSnapshot, activation: Activation) -> bool:
        sources = [Source.of("other.yaml", other.text)]
        assert await policies.bring(store, other, sources, author="bob", reason="first", now=activation.at)
        return await policies.activate(store, keeping, activation)

    monkeypatch.setattr(admit, "activate", raced)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert done.code == 1
    assert done.err == (
        "newel: another policy came into force meanwhile, and nothing was changed; run the command again\n"
    )
    assert in_force(newel) == [other.version]
    assert within(folder, lambda everything: everything.store.one(snapshot_query(snapshot().version))) is None


def test_an_activation_that_can_no_longer_be_read_does_not_hide_the_one_that_decides(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    version = brought(folder)
    other = version_of("{}")
    unreadable = KeptSnapshot(version=other, name="x", canonical="{}", sources={}, author="eve", kept_at=1)
    activation = Activation(number=2, version=other, author="eve", reason="x", at=1)

    async def break_it(everything: Open) -> None:
        await everything.store.commit(Unit((keep_snapshot(unreadable), *activate(activation))))

    within(folder, break_it)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert (done.code, done.out) == (0, f"{NO_LOG}stall {version[:12]} is in force: activation 3.\n")


def test_the_author_is_whoever_is_signed_in_where_none_is_given(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")
    assert newel("policy", "activate", written(tmp_path / "p.yaml"), "--reason", "x").code == 0
    assert newel("policy", "list", "--json").json[0]["author"] == "grace"

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert newel("policy", "activate", written(tmp_path / "q.yaml", STRICTER), "--reason", "x").code == 0
    assert newel("policy", "list", "--json").json[0]["author"] == "unknown"


def test_a_policy_from_a_pipe_is_read_once(newel: Newel, folder: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, TEXT.encode())
    os.close(writing)
    assert newel("policy", "activate", f"/dev/fd/{reading}", *WHO).code == 0
    os.close(reading)
    assert kept(folder, snapshot().version).sources == {f"/dev/fd/{reading}": TEXT}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--reason", ""),
        ("--reason", "  "),
        ("--reason", "x" * 501),
        ("--reason", "a\x1b[2Jb"),
        ("--reason", "x", "--author", "a" * 101),
        ("--reason", "x", "--author", "a\nb"),
        ("--reason", "x", "--accept", "a1"),
        ("--reason", "x", "--accepted", "/nowhere"),
        ("--reason", "x", "--seconds", "0"),
    ],
)
def test_bad_arguments_are_bad_input_and_change_nothing(
    newel: Newel, folder: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert newel("policy", "activate", written(tmp_path / "p.yaml"), *arguments).code == 2
    assert in_force(newel) == []


def test_a_policy_with_faults_is_bad_input_and_changes_nothing(newel: Newel, folder: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "p.yaml", BROKEN)
    done = newel("policy", "activate", file, *WHO)
    assert done.code == 2
    assert "unknown fact 'ctx.amuont' [NP105]" in done.err
    told = newel("policy", "activate", file, *WHO, "--json")
    assert (told.code, told.json["messages"][0]["line"]) == (2, 25)
    assert newel("policy", "activate", str(tmp_path / "none"), *WHO).code == 2
    assert in_force(newel) == []


def test_without_the_solver_nothing_comes_into_force(
    newel: Newel, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove_child, "find_spec", lambda _name: None)
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO)
    assert (done.code, done.err) == (2, f"newel: proofs need the solver: {installing('prove')}\n")
    assert in_force(newel) == []


def test_without_time_nothing_is_proved_and_nothing_comes_into_force(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    done = newel("policy", "activate", written(tmp_path / "p.yaml"), *WHO, "--seconds", "0.000001")
    assert done.code == 1
    assert in_force(newel) == []


def test_checks_are_kept_as_json_of_every_step(newel: Newel, folder: Path, tmp_path: Path) -> None:
    brought(folder)
    assert newel("policy", "activate", written(tmp_path / "p.yaml", STRICTER), *WHO).code == 0
    checks = kept(folder, snapshot(STRICTER).version).checks
    assert set(checks) == {"tests", "invariants", "audit", "diff", "replay"}
    assert json.loads(json.dumps(checks)) == checks


def test_a_policy_in_force_that_cannot_be_read_lets_nothing_pass_uncompared(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    """What would be weaker cannot be told, so somebody has to say why it may come into force all the same."""
    brought(folder)

    async def damage(everything: Open) -> None:
        await everything.store.commit(Unit((Statement("UPDATE snapshots SET body = x'00'", {}),)))

    within(folder, damage)
    file = written(tmp_path / "p.yaml", WEAKER)
    done = newel("policy", "activate", file, *WHO)
    assert (done.code, len(in_force(newel))) == (1, 1)
    assert "the policy in force cannot be read" in done.out
    done = newel("policy", "activate", file, *WHO, "--accept", "unreadable=restored from the repository")
    assert (done.code, len(in_force(newel))) == (0, 2)
