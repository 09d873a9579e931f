"""What `newel demo` puts into a server: people who can prove who they are, and a client for each application."""

import asyncio
import time
from pathlib import Path

import pytest

from newel.config import load
from newel.crypto import key_file
from newel.crypto.hashing import secret_hash, verify_password
from newel.demo.applications import Application
from newel.demo.folder import Folder
from newel.demo.people import PEOPLE, Credentials
from newel.demo.server import NotMade, fill, make
from newel.domain.client import Client
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.factors import totp
from newel.storage.sql.authenticators import authenticators_of
from newel.storage.sql.clients import client
from newel.storage.sql.keys import signing_keys
from newel.storage.sql.subjects import sign_up, subject_by_name
from newel.storage.sqlite import open_store

ISSUER = "http://localhost:8400"


def bank(port: int = 8401) -> Application:
    return Application(name="bank", main=Path("demos/bank/main.py"), port=port)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / ".demo")
    made.prepare(fresh=False)
    make(made, ISSUER)
    return made


def seed(folder: Folder, *, issuer: str = ISSUER, port: int = 8400, bank_port: int = 8401) -> dict[str, Credentials]:
    filled = asyncio.run(fill(folder, issuer, port, [bank(bank_port)]))
    return {each.person.name: each for each in filled}


class Seen:
    """What is stored."""

    people: dict[str, Subject]
    held: dict[str, list[Authenticator]]
    client: Client | None
    algorithms: set[str]

    def __init__(self, folder: Folder) -> None:
        asyncio.run(self._read(folder))

    async def _read(self, folder: Folder) -> None:
        config = load(folder.config, {}).config
        vault = key_file.load(config.secrets.master_key_file)
        now = time.time_ns() // 1_000_000
        audit_key = vault.mac("audit", b"", key_id=vault.current)
        store = await open_store(config.storage.database, audit_key=audit_key, now_ms=now)
        self.people, self.held = {}, {}
        for person in PEOPLE:
            found = await store.one(subject_by_name(person.name))
            assert found is not None
            self.people[person.name] = found
            self.held[person.name] = await store.all(authenticators_of(found.id))
        self.client = await store.one(client("bank-web"))
        self.algorithms = {key.alg for key in await store.all(signing_keys())}
        await store.close()


def test_the_server_is_made_once_as_init_makes_one(folder: Folder) -> None:
    before = folder.config.read_text()
    make(folder, "http://localhost:9999")
    assert folder.config.read_text() == before
    seed(folder)
    assert Seen(folder).algorithms == {"ES256", "RS256"}


def test_what_init_refuses_is_told(tmp_path: Path) -> None:
    made = Folder(tmp_path / ".demo")
    made.prepare(fresh=False)
    made.server.mkdir()
    (made.server / "newel.key").touch()
    with pytest.raises(NotMade, match="exists already"):
        make(made, ISSUER)


def test_alex_has_a_password_and_an_app_both_settled(folder: Folder) -> None:
    alex = seed(folder)["alex"]
    held = {each.method: each for each in Seen(folder).held["alex"]}
    assert set(held) == {"password", "totp"}
    assert all(each.settled for each in held.values())
    assert alex.totp_uri.startswith("otpauth://totp/Acme%20Bank:alex?secret=" + alex.totp_secret)
    assert held["totp"].counter < totp.step_at(int(time.time()))


def test_the_printed_password_is_the_stored_one(folder: Folder) -> None:
    people, seen = seed(folder), Seen(folder)
    for name in ("alex", "sam"):
        material = next(each.material for each in seen.held[name] if each.method == "password")
        assert verify_password(material.decode(), people[name].person.password).matches


def test_sam_has_a_password_alone_and_kim_an_address(folder: Folder) -> None:
    people, seen = seed(folder), Seen(folder)
    assert [each.method for each in seen.held["sam"]] == ["password"]
    assert seen.held["kim"] == []
    assert people["kim"].sign_up.startswith(f"{ISSUER}/sign-up/")
    assert sign_up(people["kim"].sign_up.rpartition("/")[2].partition(".")[0]).params


def test_a_second_start_changes_nobody_and_prints_the_same(folder: Folder) -> None:
    first, before = seed(folder), Seen(folder)
    second, after = seed(folder), Seen(folder)
    assert (before.people, before.held, before.client) == (after.people, after.held, after.client)
    assert first["alex"] == second["alex"]
    assert first["kim"].sign_up != second["kim"].sign_up


def test_the_client_fits_todays_port_and_the_secret_in_the_banks_folder(folder: Folder) -> None:
    seed(folder)
    seed(folder, issuer="http://localhost:8402", port=8402, bank_port=8403)
    registered = Seen(folder).client
    assert registered is not None
    assert registered.redirect_uris == ("http://localhost:8403/callback",)
    assert registered.audience == "http://localhost:8403"
    assert registered.action_types == ("bank.transfer",)
    assert registered.secret_hash == secret_hash((folder.application("bank") / "client-secret").read_text())
