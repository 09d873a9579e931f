"""S09: what a person puts off is told, counted and recorded, and nothing ever takes it for met."""

import time
from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from tests.security.stage import Do, at_once, fields, number, twin
from tests.simulators.person import Browser, Page
from tests.simulators.running import POLICY, Person, Relying, Running, running

UNMET = "unmet_authentication_requirements"
SKIPS, ONCE = 3, 8
GRACE = f"""
  - id: second-soon
    on: newel.session:sign_in
    require: {{evidence: {{aal2: session}}}}
    because: a second proof is needed soon
    grace: {{until: {datetime.fromtimestamp(time.time() + 30 * 86_400, UTC):%Y-%m-%dT12:00:00Z}, skips: {SKIPS}}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A server whose sign-in wants a second proof, which can be put off for a while."""
    folder = tmp_path_factory.mktemp("server")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.read_text("utf-8") + GRACE, "utf-8")
    with running(
        folder / "newel", environment={"NEWEL_GUESSING__PAGES_PER_ADDRESS": "100000"}, policy=policy
    ) as started:
        yield started


def put_off(browser: Browser, page: Page, **more: str) -> Page:
    return browser.post(page.url, {"csrf": fields(page, "csrf")["csrf"], "decision": "skip", **more})


def in_another_tab(browser: Browser, page: Page) -> Page:
    """The same, on a connection of its own."""
    tab = twin(browser)
    try:
        return put_off(tab, page)
    finally:
        tab.close()


def counted(server: Running, person: Person) -> list[tuple[object, ...]]:
    return server.rows("SELECT rule, count FROM skips WHERE subject = :s", s=person.id)


@pytest.fixture
def waiting(sign_in: Do, browser: Browser, alex: Person) -> Page:
    """The page that asks alex, who gave a password, for a second proof."""
    return browser.follow(sign_in(alex))


def test_s09_a_skip_is_told_counted_recorded_and_claims_only_what_was_proven(
    waiting: Page, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    assert f"put this off {SKIPS} more times" in waiting.text
    tokens = bank.redeem(put_off(browser, waiting).answer["code"]).json()
    told = bank.introspect(tokens["access_token"])
    assert (told["acr"], told["amr"]) == ("aal1", ["pwd"])
    assert told["newel_acrs"].keys() == {"aal1"}
    assert counted(server, alex) == [("second-soon", 1)]
    sql = "SELECT body FROM audit WHERE kind = 'authorize.skipped' AND instr(body, :id) > 0"
    ((body,),) = server.rows(sql, id=number(waiting).encode())
    assert b"second-soon" in body


def test_s09_a_skip_satisfies_no_step_up_no_scope_and_no_client(
    waiting: Page, browser: Browser, bank: Relying, ask: Do, server: Running, alex: Person
) -> None:
    assert "code" in put_off(browser, waiting).answer
    for asked in ({"acr_values": "aal2"}, {"scope": "openid payments"}):
        page = ask(**asked)
        assert page.form("otp")
        assert put_off(browser, page).status == 409
    assert ask(prompt="none").answer["error"] == "interaction_required"
    token = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()["access_token"]
    assert bank.introspect(token)["acr"] == "aal2"
    assert counted(server, alex) == [("second-soon", 1)]


def test_s09_no_skip_is_left_after_the_last(
    browser: Browser, ask: Do, sign_in: Do, server: Running, sam: Person
) -> None:
    page = browser.follow(sign_in(sam))
    for _ in range(SKIPS):
        assert "code" in put_off(browser, page).answer
        page = ask()
    assert page.answer["error"] == UNMET
    assert counted(server, sam) == [("second-soon", SKIPS)]


def test_s09_of_many_tabs_at_once_no_more_get_in_than_are_allowed(
    browser: Browser, ask: Do, sign_in: Do, server: Running, sam: Person
) -> None:
    put_off(browser, browser.follow(sign_in(sam)))
    pages = [ask() for _ in range(ONCE)]
    answers = at_once(lambda page: in_another_tab(browser, page), pages)
    assert sorted(each.status for each in answers) == [*[303] * (SKIPS - 1), *[409] * (ONCE - SKIPS + 1)]
    assert sum("code" in each.answer for each in answers) == SKIPS - 1
    assert counted(server, sam) == [("second-soon", SKIPS)]


def test_s09_one_form_sent_many_times_counts_once(
    waiting: Page, browser: Browser, server: Running, alex: Person
) -> None:
    answers = at_once(lambda _: in_another_tab(browser, waiting), range(ONCE))
    assert sum("code=" in (each.location or "") for each in answers) == 1
    assert counted(server, alex) == [("second-soon", 1)]


def test_s09_nobody_else_puts_off_in_a_persons_place(
    waiting: Page, browser: Browser, server: Running, alex: Person
) -> None:
    stranger = server.browser()
    assert put_off(stranger, waiting).status == 403
    stranger.close()
    assert put_off(browser, waiting, csrf="forged").status == 403
    assert counted(server, alex) == []
