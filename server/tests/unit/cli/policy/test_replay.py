"""`newel policy replay`: a candidate over the decisions of a database or of a file, told as text, JSON and a page."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from server.tests.unit.cli.policy.people import recorded
from server.tests.unit.cli.policy.stall import BROKEN, STRICTER, TEXT, WEAKER, Change, written
from server.tests.unit.policy.replay.documents import log_of
from tests.simulators.person import authorize_url
from tests.simulators.running import running

from newel.cli.policy import replay as command
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.replay.pack import dump, load

Newel = Callable[..., Any]
OTHER_NAME: Change = ("name: stall", "name: market")
DAY = 86_400


def prompts(told: Any) -> tuple[int, int]:
    assert told.code == 0, told.err
    return told.json["prompts"]["before"], told.json["prompts"]["after"]


def candidate(folder: Path, *changes: Change) -> tuple[str, str]:
    return "--candidate", written(folder / "candidate.yaml", *changes)


def test_the_database_is_replayed_beside_the_policy_in_force(newel: Newel, sales: Path, tmp_path: Path) -> None:
    told = newel("policy", "replay", *candidate(tmp_path, STRICTER), "--json")
    assert prompts(told) == (2, 3)
    assert (told.json["requests"], told.json["people"], told.json["sessions"]) == (4, 1, 4)
    assert (told.json["before"], told.json["after"]) == ("today", "candidate")
    assert [each["name"] for each in told.json["groups"]] == ["sellers"]
    done = newel("policy", "replay", *candidate(tmp_path, STRICTER))
    assert done.code == 0
    versions = [each["version"][:12] for each in told.json["compared"]]
    assert done.out.splitlines()[:3] == [
        "stall: candidate.yaml against the policy in force",
        f"Today: stall, in force, version {versions[0]}",
        f"Candidate: stall, candidate.yaml, version {versions[1]}",
    ]
    checked = newel("policy", "check", str(tmp_path / "candidate.yaml"), "--json")
    assert checked.json["version"] == told.json["compared"][1]["version"]
    assert re.search(r"prompts +2 +3", done.out)
    assert str(tmp_path) not in done.out
    assert done.err == ""


def test_policies_of_different_names_are_called_by_them(newel: Newel, sales: Path, tmp_path: Path) -> None:
    told = newel("policy", "replay", *candidate(tmp_path, WEAKER, OTHER_NAME), "--json")
    assert (told.json["before"], told.json["after"]) == ("stall", "market")
    assert prompts(told) == (2, 1)


def test_on_a_server_without_a_policy_the_shipped_one_stands_beside_it(
    newel: Newel, folder: Path, tmp_path: Path
) -> None:
    recorded(folder, 1000, 6000)
    told = newel("policy", "replay", *candidate(tmp_path), "--json")
    assert (told.code, told.json["before"], told.json["after"]) == (0, "shipped", "stall")
    assert told.json["prompts"]["after"] == 1


def test_the_facts_of_the_policy_beside_it_are_read_from_the_database_too(
    newel: Newel, sales: Path, tmp_path: Path
) -> None:
    """Neither the policy in force nor the candidate knows the fact that the other one reads."""
    recorded(sales, 1100, facts={"risk.score": 90})
    reads_risk: tuple[Change, ...] = (
        ("    now: timestamp\n", "    now: timestamp\n    risk.score: {type: int, range: [0, 100], absent: 0, from: risk}\n"),
        ("ctx.amount > 5000", "ctx.amount > 5000 || risk.score > 80"),
    )  # fmt: skip
    before = written(tmp_path / "before.yaml", *reads_risk)
    told = newel("policy", "replay", *candidate(tmp_path), "--before", before, "--json")
    assert prompts(told) == (3, 2)
    assert (told.json["before"], told.json["after"]) == ("before", "candidate"), "what is not in force is not today's"
    assert [each["file"] for each in told.json["compared"]] == ["before.yaml", "candidate.yaml"]


def test_since_says_how_far_back(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 7000, ago=40 * DAY)
    wanted = candidate(tmp_path)
    assert newel("policy", "replay", *wanted, "--json").json["requests"] == 4
    assert newel("policy", "replay", *wanted, "--since", "41d", "--json").json["requests"] == 5
    assert newel("policy", "replay", *wanted, "--since", "100000d", "--json").json["requests"] == 5


def test_a_kept_log_is_replayed_like_the_database_and_names_nobody(newel: Newel, sales: Path, tmp_path: Path) -> None:
    log, wanted = tmp_path / "log.npz", candidate(tmp_path, STRICTER)
    first = newel("policy", "replay", *wanted, "--save", str(log), "--json")
    again = newel("policy", "replay", *wanted, "--log", str(log), "--json")
    assert again.json == first.json
    assert b"maria" not in log.read_bytes()
    (sales / "newel.db").unlink()
    done = newel("policy", "replay", *wanted, "--log", str(log))
    assert done.code == 3, "the policy in force is the database's"
    before = written(tmp_path / "before.yaml")
    told = newel("policy", "replay", *wanted, "--log", str(log), "--before", before, "--json")
    assert prompts(told) == (2, 3)


def test_what_a_running_server_decided_is_replayed(
    newel: Newel, plain: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "strict.yaml"
    with running(tmp_path / "newel") as server:
        bank, alex, browser = server.client("bank-web"), server.person("alex"), server.browser()
        page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri)))
        browser.submit(page, username=alex.name, password=alex.password)
        browser.close()
        shown = Path(command.__file__).parents[5] / "tests" / "simulators" / "policy.yaml"
        text = shown.read_text(encoding="utf-8").replace("aal1: session", "aal2: session", 1)
        policy.write_text(text, encoding="utf-8")
        config = str(tmp_path / "newel" / "newel.toml")
        told = newel("policy", "replay", "--candidate", str(policy), "--config", config, "--json")
    assert told.code == 0, told.err
    assert told.json["requests"] >= 1
    assert told.json["people"] == 1
    assert told.json["locked"]["after"] > told.json["locked"]["before"] == 0


def test_the_page_needs_nothing_else(newel: Newel, sales: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert newel("policy", "replay", *candidate(tmp_path, STRICTER), "--html", str(page)).code == 0
    html = page.read_text(encoding="utf-8")
    assert "<h1>stall: candidate.yaml against the policy in force</h1>" in html
    assert str(tmp_path) not in html
    assert "default-src &#x27;none&#x27;" in html
    assert not re.search(r"<script|<link|<img|<iframe|url\((?!#)|@import|https?://", html)
    assert not re.search(r"""\s(?:src|srcset|on\w+)\s*=""", html)
    assert set(re.findall(r'href="(.)', html)) == {"#"}


def test_days_are_those_of_a_zone(newel: Newel, sales: Path, tmp_path: Path) -> None:
    told = newel("policy", "replay", *candidate(tmp_path), "--zone", "Pacific/Kiritimati", "--json")
    far = newel("policy", "replay", *candidate(tmp_path), "--zone", "Pacific/Pago_Pago", "--json")
    assert (told.code, far.code) == (0, 0)
    assert told.json["days"][0]["date"] > far.json["days"][0]["date"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_shown_at_a_terminal_only(
    newel: Newel, sales: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    done = newel("policy", "replay", *candidate(tmp_path))
    assert done.err == (f"\r[{'=' * 30}] 4 of 4\r\x1b[K" if terminal else "")


def test_the_bar_grows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    told = command._bar()
    told(500, 2000)
    told(0, 0)
    bar, empty = capsys.readouterr().err.split("\r")[1:3]
    assert bar == f"[{'=' * 7}{' ' * 23}] 500 of 2,000"
    assert empty == f"[{' ' * 30}] 0 of 0"


def test_an_empty_log_is_said_and_a_made_up_one_is_offered(newel: Newel, folder: Path, tmp_path: Path) -> None:
    words = "newel: the log holds no decision to replay. Try a synthetic one: newel policy simulate\n"
    done = newel("policy", "replay", *candidate(tmp_path))
    assert (done.code, done.err) == (2, words)
    stream = BytesIO()
    dump(log_of(read_document([Source.of("p", TEXT)]), []), stream)
    (tmp_path / "log.npz").write_bytes(stream.getvalue())
    done = newel("policy", "replay", *candidate(tmp_path), "--log", str(tmp_path / "log.npz"))
    assert (done.code, done.err) == (2, words)


def test_what_is_no_log_is_bad_input(newel: Newel, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no log", encoding="utf-8")
    (tmp_path / "zip").write_bytes(b"PK\x03\x04 and no more")
    with (tmp_path / "pickled").open("wb") as stream:
        np.savez(stream, about=np.array([{}], object))
    expected: Mapping[str, str] = {
        "none": "cannot be read: No such file or directory",
        "text": ": this is no log: it begins neither as .npz nor as .parquet does\n",
        "pickled": ": this is no log: its arrays cannot be read\n",
        "zip": ": this is no log: its arrays cannot be read\n",
    }
    for name, words in expected.items():
        done = newel("policy", "replay", *candidate(tmp_path), "--log", str(tmp_path / name))
        assert done.code == 2
        assert done.err.startswith(f"newel: {tmp_path / name}")
        assert words in done.err


def test_a_record_that_no_log_can_hold_is_said(newel: Newel, sales: Path, tmp_path: Path) -> None:
    recorded(sales, 1000, ago=-(2**40))
    done = newel("policy", "replay", *candidate(tmp_path))
    assert done.code == 2
    assert done.err.startswith("newel: the decision log cannot be replayed: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--since", "soon"),
        ("--since", "-1d"),
        ("--since", ""),
        ("--since", f"{10**30}d"),
        ("--zone", "Mars/Olympus"),
        ("--zone", "../etc/passwd"),
    ],
)
def test_a_time_and_a_zone_that_are_none_are_bad_input(
    newel: Newel, folder: Path, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    done = newel("policy", "replay", *candidate(tmp_path), *(f"{arguments[0]}={arguments[1]}",))
    assert (done.code, done.err) == (
        2,
        "newel: --since is a duration such as 30d, --zone a time zone such as Europe/Berlin\n",
    )


def test_policies_with_faults_are_bad_input(newel: Newel, folder: Path, tmp_path: Path) -> None:
    broken, good = written(tmp_path / "broken.yaml", BROKEN), written(tmp_path / "good.yaml")
    for pair in (("--candidate", broken), ("--candidate", good, "--before", broken)):
        told = newel("policy", "replay", *pair, "--json")
        assert (told.code, told.json["holds"]) == (2, False)
        assert told.json["messages"][0]["file"] == broken
    assert newel("policy", "replay", "--candidate", str(tmp_path / "none")).code == 2
    assert newel("policy", "replay").code == 2


@pytest.mark.parametrize(("option", "name"), [("--html", "file.html"), ("--save", "file.npz")])
def test_what_cannot_be_written_is_bad_input(newel: Newel, sales: Path, tmp_path: Path, option: str, name: str) -> None:
    file = str(tmp_path / "none" / name)
    done = newel("policy", "replay", *candidate(tmp_path), option, file)
    assert (done.code, done.err) == (2, f"newel: {file} cannot be written: No such file or directory\n")


def test_a_saved_log_is_a_log(newel: Newel, sales: Path, tmp_path: Path) -> None:
    assert newel("policy", "replay", *candidate(tmp_path), "--save", str(tmp_path / "log.npz")).code == 0
    with (tmp_path / "log.npz").open("rb") as stream:
        log = load(stream)
    assert (len(log), log.synthetic, len(log.people)) == (4, "", 1)


@pytest.mark.parametrize(("option", "kinds"), [("--html", ".html"), ("--save", ".npz or .parquet")])
def test_what_is_of_another_kind_is_not_written_over(
    newel: Newel, sales: Path, tmp_path: Path, option: str, kinds: str
) -> None:
    policy = tmp_path / "victim.yaml"
    policy.write_text("precious", encoding="utf-8")
    done = newel("policy", "replay", *candidate(tmp_path), option, str(policy))
    assert (done.code, done.err) == (2, f"newel: {policy} does not end with {kinds}\n")
    page = tmp_path / f"victim{kinds.partition(' ')[0]}"
    page.write_text("precious", encoding="utf-8")
    done = newel("policy", "replay", *candidate(tmp_path), option, str(page))
    assert (done.code, done.out) == (2, "")
    assert "is not written over" in done.err
    assert {policy.read_text("utf-8"), page.read_text("utf-8")} == {"precious"}
    os.mkfifo(tmp_path / f"pipe{page.suffix}")
    done = newel("policy", "replay", *candidate(tmp_path), option, str(tmp_path / f"pipe{page.suffix}"))
    assert (done.code, done.err) == (
        2,
        f"newel: {tmp_path}/pipe{page.suffix} is no regular file; nothing was written\n",
    )


def test_a_page_is_its_owners_alone_and_replaces_a_page(newel: Newel, sales: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    for _ in range(2):
        assert newel("policy", "replay", *candidate(tmp_path), "--html", str(page)).code == 0
        assert page.stat().st_mode & 0o777 == 0o600
        page.chmod(0o644)
