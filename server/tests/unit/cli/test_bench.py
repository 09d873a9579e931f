"""`newel bench`: what it measures and what it says."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newel.cli.bench import percentile
from newel.cli.bench_accounts import Account, Accounts, read_accounts, write_accounts
from newel.cli.bench_process import cost, file_system, in_memory
from newel.cli.bench_script import script
from newel.cli.refusal import Refusal

Newel = Callable[..., Any]
FIGURES = {
    "flows_per_s",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "failures",
    "server_cpu_ms_per_flow",
    "generator_cpu_ms_per_flow",
    "server_rss_mb",
    "durable",
}
ACCOUNTS = Accounts("client", "secret", "https://app.example.com/callback", [Account(bytes(20), "s.1", "b")])


def flow(newel: Newel, *arguments: str) -> Any:
    done = newel("bench", "flow", "--seconds", "0.5", "--subjects", "400", "--json", *arguments)
    assert done.code == 0, done
    return done.json


def test_a_closed_loop_runs_flows_and_says_what_they_cost(newel: Newel) -> None:
    found = flow(newel, "--concurrency", "2")
    assert set(found) >= FIGURES
    assert found["failures"] == 0
    assert found["flows"] > 0
    assert found["requests_per_flow"] == 3
    assert found["server_cpu_ms_per_flow"] > found["generator_cpu_ms_per_flow"] > 0


def test_an_open_loop_with_pushed_requests_keeps_its_rate(newel: Newel) -> None:
    found = flow(newel, "--rate", "20", "--par")
    assert found["failures"] == 0
    assert found["flows"] == 10
    assert found["requests_per_flow"] == 4
    assert set(found["requests"]) == {"par", "authorize", "answer", "token"}


def test_seeding_writes_accounts_that_only_their_owner_reads(newel: Newel, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    assert newel("bench", "seed", "--subjects", "3", "--accounts", str(file)).code == 0
    assert len(read_accounts(file).accounts) == 3
    assert file.stat().st_mode & 0o777 == 0o600


def test_accounts_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_accounts(tmp_path / "accounts.json", ACCOUNTS)
    assert read_accounts(tmp_path / "accounts.json") == ACCOUNTS


def test_a_file_without_accounts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="newel bench seed"):
        read_accounts(tmp_path / "none.json")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--issuer", "http://localhost:9"),
        ("--rate", "-1"),
        ("--concurrency", "0"),
        ("--seconds", "0"),
        ("--subjects", "0"),
        ("--rate", "400", "--subjects", "10"),
        ("--rate", "4", "--concurrency", "4"),
    ],
)
def test_what_cannot_be_measured_is_a_usage_error(newel: Newel, arguments: tuple[str, ...]) -> None:
    assert newel("bench", "flow", *arguments).code == 2


def test_a_server_that_does_not_answer_is_said_in_words(newel: Newel, tmp_path: Path) -> None:
    write_accounts(tmp_path / "accounts.json", ACCOUNTS)
    done = newel("bench", "flow", "--issuer", "http://127.0.0.1:9", "--accounts", str(tmp_path / "accounts.json"))
    assert done.code == 1
    assert "does not answer" in done.err


def test_a_percentile_is_the_nearest_rank_in_milliseconds() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert [percentile(seconds, share) for share in (50, 95, 99)] == [50, 95, 99]
    assert percentile([0.25], 99) == 250
    assert percentile([], 50) is None


def test_the_cost_of_this_process_is_known_and_that_of_none_is_not() -> None:
    mine = cost(os.getpid())
    assert mine is None or (mine.cpu > 0 and mine.rss_mb > 1 and mine.processes >= 1)
    assert cost(-1) is None


def test_what_lies_in_memory_is_not_durable(tmp_path: Path) -> None:
    assert in_memory("tmpfs")
    assert not in_memory("ext4")
    assert file_system(tmp_path) != ""


def test_the_requests_ask_for_aal2_with_pkce() -> None:
    said = script("http://localhost:1", ACCOUNTS, pushes=False)
    first = said.first(ACCOUNTS.accounts[0]).decode()
    assert first.startswith("GET /authorize?")
    assert "acr_values=aal2" in first
    assert "code_challenge_method=S256" in first
    assert script("http://localhost:1", ACCOUNTS, pushes=True).first(ACCOUNTS.accounts[0]).startswith(b"POST /par ")
