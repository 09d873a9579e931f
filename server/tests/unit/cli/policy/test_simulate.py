"""`newel policy simulate`: a made-up log from a profile; what is no profile is said in words."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from server.tests.unit.cli.policy.stall import BROKEN, STRICTER, written

from newel.cli.policy import simulate as command
from newel.cli.policy.simulate import MOST_BYTES
from newel.policy.replay.pack import load

Newel = Callable[..., Any]
DAY = 86_400
NOVEMBER = 20_780 * DAY
PROFILE: Mapping[str, Any] = {
    "name": "market",
    "people": 20,
    "requests": 300,
    "days": 3,
    "attack_share": 0.1,
    "groups": [{"groups": ["sellers"], "methods": [{"hold": ["password", "totp"]}]}],
    "requests_of": [
        {"targets": ["stall.sale:sell"], "facts": {"ctx.amount": {"low": 0, "high": 9000}, "now": {"now_less": 0}}}
    ],
}


def profile(folder: Path, **changes: Any) -> str:
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump({**PROFILE, **changes}), encoding="utf-8")
    return str(file)


def simulate(newel: Newel, folder: Path, profile_file: str, *arguments: str, log: str = "log.npz") -> Any:
    policy = written(folder / "p.yaml")
    return newel("policy", "simulate", policy, "--profile", profile_file, "--log", str(folder / log), *arguments)


def test_it_writes_a_log_that_says_it_is_made_up(newel: Newel, tmp_path: Path) -> None:
    done = simulate(newel, tmp_path, profile(tmp_path))
    assert done.code == 0
    said = "profile market: 300 requests of 20 people in 3 days"
    assert done.out == f"{tmp_path}/log.npz holds 300 made-up requests of 20 people: {said}\n"
    with (tmp_path / "log.npz").open("rb") as stream:
        log = load(stream)
    assert (len(log), log.synthetic) == (300, said)


def test_a_name_that_ends_with_parquet_makes_a_parquet_file_of_the_same_log(newel: Newel, tmp_path: Path) -> None:
    candidate = written(tmp_path / "candidate.yaml", STRICTER)
    told = []
    for name in ("log.npz", "log.parquet"):
        assert simulate(newel, tmp_path, profile(tmp_path, people=1), log=name).code == 0
        log = str(tmp_path / name)
        replay = ("policy", "replay", "--candidate", candidate, "--before", str(tmp_path / "p.yaml"), "--log", log)
        told.append(newel(*replay, "--json").json)
    assert told[0]["synthetic"] == "profile market: 300 requests of 1 person in 3 days"
    assert told[0] == told[1]
    assert (tmp_path / "log.parquet").read_bytes()[:4] == b"PAR1"


def test_the_same_seed_makes_the_same_log(newel: Newel, tmp_path: Path) -> None:
    for name, seed in {"a.npz": "7", "b.npz": "7", "c.npz": "8"}.items():
        told = simulate(newel, tmp_path, profile(tmp_path, start=NOVEMBER), "--seed", seed, "--json", log=name)
        assert (told.code, told.json["requests"], told.json["people"]) == (0, 300, 20)
    logs = []
    for name in "abc":
        with (tmp_path / f"{name}.npz").open("rb") as stream:
            logs.append(load(stream).time.tolist())
    assert logs[0] == logs[1] != logs[2]


@pytest.mark.parametrize("days", [1, 3, 400])
def test_the_made_up_days_are_over(newel: Newel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(command, "now", lambda: NOVEMBER + 12 * 3600)
    assert simulate(newel, tmp_path, profile(tmp_path, days=days)).code == 0
    with (tmp_path / "log.npz").open("rb") as stream:
        times = load(stream).time
    assert NOVEMBER - days * DAY <= times.min() <= times.max() < NOVEMBER
    assert simulate(newel, tmp_path, profile(tmp_path, days=1, start=NOVEMBER + 5 * DAY)).code == 0
    with (tmp_path / "log.npz").open("rb") as stream:
        assert load(stream).time.min() >= NOVEMBER + 5 * DAY, "a start that is named holds"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"peopel": 3}, "a profile has no peopel"),
        ({"people": 0}, "people is a whole number of at least 1"),
        ({"people": 10**30}, "people is at most 10,000,000"),
        ({"requests": 10**12}, "requests is at most 50,000,000"),
        ({"days": 10**12}, "days is at most 3,660"),
        ({"start": 10**20}, "start is at most"),
        ({"groups": []}, "a profile lists groups"),
        ({"hours": [1, 2]}, "hours are 24 weights"),
        ({"requests_of": [{"targets": ["stall.sale:sell"], "facts": {"ctx.amount": "much"}}]}, "much is no value of ctx.amount"),
    ],
)  # fmt: skip
def test_a_profile_that_does_not_fit_is_bad_input(
    newel: Newel, tmp_path: Path, changes: Mapping[str, Any], words: str
) -> None:
    done = simulate(newel, tmp_path, profile(tmp_path, **changes))
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (tmp_path / "log.npz").exists()


@pytest.mark.parametrize(
    "content",
    [b"[", b"a: 2026-13-45", b"a: !!timestamp x", b"[" * 500, b"a: \xff", b"!!python/object:os.x {}", b"\x01"],
)
def test_what_is_no_yaml_is_bad_input(newel: Newel, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.yaml").write_bytes(content)
    done = simulate(newel, tmp_path, str(tmp_path / "odd.yaml"))
    assert done.code == 2
    assert done.err.startswith(f"newel: {tmp_path}/odd.yaml: this is no YAML: ")


def test_a_profile_is_there_and_not_too_big(newel: Newel, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"#" * (MOST_BYTES + 1))
    done = simulate(newel, tmp_path, str(tmp_path / "big"))
    assert (done.code, done.err) == (2, f"newel: {tmp_path}/big: a profile has at most {MOST_BYTES} bytes\n")
    done = simulate(newel, tmp_path, str(tmp_path / "none"))
    assert (done.code, done.err) == (2, f"newel: {tmp_path}/none: No such file or directory\n")


def test_a_log_that_cannot_be_written_is_bad_input(newel: Newel, tmp_path: Path) -> None:
    done = simulate(newel, tmp_path, profile(tmp_path), log="none/log.npz")
    assert (done.code, done.err) == (
        2,
        f"newel: {tmp_path}/none/log.npz cannot be written: No such file or directory\n",
    )
    policy = written(tmp_path / "p.yaml")
    done = newel("policy", "simulate", policy, "--profile", profile(tmp_path), "--log", "/dev/full")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("seed", ["-1", "many"])
def test_a_seed_is_a_number_from_0_on(newel: Newel, tmp_path: Path, seed: str) -> None:
    assert simulate(newel, tmp_path, profile(tmp_path), f"--seed={seed}").code == 2


def test_a_policy_with_faults_is_bad_input(newel: Newel, tmp_path: Path) -> None:
    policy = written(tmp_path / "broken.yaml", BROKEN)
    arguments = ("--profile", profile(tmp_path), "--log", str(tmp_path / "log.npz"))
    told = newel("policy", "simulate", policy, *arguments, "--json")
    assert (told.code, told.json["holds"]) == (2, False)


@pytest.mark.parametrize("name", ["log.csv", "log", "log.npz.txt"])
def test_a_name_that_says_no_kind_of_log_is_bad_input(newel: Newel, tmp_path: Path, name: str) -> None:
    done = simulate(newel, tmp_path, profile(tmp_path), log=name)
    assert (done.code, done.err) == (2, f"newel: {tmp_path / name} does not end with .npz or .parquet\n")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["log.npz", "log.parquet"])
def test_only_a_log_is_written_over_and_only_its_owner_reads_it(newel: Newel, tmp_path: Path, name: str) -> None:
    file, asked = tmp_path / name, profile(tmp_path)
    file.write_text("precious", encoding="utf-8")
    done = simulate(newel, tmp_path, asked, log=name)
    said = f"newel: {file} is there and is no {file.suffix} file; it is not written over\n"
    assert (done.code, done.err, file.read_text("utf-8")) == (2, said, "precious")
    file.unlink()
    for _ in range(2):
        assert simulate(newel, tmp_path, asked, log=name).code == 0
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o644)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
