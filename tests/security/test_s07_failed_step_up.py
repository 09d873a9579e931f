"""S07: a failed, cancelled or expired step-up leaves the base session untouched."""

from dataclasses import replace

from tests.security.stage import SESSION, Do, execute, fields, number
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running

from newel.cli.opening import Open
from newel.storage.base import Params, Statement, Unit
from newel.storage.codec import encode
from newel.storage.sql.interactions import interaction


def row(server: Running, person: Person) -> tuple[object, ...]:
    ((*found,),) = server.rows("SELECT secret_hash, evidence, expires_at FROM sessions WHERE subject = :s", s=person.id)
    return tuple(found)


def untouched(server: Running, browser: Browser, ask: Do, person: Person, held: str, before: object) -> None:
    assert browser.cookies[SESSION] == held
    assert row(server, person) == before
    assert "code" in ask(prompt="none").answer
    assert ask(prompt="none", acr_values="aal2").answer["error"] == "interaction_required"


def test_s07_a_declined_step_up_leaves_the_base_session_untouched(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    held, before = browser.cookies[SESSION], row(server, alex)
    page = ask(acr_values="aal2")
    no = browser.post(page.url, {"csrf": fields(page, "otp")["csrf"], "decision": "decline"})
    assert no.answer["error"] == "access_denied"
    untouched(server, browser, ask, alex, held, before)
    assert "code" not in browser.submit(page, otp=alex.code()).answer


def test_s07_five_wrong_codes_leave_the_base_session_untouched(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    held, before = browser.cookies[SESSION], row(server, alex)
    page = ask(acr_values="aal2")
    for _ in range(6):
        browser.submit(page, otp="000000")
    untouched(server, browser, ask, alex, held, before)


def expire(server: Running, page: Page) -> None:
    async def work(everything: Open) -> None:
        found = await everything.store.one(interaction(number(page)))
        assert found is not None
        over = replace(found, expires_at=everything.now - 1)
        sql = "UPDATE interactions SET body = :body, expires_at = :at WHERE id = :id"
        params: Params = {"body": encode(over), "at": over.expires_at, "id": over.id}
        await everything.store.commit(Unit((Statement(sql, params),)))

    server.open(work)


def test_s07_an_expired_step_up_leaves_the_base_session_untouched_and_takes_no_proof(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    held, before = browser.cookies[SESSION], row(server, alex)
    page = ask(acr_values="aal2")
    expire(server, page)
    assert "code" not in browser.submit(page, otp=alex.code()).answer
    assert browser.get(page.url).status == 410
    untouched(server, browser, ask, alex, held, before)


def test_s07_a_refused_step_up_leaves_the_base_session_untouched(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    held, before = browser.cookies[SESSION], row(server, alex)
    page = ask(acr_values="aal2")
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    refused = browser.get(page.url)
    assert refused.answer["error"] == "unmet_authentication_requirements"
    assert browser.cookies[SESSION] == held
    assert row(server, alex) == before
