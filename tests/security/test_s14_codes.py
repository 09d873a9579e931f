"""S14: codes live short, are stored keyed, and are no longer than they must be."""

import hashlib

from tests.security.stage import Do, execute
from tests.simulators.running import Person, Relying, Running


def test_s14_an_authorization_code_lives_60_seconds_at_most(
    sign_in: Do, bank: Relying, server: Running, sam: Person
) -> None:
    code = sign_in(sam).answer["code"]
    ((expires, active),) = server.rows(
        "SELECT codes.expires_at, sessions.active_at FROM codes JOIN sessions ON codes.session = sessions.lineage "
        "WHERE codes.id = :id",
        id=code.split(".")[0],
    )
    assert expires - active <= 60
    execute(server, "UPDATE codes SET expires_at = :at WHERE id = :id", at=active - 1, id=code.split(".")[0])
    assert bank.redeem(code).json()["error"] == "invalid_grant"


def test_s14_recovery_codes_are_stored_under_a_key_outside_the_database(server: Running) -> None:
    kim = server.person("kim-14", recovery=True)
    rows = server.rows(
        "SELECT code_hash FROM recovery_codes JOIN authenticators ON authenticator = authenticators.id "
        "WHERE subject = :s",
        s=kim.id,
    )
    plain = {hashlib.sha256(form.encode()).digest() for code in kim.recovery for form in (code, code.replace("-", ""))}
    assert len(rows) == len(kim.recovery)
    assert not plain & {bytes(row[0]) for row in rows}


def test_s14_a_code_with_another_secret_is_not_a_code(sign_in: Do, bank: Relying, sam: Person) -> None:
    identifier, secret = sign_in(sam).answer["code"].split(".")
    other = ("0" if secret[0] != "0" else "1") + secret[1:]
    assert bank.redeem(f"{identifier}.{other}").json()["error"] == "invalid_grant"
    assert bank.redeem(f"{identifier}.{secret}").status_code == 200
