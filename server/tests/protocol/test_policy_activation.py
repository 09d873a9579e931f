"""Another policy comes into force in every worker, outlives a kill, and a damaged one never replaces what can be read."""

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from server.tests.protocol.switching import (
    BASE,
    PROFILE_SECOND,
    named,
    put,
    put_damaged,
    remarks,
    silent,
    strict,
    until,
)
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running, running

from newel.app import POLICY_LOOKS
from newel.cli.opening import Open
from newel.storage.base import Statement, Unit

ROOM = {"NEWEL_GUESSING__PER_ADDRESS": "100000", "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running(tmp_path_factory.mktemp("activation") / "newel", environment=ROOM) as started:
        yield started


@pytest.fixture(scope="module")
def bank(server: Running) -> Relying:
    return server.client("bank-web", audience="http://localhost:9")


@pytest.fixture
def lax(server: Running, bank: Relying, signed_in: Browser) -> None:
    """The policy that asks nothing for a profile is in force."""
    put(server, BASE)
    until(lambda: not strict(signed_in, bank))


@pytest.fixture
def signed_in(server: Running, bank: Relying, browser: Browser, alex: Person) -> Browser:
    """A browser in which alex, who has an app, signed in by password."""
    return entered(browser, bank, alex)


def entered(browser: Browser, bank: Relying, person: Person) -> Browser:
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri)))
    browser.submit(page, username=person.name, password=person.password)
    return browser


def garbage(body: bytes) -> bytes:
    return b"\xff" * len(body)


def cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


def nothing(_body: bytes) -> bytes:
    return b""


def laxer(body: bytes) -> bytes:
    """Whoever can write to the database lets every second proof be a first one, in files and canonical text alike."""
    told, typed = b'"aal1":"session","aal2":"session"', b"{evidence: {aal2: session}}"
    assert told in body
    assert typed in body
    return body.replace(told, b'"aal1":"session"'.ljust(len(told))).replace(typed, typed.replace(b"aal2", b"aal1"))


def test_every_worker_looks_often_enough_for_half_a_second() -> None:
    assert 2 * POLICY_LOOKS <= 0.5


@pytest.mark.usefixtures("lax")
def test_another_policy_decides_new_requests_at_once(server: Running, bank: Relying, signed_in: Browser) -> None:
    put(server, BASE + PROFILE_SECOND)
    until(lambda: strict(signed_in, bank), seconds=2)


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("damage", [garbage, cut, nothing, laxer])
def test_s34_a_damaged_policy_never_replaces_the_running_one_nor_stops_a_start(
    server: Running, bank: Relying, signed_in: Browser, damage: Callable[[bytes], bytes]
) -> None:
    put(server, BASE + PROFILE_SECOND)
    until(lambda: strict(signed_in, bank))
    broken = put_damaged(server, named(f"test-{damage.__name__}"), damage)
    until(lambda: any(broken[:12] in each for each in remarks(server)))
    assert strict(signed_in, bank)
    stopped(server)
    server.process = server.restart()
    assert any(broken[:12] in each for each in remarks(server))
    assert strict(signed_in, bank)


@pytest.mark.usefixtures("lax")
def test_a_policy_that_can_be_read_ends_the_remark(server: Running, bank: Relying, signed_in: Browser) -> None:
    broken = put_damaged(server, named("test-once"), cut)
    until(lambda: any(broken[:12] in each for each in remarks(server)))
    put(server, BASE + PROFILE_SECOND)
    until(lambda: strict(signed_in, bank))
    assert not any(broken[:12] in each for each in remarks(server))


@pytest.mark.usefixtures("lax")
def test_a_policy_whose_activation_was_answered_is_in_force_after_a_kill(
    server: Running, bank: Relying, signed_in: Browser
) -> None:
    put(server, BASE + PROFILE_SECOND)
    server.process.kill()
    ended(server)
    server.process = server.restart()
    assert strict(signed_in, bank)


def test_where_no_activated_policy_can_be_read_everything_is_denied_and_readyz_says_so(tmp_path: Path) -> None:
    with running(tmp_path / "newel", environment=ROOM) as server:
        bank, browser = server.client("bank-web"), server.browser()
        entered(browser, bank, server.person("alex", app=True))
        assert "code" in silent(browser, bank, scope="openid")
        broken = put_damaged(server, named("test-x"), garbage)
        until(lambda: any(broken[:12] in each for each in remarks(server)))
        assert "code" in silent(browser, bank, scope="openid")
        every_snapshot_is_damaged(server)
        stopped(server)
        server.process = server.restart()
        ready = server.http.get(f"{server.issuer}/readyz")
        assert ready.status_code == 503
        assert "no policy that was activated can be read" in ready.json()["reasons"][0]
        assert silent(browser, bank, scope="openid")["error"] == "unmet_authentication_requirements"
        put(server, named("test-y"))
        until(lambda: "code" in silent(browser, bank, scope="openid"))
        assert remarks(server)
        browser.close()


def test_with_two_workers_both_decide_by_the_new_policy(tmp_path: Path) -> None:
    with running(tmp_path / "newel", "--workers", "2", environment=ROOM) as server:
        bank, first = server.client("bank-web"), server.browser()
        entered(first, bank, server.person("alex", app=True))
        assert not strict(first, bank)
        put(server, BASE + PROFILE_SECOND)
        workers = children(server.process.pid)
        assert len(workers) == 2
        for worker in workers:
            with alone(worker, workers):
                asking = Browser(server.issuer, cookies=dict(first.cookies))
                until(lambda asked=asking: strict(asked, bank), seconds=2)  # type: ignore[misc]  # bound in the loop
                asking.close()
        first.close()


def every_snapshot_is_damaged(server: Running) -> None:
    async def work(everything: Open) -> None:
        await everything.store.commit(Unit((Statement("UPDATE snapshots SET body = x'00'", {}),)))

    server.open(work)


def stopped(server: Running) -> None:
    server.process.terminate()
    ended(server)


def ended(server: Running) -> None:
    server.process.wait(20)
    if server.process.stdout:
        server.process.stdout.close()


def children(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").iterdir()
    return sorted({int(each) for thread in threads for each in (thread / "children").read_text().split()})


@contextmanager
def alone(worker: int, workers: list[int]) -> Generator[None]:
    """One worker answers, the others are stopped for a while."""
    others = [each for each in workers if each != worker]
    for each in others:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in others:
            os.kill(each, signal.SIGCONT)
