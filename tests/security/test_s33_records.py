"""S33: every decision leaves a record, and whoever edits the records with SQL but without the key is found."""

import hashlib
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest
from tests.security.stage import PAYMENT, Do, number
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running, running

from newel.storage.audit import SALT_BYTES

ROWS = 110


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A server's folder with a history, its process stopped in order."""
    with running(tmp_path_factory.mktemp("history") / "newel") as server:
        sam, bank, browser = server.person("sam"), server.client("bank-web"), server.browser()
        url = authorize_url(bank.id, bank.redirect_uri)
        browser.submit(browser.follow(browser.get(url)), username=sam.name, password=sam.password)
        for _ in range(ROWS):
            bank.redeem(browser.get(url).answer["code"])
        browser.close()
    return server


def verified(folder: Path, server: Running) -> tuple[int, str]:
    """What `newel audit verify --checkpoints` says of a folder."""
    there = Running(folder, server.issuer, server.process, server.restart)
    done = there.cli("audit", "verify", "--checkpoints", str(folder / "newel.checkpoints"))
    there.http.close()
    return done.returncode, done.stdout + done.stderr


Tamper = Callable[[apsw.Connection], None]


def nothing(_: apsw.Connection) -> None:
    pass


def edit(db: apsw.Connection) -> None:
    db.execute("UPDATE audit SET body = CAST(body || 'x' AS BLOB) WHERE seq = 40")


def edit_the_kind(db: apsw.Connection) -> None:
    db.execute("UPDATE audit SET kind = 'nothing.happened' WHERE seq = 40")


def edit_personal(db: apsw.Connection) -> None:
    db.execute(
        "UPDATE audit SET personal = x'80' WHERE seq = (SELECT max(seq) - 3 FROM audit WHERE personal IS NOT NULL)"
    )


def remove_one(db: apsw.Connection) -> None:
    db.execute("DELETE FROM audit WHERE seq = 40")


def swap(db: apsw.Connection) -> None:
    db.execute("UPDATE audit SET seq = 100000 WHERE seq = 40")
    db.execute("UPDATE audit SET seq = 40 WHERE seq = 41")
    db.execute("UPDATE audit SET seq = 41 WHERE seq = 100000")


def close_the_gap(db: apsw.Connection) -> None:
    db.execute("DELETE FROM audit WHERE seq = 40")
    db.execute("UPDATE audit SET seq = seq - 1 WHERE seq > 40")


def drop_the_last_100(db: apsw.Connection) -> None:
    ((writer, most),) = db.execute("SELECT writer, max(seq) FROM audit GROUP BY writer ORDER BY 2 DESC LIMIT 1")
    db.execute("DELETE FROM audit WHERE writer = ? AND seq > ?", (writer, most - 100))


def drop_all(db: apsw.Connection) -> None:
    db.execute("DELETE FROM audit")


def drop_a_writer(db: apsw.Connection) -> None:
    ((writer, _),) = db.execute("SELECT writer, max(seq) FROM audit GROUP BY writer ORDER BY 2 DESC LIMIT 1")
    db.execute("DELETE FROM audit WHERE writer = ?", (writer,))


def recompute_without_the_key(db: apsw.Connection) -> None:
    edit(db)
    ((mac,),) = db.execute("SELECT mac FROM audit WHERE seq = 41 LIMIT 1")
    db.execute("UPDATE audit SET mac = ? WHERE seq = 40", (mac,))
    drop_the_last_100(db)


@pytest.mark.parametrize(
    "tamper",
    [
        edit,
        edit_the_kind,
        edit_personal,
        remove_one,
        swap,
        close_the_gap,
        drop_the_last_100,
        drop_all,
        drop_a_writer,
        recompute_without_the_key,
    ],
)
def test_s33_tampering_by_somebody_with_sql_rights_is_found(stopped: Running, tmp_path: Path, tamper: Tamper) -> None:
    folder = shutil.copytree(stopped.folder, tmp_path / "newel")
    db = apsw.Connection(str(folder / "newel.db"))
    for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{trigger}"')
    tamper(db)
    db.close()
    code, said = verified(folder, stopped)
    assert code != 0, said


def test_s33_an_honest_history_is_good(stopped: Running, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped.folder, tmp_path / "newel")
    code, said = verified(folder, stopped)
    assert code == 0, said


def test_s33_forged_and_missing_checkpoints_are_found(stopped: Running, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped.folder, tmp_path / "newel")
    file = folder / "newel.checkpoints"
    lines = file.read_text().splitlines()
    assert len(lines) >= 2
    for signature in ("AAAAAA", "AA"):  # whole, and as if a power failure had cut it
        file.write_text("\n".join([*lines[:-1], lines[-1][:-6] + signature]) + "\n")
        assert verified(folder, stopped)[0] != 0


def test_s33_a_checkpoint_is_written_when_the_server_stops(server: Running) -> None:
    file = server.folder / "newel.checkpoints"
    before = len(file.read_text().splitlines())
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    if server.process.stdout:
        server.process.stdout.close()
    server.process = server.restart()
    assert len(file.read_text().splitlines()) >= before + 2


def kinds(server: Running) -> dict[str, int]:
    return dict(server.rows("SELECT kind, COUNT(*) FROM audit GROUP BY kind"))


def test_s33_decisions_proofs_and_failures_leave_records(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    before = kinds(server)
    code = sign_in(alex).answer["code"]
    page = ask(authorization_details=json.dumps([PAYMENT]))
    browser.submit(page, otp="000000")
    browser.submit(page, otp=alex.code())
    ask(acr_values="phr", prompt="none")
    bank.redeem(code)
    bank.redeem(code)
    after = kinds(server)
    for kind in (
        "authorize.who",
        "authorize.met",
        "authorize.asked",
        "proof.rejected",
        "authorize.refused",
        "token.issued",
        "code.replayed",
    ):
        assert after.get(kind, 0) > before.get(kind, 0), (kind, after)


def test_s33_a_record_says_which_policy_decided_and_which_conditions_held(
    sign_in: Do, ask: Do, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([PAYMENT]))
    sql = "SELECT body FROM audit WHERE kind = 'authorize.asked' AND instr(body, :id) > 0"
    ((body,),) = server.rows(sql, id=number(page).encode())
    decision = next(each for each in msgspec.msgpack.decode(body) if isinstance(each, dict) and "atoms" in each)
    ((version,),) = server.rows("SELECT version FROM activations ORDER BY number DESC LIMIT 1")
    assert decision["policy"] == version
    assert decision["conditions"]["transfer-send-bound"] is True
    assert decision["conditions"]["transfer-large"] is False
    # bits in the order of the conditions: the amount above 3000, a payee who is not known, the amount above 1000000
    assert int(decision["atoms"]["bank.transfer:send"], 16) & 0b101 == 0b001


def test_s33_a_record_holds_what_was_looked_at_why_it_was_asked_and_what_was_shown(
    sign_in: Do, ask: Do, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([PAYMENT]))
    sql = "SELECT body, personal, commitment FROM audit WHERE kind = 'authorize.asked' AND instr(body, :id) > 0"
    ((body, personal, commitment),) = server.rows(sql, id=number(page).encode())
    told, decision = msgspec.msgpack.decode(body)
    assert hashlib.sha256(personal).digest() == commitment
    about = msgspec.msgpack.decode(personal[SALT_BYTES:])
    assert {"payment law asks for amount and payee in the confirmation"} <= {
        each["because"] for each in decision["reasons"]
    }
    assert about["subject"] == alex.id
    assert (about["ctx.amount"], about["ctx.country"]) == (500_000, "DE")
    assert "5,000.00" in about["shown"]
    assert "Maria Example" in about["shown"]
    assert told["digest"]
    for name in ("ctx.amount", "subject.id", "shown"):
        assert name.encode() not in body, name
    for value in (alex.id, "Maria Example", "DE89370400440532013000"):
        assert value.encode() not in body, value
