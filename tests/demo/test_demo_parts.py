"""The parts of `newel demo`: ports, its folder, its applications, its screen."""

import json
import re
import socket
import stat
from pathlib import Path

import pytest

from newel.demo.applications import Application, NoApplication, names
from newel.demo.folder import Folder, NotOurs
from newel.demo.people import PEOPLE, Credentials
from newel.demo.ports import NoPort, free_ports
from newel.demo.screen import as_json, as_text, ready
from newel.factors.base import Rejected
from newel.factors.password import fault, prepare

BANK = Application(name="bank", main=Path("demos/bank/main.py"), port=8401)


def test_a_taken_port_is_passed_over_on_either_loopback() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        if port < 65_000:
            found = free_ports(port, 2)
            assert port not in found
            assert found == sorted(found)


def test_running_out_of_ports_is_said() -> None:
    with pytest.raises(NoPort, match="from 65535"):
        free_ports(65_535, 2)


def test_applications_are_folders_with_a_main(tmp_path: Path) -> None:
    for name in ("bank", "agent", "Odd Name", "empty"):
        (tmp_path / name).mkdir()
        if name != "empty":
            (tmp_path / name / "main.py").touch()
    assert names(tmp_path, None) == ["agent", "bank"]
    assert names(tmp_path, "bank") == ["bank"]
    with pytest.raises(NoApplication, match="There are: agent, bank"):
        names(tmp_path, "empty")
    with pytest.raises(NoApplication, match="--demos"):
        names(tmp_path / "empty", None)


def test_an_application_is_told_everything_by_its_environment(tmp_path: Path) -> None:
    assert BANK.environment(tmp_path, "http://localhost:8400") == {
        "NEWEL_ISSUER": "http://localhost:8400",
        "BANK_PORT": "8401",
        "BANK_DATABASE": str(tmp_path / "bank.db"),
        "BANK_CLIENT_ID": "bank-web",
        "BANK_CLIENT_SECRET_FILE": str(tmp_path / "client-secret"),
        "BANK_KEY_FILE": str(tmp_path / "key"),
    }


def test_secrets_are_drawn_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".demo")
    folder.prepare(fresh=False)
    secret = folder.secret("bank", "key", 32)
    assert re.fullmatch(r"[0-9a-f]{64}", secret)
    assert folder.secret("bank", "key", 32) == secret
    assert stat.S_IMODE((folder.application("bank") / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_fresh_forgets_and_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".demo")
    folder.prepare(fresh=False)
    first = folder.secret("bank", "key", 32)
    folder.prepare(fresh=True)
    assert folder.secret("bank", "key", 32) != first
    foreign = Folder(tmp_path / "mine")
    foreign.path.mkdir()
    (foreign.path / "thesis.txt").touch()
    for fresh in (True, False):
        with pytest.raises(NotOurs):
            foreign.prepare(fresh=fresh)
    assert (foreign.path / "thesis.txt").exists()


def test_the_demonstrations_passwords_would_be_taken_at_sign_up() -> None:
    for person in PEOPLE:
        if person.password:
            prepared = prepare(person.password)
            assert prepared is not None
            assert fault(prepared, (person.name, person.display)) is None
    assert Rejected("common").reason == "common"


PEOPLE_SEEN = (
    Credentials(person=PEOPLE[0], totp_uri="otpauth://totp/x?secret=ABCDEFGH", totp_secret="ABCDEFGH"),
    Credentials(person=PEOPLE[1]),
    Credentials(person=PEOPLE[2], sign_up="http://localhost:8400/sign-up/a.b"),
)


def test_the_screen_names_addresses_people_and_what_to_try_within_80_columns_but_for_addresses() -> None:
    text = as_text("http://localhost:8400", [BANK], PEOPLE_SEEN)
    for said in ("http://localhost:8401", "http://localhost:8400", PEOPLE[0].password, "ABCD EFGH", "/sign-up/a.b"):
        assert said in text
    assert "oathtool --totp -b ABCDEFGH" in text
    assert "ready" not in [line.split(" ")[0] for line in text.splitlines()]
    assert all(len(line) <= 120 for line in text.splitlines())


def test_the_screen_names_a_policy_that_is_watched_and_its_log(tmp_path: Path) -> None:
    log = Path.cwd() / ".demo" / "bank-policy.log"
    text = as_text("http://localhost:8400", [BANK], (), policies={tmp_path / "policy.yaml": log})
    assert f"\n    {tmp_path / 'policy.yaml'}\n    .demo/bank-policy.log keeps what was told\n" in text
    assert "what comes of it, faults too, is told here" in text


def test_json_says_the_same_in_one_line() -> None:
    text = as_json("http://localhost:8400", [BANK], PEOPLE_SEEN)
    assert "\n" not in text
    told = json.loads(text)
    assert told["applications"] == {"bank": {"url": "http://localhost:8401", "client_id": "bank-web"}}
    assert told["people"]["alex"]["totp_secret"] == "ABCDEFGH"
    assert told["people"]["kim"] == {"display": "Kim Lee", "sign_up": "http://localhost:8400/sign-up/a.b"}


def test_the_ready_line_names_every_address() -> None:
    assert ready("http://localhost:8400", [BANK]) == "ready http://localhost:8400 http://localhost:8401"
