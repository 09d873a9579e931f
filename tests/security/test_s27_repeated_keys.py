"""S27: a reservation key that answered yes is no verdict to keep: each repetition is decided on what is proven then."""

from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.person import authorize_url
from tests.simulators.running import Person, Relying, Running, put_in_force, running

from newel.storage.audit import AuditRow

API = "http://localhost:9"
MOST = 2**63 - 1
POLICY = """\
newel: 1
name: repeated-keys
schema:
  facts:
    subject.id: string
  resources:
    bank.statement:
      actions: {audit: {}, seal: {}}
    bank.volume:
      actions: {move: {sensitive: false}}
      facts: {ctx.volume: {type: int, range: [0, 9223372036854775807], from: request}}
velocity:
  audits: {count: requests, by: subject.id, over: 24h, of: "bank.statement:audit"}
  seals: {count: requests, by: subject.id, over: 24h, of: "bank.statement:seal"}
  volume: {sum: ctx.volume, by: subject.id, over: 24h, of: "bank.volume:move"}
rules:
  - {id: sign-in, on: "newel.session:sign_in", require: {evidence: {aal1: session}}}
  - {id: audit, on: "bank.statement:audit", require: {evidence: {aal2: 1m}}}
  - {id: audits, on: "bank.statement:audit", when: velocity.audits > 1, require: {deny: one-a-day}}
  - id: seal
    on: bank.statement:seal
    require: {evidence: {phr: session}}
    fallback: {when: cannot_meet, require: {evidence: {aal2: session}}}
  - {id: seals, on: "bank.statement:seal", when: velocity.seals > 1, require: {deny: one-a-day}}
  - {id: move, on: "bank.volume:move", when: velocity.volume > 3000, require: {evidence: {aal1: session}}}
"""
INCIDENT = '  - {id: incident, on: "bank.statement:*", require: {deny: incident}}\n'
_KEYS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    told = {"NEWEL_GUESSING__PAGES_PER_ADDRESS": "100000"}
    with running(folder / "newel", environment=told, policy=folder / "policy.yaml") as started:
        yield started


@pytest.fixture(scope="module")
def api(server: Running) -> Relying:
    return server.client("bank-api", audience=API, states=("bank.statement", "bank.volume"))


@pytest.fixture(scope="module")
def web(server: Running) -> Relying:
    return server.client("bank-web", audience=API)


def key() -> str:
    return f"key-{next(_KEYS)}"


def token(web: Relying, person: Person, **more: str) -> str:
    """The access token of a session of its own."""
    browser = web.server.browser()
    page = browser.follow(browser.get(authorize_url(web.id, web.redirect_uri, **more)))
    page = browser.follow(browser.submit(page, username=person.name, password=person.password))
    if "code" not in page.answer:
        page = browser.submit(page, otp=person.code())
    browser.close()
    return str(web.redeem(page.answer["code"]).json()["access_token"])


def asked(
    api: Relying, who: Person, shown: str | None, reservation: str, *, target: str = "bank.statement:audit", **said: Any
) -> tuple[bool, str | None]:
    """Whether it is permitted, and under which reservation."""
    kind, action = target.split(":")
    body = {
        "subject": {"type": "user", "id": who.id, "properties": {} if shown is None else {"access_token": shown}},
        "action": {"name": action},
        "resource": {"type": kind, "id": "s"},
        "context": {**said, "reservation": reservation},
    }
    answer = api.server.http.post(f"{api.server.issuer}/access/v1/evaluation", json=body, headers=api.basic)
    assert answer.status_code == 200, answer.text
    return answer.json()["decision"], answer.json()["context"]["newel"].get("reservation")


def records(server: Running) -> list[tuple[bool, str]]:
    """Whether each recorded evaluation was a repetition, and its outcome; oldest first."""
    columns = "writer, seq, at, kind, body, commitment, personal, mac"
    rows = server.rows(f"SELECT {columns} FROM audit WHERE kind = 'pdp.evaluated' ORDER BY at, seq")  # ruff: ignore[hardcoded-sql-expression] - columns of this test
    entries = [AuditRow(*row).entry() for row in rows]
    return [("repeated" in each.body, each.decision.outcome) for each in entries if each.decision]


def test_s27_a_repeated_key_needs_the_evidence_anew_and_counts_no_second_time(
    server: Running, api: Relying, web: Relying, alex: Person
) -> None:
    strong, weak, used = token(web, alex, acr_values="aal2"), token(web, alex), key()
    assert asked(api, alex, strong, used) == (True, used)
    for shown in (weak, None):
        assert asked(api, alex, shown, used) == (False, None)
    assert asked(api, alex, strong, used) == (True, used)
    assert asked(api, alex, strong, key()) == (False, None)
    assert [outcome for repeated, outcome in records(server) if repeated] == ["asked", "asked", "met"]


def test_s27_a_repeated_key_is_no_permission_for_a_disabled_person(
    server: Running, api: Relying, web: Relying, alex: Person
) -> None:
    strong, used = token(web, alex, acr_values="aal2"), key()
    assert asked(api, alex, strong, used) == (True, used)
    assert server.cli("user", "disable", alex.name).returncode == 0
    for shown in (strong, None):
        assert asked(api, alex, shown, used) == (False, None)


def test_s27_a_repeated_key_gives_the_answer_of_a_fallback_again_and_counts_no_second_time(
    api: Relying, web: Relying, alex: Person
) -> None:
    strong, weak, used = token(web, alex, acr_values="aal2"), token(web, alex), key()
    seal = {"target": "bank.statement:seal"}
    for _ in range(3):
        assert asked(api, alex, strong, used, **seal) == (True, used)
    assert asked(api, alex, weak, used, **seal) == (False, None)
    assert asked(api, alex, strong, key(), **seal) == (False, None)


def test_s27_a_sum_beyond_63_bits_asks_for_evidence_and_fails_nothing(api: Relying, web: Relying, alex: Person) -> None:
    shown, move, first = token(web, alex), {"target": "bank.volume:move"}, key()
    assert asked(api, alex, shown, first, **move, volume=MOST) == (True, first)
    for volume in (1, MOST, 5):
        used = key()
        assert asked(api, alex, None, used, **move, volume=volume) == (False, None)
        assert [asked(api, alex, shown, used, **move, volume=volume) for _ in range(2)] == [(True, used)] * 2


def test_s27_a_repeated_key_is_no_permission_under_a_policy_that_denies(
    server: Running, api: Relying, web: Relying, alex: Person, tmp_path: Path
) -> None:
    strong, used = token(web, alex, acr_values="aal2"), key()
    assert asked(api, alex, strong, used) == (True, used)
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY + INCIDENT, "utf-8")
    server.open(lambda everything: put_in_force(everything, file))
    server.process.terminate()
    server.process.wait(60)
    if server.process.stdout:
        server.process.stdout.close()
    server.process = server.restart()
    assert asked(api, alex, strong, used) == (False, None)
