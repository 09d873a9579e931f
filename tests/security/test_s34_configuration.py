"""S34: a bad configuration stops the start, with words; a dangerous one says so loudly."""

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.simulators.running import POLICY, Running

EVERYWHERE = "1.1.1.1"
"""An address that others than a proxy reach, as every interface's would be."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("configured") / "newel"
    subprocess.run([sys.executable, "-m", "newel", "init", "--dir", str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def file(made: Path) -> Generator[Path]:
    """The configuration file, which is as it was afterwards."""
    kept = (made / "newel.toml").read_text()
    yield made / "newel.toml"
    (made / "newel.toml").write_text(kept, "utf-8")


def serve(file: Path, **environment: str) -> tuple[int, str]:
    """How `newel serve` ends that must not start."""
    command = [sys.executable, "-m", "newel", "serve", "--config", str(file)]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert "ready" not in done.stdout
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"NEWEL_LIVES__CODE": "61"}, "code"),
        ({"NEWEL_LIVES__CODE": "0"}, "code"),
        ({"NEWEL_LIVES__ELEVATED_TOKEN": "600"}, "elevated_token"),
        ({"NEWEL_GUESSING__ATTEMPTS": "1000"}, "attempts"),
        ({"NEWEL_GUESSING__ATTEMPTS": "five"}, "attempts"),
        ({"NEWEL_LIVES__SESION": "300"}, "NEWEL_LIVES__SESSION"),
        ({"NEWEL_SERVER__ISSUER": "http://login.example.com"}, "issuer"),
        ({"NEWEL_SERVER__ISSUER": "https://login.example.com/path"}, "issuer"),
        ({"NEWEL_SERVER__HOST": EVERYWHERE}, "host"),
        ({"NEWEL_WEBAUTHN__RP_ID": "example.org"}, "rp_id"),
        ({"NEWEL_SECRETS__MASTER_KEY": "abc"}, "NEWEL_SECRETS__MASTER_KEY"),
    ],
)
def test_s34_a_value_out_of_its_bounds_or_an_unknown_name_stops_the_start(
    file: Path, environment: dict[str, str], named: str
) -> None:
    code, said = serve(file, **environment)
    assert code != 0
    assert named in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "written",
    [
        "[server]\nissuerr = 'https://x.example'\n",
        "[nonesuch]\nx = 1\n",
        "x = 1\n",
        "[lives]\ncode = '60'\n",
        "[lives]\ncode = true\n",
        "[webauthn]\norigins = ['http://elsewhere.example']\n",
        "[server\n",
    ],
)
def test_s34_an_unknown_key_or_another_type_stops_the_start(file: Path, written: str) -> None:
    file.write_text(written, "utf-8")
    code, said = serve(file)
    assert code != 0
    assert "Traceback" not in said


def test_s34_an_unknown_key_names_the_nearest(file: Path) -> None:
    file.write_text("[lives]\naccess_tokn = 300\n", "utf-8")
    assert "access_token" in serve(file)[1]


def test_s34_a_key_that_others_can_read_or_that_is_gone_stops_the_start(file: Path) -> None:
    key = file.with_name("newel.key")
    key.chmod(0o644)
    code, said = serve(file)
    key.chmod(0o600)
    assert code != 0
    assert "newel.key" in said
    key.rename(file.with_name("away"))
    code, said = serve(file)
    file.with_name("away").rename(key)
    assert code != 0
    assert "newel.key" in said


def test_s34_what_is_dangerous_says_so_loudly(file: Path) -> None:
    command = [sys.executable, "-m", "newel", "config", "validate", "--config", str(file)]
    told = {**os.environ, "NEWEL_SERVER__HOST": EVERYWHERE, "NEWEL_SERVER__DANGER_PUBLIC_LISTENER": "true"}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert "danger_public_listener" in done.stdout + done.stderr


BANK = POLICY.read_text("utf-8")
NO_MINIMUM = BANK.replace(
    """  - id: transfer-any
    on: bank.transfer:send
    require: {evidence: {aal1: session}}
""",
    "",
)
FREE_PAYMENTS = BANK.replace(
    """  - id: scope-payments
    on: newel.scope:payments
    require: {evidence: {aal2: session}}
    because: whatever can move money needs a second proof
""",
    "",
)


def activated(server: Running, file: Path, text: str, *more: str) -> "subprocess.CompletedProcess[str]":
    """What `newel policy activate` says of a policy."""
    file.write_text(text, "utf-8")
    return server.cli("policy", "activate", str(file), "--reason", "a test", *more)


def activations(server: Running) -> int:
    return int(server.rows("SELECT count(*) FROM activations")[0][0])


def test_s34_a_policy_with_a_sensitive_action_below_its_minimum_does_not_load(server: Running, tmp_path: Path) -> None:
    before = activations(server)
    done = activated(server, tmp_path / "p.yaml", NO_MINIMUM)
    assert done.returncode != 0
    assert "bank.transfer:send can come out below its minimum" in done.stdout + done.stderr
    assert activations(server) == before


def test_s34_a_weaker_policy_comes_into_force_only_where_each_weakening_is_accepted(
    server: Running, tmp_path: Path
) -> None:
    before = activations(server)
    done = activated(server, tmp_path / "p.yaml", FREE_PAYMENTS)
    assert done.returncode == 1
    assert "nothing was changed" in done.stdout
    assert activations(server) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BANK.replace("name: test-bank", "name: test-bank\nname: another"), "appears twice"),
        (BANK.replace("name: test-bank", "name: &it test-bank"), "anchors are not read"),
        (BANK.replace("name: test-bank", "name: !!str test-bank"), "tags are not read"),
        (BANK.replace("name: test-bank", "nmae: test-bank"), "unknown key"),
        (BANK.replace("ctx.amount > 3000", "ctx.amuont > 3000"), "ctx.amount"),
    ],
)
def test_s34_a_policy_that_could_be_read_in_two_ways_does_not_load(
    server: Running, tmp_path: Path, text: str, words: str
) -> None:
    before = activations(server)
    done = activated(server, tmp_path / "p.yaml", text)
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert activations(server) == before
