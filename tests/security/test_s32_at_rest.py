"""S32: secrets at rest are encrypted or hashed; the database, the log and the checkpoints open nothing."""

import os
import shutil
from base64 import b32encode
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.security.signing import claims_of
from tests.security.stage import BROWSER, SESSION, add_passkey
from tests.simulators.person import VERIFIER, Browser, authorize_url
from tests.simulators.running import Running, running
from tests.simulators.webauthn_device import Device

from newel.crypto import key_file
from newel.crypto.vault import SealRefused

PASSWORD = "copper lantern 58"


@contextmanager
def stderr_to(file: Path) -> Generator[None]:
    """Let processes that start here write their log into `file`."""
    kept = os.dup(2)
    with file.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A server that says all it can into a file."""
    folder = tmp_path_factory.mktemp("at-rest")
    environment = {"NEWEL_LOG__LEVEL": "debug", "NEWEL_LOG__STYLE": "json"}
    with ExitStack() as stack:
        yield begun(stack, folder, environment)


def begun(stack: ExitStack, folder: Path, environment: dict[str, str]) -> Running:
    with stderr_to(folder / "log"):
        return stack.enter_context(running(folder / "newel", environment=environment))


def kept(server: Running) -> dict[str, bytes]:
    """Everything the server keeps or says, but the key."""
    files = [file for file in server.folder.iterdir() if file.is_file() and file.name != "newel.key"]
    return {file.name: file.read_bytes() for file in [*files, server.folder.parent / "log"]}


def test_s32_nothing_that_opens_anything_lies_in_the_database_or_the_log(server: Running, browser: Browser) -> None:
    alex, bank = server.person("alex-32", password=PASSWORD, app=True, recovery=True), server.client("bank-32")
    url = authorize_url(bank.id, bank.redirect_uri, scope="openid offline_access")
    page = browser.submit(browser.follow(browser.get(url)), username=alex.name, password=PASSWORD)
    secrets = [PASSWORD, alex.seed.hex(), b32encode(alex.seed).decode().rstrip("="), bank.secret, VERIFIER]
    secrets += [browser.cookies[SESSION].split(".")[1], browser.cookies[BROWSER], page.answer["code"].split(".")[1]]
    tokens = bank.redeem(page.answer["code"]).json()
    secrets += [tokens["refresh_token"].split(".")[1], tokens["access_token"], tokens["id_token"]]
    secrets += [tokens["access_token"].rsplit(".", 1)[1], *alex.recovery, *(c.replace("-", "") for c in alex.recovery)]
    page = browser.submit(browser.follow(browser.get(f"{url}&acr_values=aal2")), otp=alex.code())
    secrets += [page.answer["code"].split(".")[1], browser.cookies[SESSION].split(".")[1]]
    bank.redeem(page.answer["code"])
    bank.refresh(tokens["refresh_token"])
    bank.introspect(tokens["access_token"])
    add_passkey(browser, Device())
    browser.submit(browser.follow(browser.get(url + "&prompt=login")), has=("password",), password="wrong harbour 99")
    secrets += ["wrong harbour 99"]
    for name, data in kept(server).items():
        for secret in secrets:
            raw = bytes.fromhex(secret) if len(secret) == 64 else b""
            assert secret.encode() not in data, (name, secret[:6])
            assert not raw or raw not in data, (name, secret[:6])
        assert alex.seed not in data, name
    assert claims_of(tokens["access_token"])["sub"] == alex.id


def test_s32_signing_keys_are_sealed_under_the_key_outside(server: Running) -> None:
    vault = key_file.load(server.folder / "newel.key")
    rows = server.rows("SELECT kid, sealed_private FROM signing_keys")
    assert rows
    for kid, sealed in rows:
        private = vault.open("signing-key", sealed, associated=(kid,))
        for data in kept(server).values():
            assert private not in data
            assert b"PRIVATE KEY" not in data


def test_s32_a_sealed_value_opens_for_its_own_purpose_and_place_alone(server: Running) -> None:
    vault = key_file.load(server.folder / "newel.key")
    ((kid, sealed), *_) = server.rows("SELECT kid, sealed_private FROM signing_keys")
    for purpose, place in (("draft", (kid,)), ("signing-key", ("other",)), ("signing-key", ())):
        with pytest.raises(SealRefused):
            vault.open(purpose, sealed, associated=place)


def test_s32_the_key_is_its_owners_alone_and_another_key_starts_nothing(server: Running, tmp_path: Path) -> None:
    assert (server.folder / "newel.key").stat().st_mode & 0o077 == 0
    copy = shutil.copytree(server.folder, tmp_path / "stolen")
    other = tmp_path / "other"
    with running(other):
        pass
    shutil.copy(other / "newel.key", copy / "newel.key")
    stolen = Running(copy, server.issuer, server.process, server.restart)
    assert stolen.cli("keys", "list").returncode != 0 or stolen.cli("audit", "verify").returncode != 0
    stolen.http.close()
