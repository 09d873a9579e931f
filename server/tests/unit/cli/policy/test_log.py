"""`newel policy log export`: the decision table as Parquet says the same as the decision table, and names nobody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from server.tests.unit.cli.policy.people import brought, person, recorded
from server.tests.unit.cli.policy.stall import STRICTER, Change, written

Newel = Callable[..., Any]
DAY = 86_400
READS_RISK: tuple[Change, ...] = (
    ("    now: timestamp\n", "    now: timestamp\n    risk.score: {type: int, range: [0, 100], absent: 0, from: risk}\n    net.ip: {type: ip, from: request}\n    net.tags: {set: string, from: request}\n"),
    ("ctx.amount > 5000", 'ctx.amount > 5000 || risk.score > 80 || cidr("10.0.0.0/8").containsIP(net.ip) || "odd" in net.tags'),
)  # fmt: skip


@pytest.fixture
def sales(folder: Path) -> Path:
    """A server with the stall's policy, and decisions that hold facts which that policy does not declare."""
    person(folder, "maria", "password")
    brought(folder)
    recorded(folder, 1000, 4500, 5500, 10_000)
    calm = {"risk.score": 3, "net.ip": "192.0.2.1", "net.tags": ["a", "b"]}
    recorded(folder, 1100, ago=300, facts={**calm, "risk.score": 90})
    recorded(folder, 1200, ago=400, facts={**calm, "net.ip": "10.1.2.3"})
    recorded(folder, 1300, ago=500, facts={**calm, "net.tags": ["odd"]})
    recorded(folder, 1400, ago=600, facts=calm)
    return folder


@pytest.mark.parametrize("changes", [(STRICTER,), READS_RISK])
def test_the_table_and_its_file_give_the_same_report(
    newel: Newel, sales: Path, tmp_path: Path, changes: tuple[Change, ...]
) -> None:
    """A candidate may read facts that the policy in force at the export did not declare."""
    file, candidate = str(tmp_path / "log.parquet"), written(tmp_path / "candidate.yaml", *changes)
    done = newel("policy", "log", "export", file)
    assert (done.code, done.out) == (0, f"{file} holds 8 decisions, people under keyed hashes.\n"), done.err
    table = newel("policy", "replay", "--candidate", candidate, "--json")
    again = newel("policy", "replay", "--candidate", candidate, "--log", file, "--json")
    assert (table.code, table.json["requests"]) == (0, 8)
    assert again.json == table.json
    page, same = tmp_path / "a.html", tmp_path / "b.html"
    assert newel("policy", "replay", "--candidate", candidate, "--html", str(page)).code == 0
    assert newel("policy", "replay", "--candidate", candidate, "--log", file, "--html", str(same)).code == 0
    assert page.read_text("utf-8") == same.read_text("utf-8")


def test_the_file_names_nobody(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 1000, facts={"subject.id": "id-maria", "client.ip": "198.51.100.7"})
    file = tmp_path / "log.parquet"
    assert newel("policy", "log", "export", str(file)).code == 0
    table = parquet.read_table(file)
    assert {"fact.subject.id", "fact.client.ip"}.isdisjoint(table.column_names)
    text = json.dumps(table.to_pylist())
    assert "maria" not in text
    assert "198.51.100.7" not in text
    assert len(set(table.column("person").to_pylist())) == 1


def test_the_columns_are_those_that_the_documents_name(newel: Newel, sales: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    told = newel("policy", "log", "export", str(file), "--json").json
    assert told == {"decisions": 8, "facts": ["ctx.amount", "net.ip", "net.tags", "now", "risk.score"]}
    assert {field.name: str(field.type) for field in parquet.read_schema(file)} == {
        "at": "int64",
        "targets": "list<element: string>",
        "person": "uint64",
        "session": "uint64",
        "groups": "list<element: string>",
        "methods": "list<element: string>",
        "outcome": "string",
        "attack": "bool",
        "act": "uint64",
        "age.aal1": "int64",
        "fact.ctx.amount": "int64",
        "fact.net.ip": "string",
        "fact.net.tags": "list<element: string>",
        "fact.now": "int64",
        "fact.risk.score": "int64",
    }


def test_a_kept_parquet_log_is_replayed_like_the_database(newel: Newel, sales: Path, tmp_path: Path) -> None:
    file, candidate = str(tmp_path / "log.parquet"), written(tmp_path / "candidate.yaml", STRICTER)
    first = newel("policy", "replay", "--candidate", candidate, "--save", file, "--json")
    before = written(tmp_path / "before.yaml")
    (sales / "newel.db").unlink()
    again = newel("policy", "replay", "--candidate", candidate, "--before", before, "--log", file, "--json")
    names = {"before", "compared"}
    assert {key: value for key, value in again.json.items() if key not in names} == {
        key: value for key, value in first.json.items() if key not in names
    }
    assert [each["version"] for each in again.json["compared"]] == [each["version"] for each in first.json["compared"]]


def test_since_says_how_far_back(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 7000, ago=40 * DAY)
    file = str(tmp_path / "log.parquet")
    for since, count in {"30d": 8, "41d": 9, "250s": 4}.items():
        assert newel("policy", "log", "export", file, "--since", since, "--json").json["decisions"] == count
    done = newel("policy", "log", "export", str(tmp_path / "none.parquet"), "--since", "1s")
    words = "newel: no decision was recorded in the last 1s; nothing was written\n"
    assert (done.code, done.err, (tmp_path / "none.parquet").exists()) == (2, words, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("log.csv",), "log.csv does not end with .parquet"),
        (("log.parquet", "--since", "soon"), "--since is a duration such as 30d"),
        (("none/log.parquet",), "none/log.parquet cannot be written: No such file or directory"),
    ],
)
def test_bad_arguments_are_bad_input(newel: Newel, sales: Path, arguments: tuple[str, ...], words: str) -> None:
    done = newel("policy", "log", "export", *arguments)
    assert (done.code, done.err) == (2, f"newel: {words}\n")


def test_a_record_that_no_log_can_hold_is_said(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 1000, ago=-(2**40))
    assert newel("policy", "log", "export", str(tmp_path / "log.parquet")).code == 0, "it lies behind the present"


def test_a_file_in_which_something_is_wrong_is_bad_input_and_says_where(
    newel: Newel, sales: Path, tmp_path: Path
) -> None:
    file, candidate = tmp_path / "log.parquet", written(tmp_path / "candidate.yaml")
    assert newel("policy", "log", "export", str(file)).code == 0
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    done = newel("policy", "replay", "--candidate", candidate, "--log", str(file))
    assert done.code == 2
    assert done.err.startswith(f"newel: {file}: this is no Parquet file that can be read: ")
    table = parquet.read_table(tmp_path / "log.parquet") if file.write_bytes(whole) else None
    assert table is not None
    parquet.write_table(table.drop_columns("person"), file)
    done = newel("policy", "replay", "--candidate", candidate, "--log", str(file))
    assert (done.code, done.err) == (2, f"newel: {file}: column 'person' is not there; it is uint64\n")
    file.write_bytes(b"no table")
    done = newel("policy", "replay", "--candidate", candidate, "--log", str(file))
    assert (done.code, done.out) == (2, "")
