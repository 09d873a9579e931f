"""S06: evidence rotates the session; what existed before it never gains from it, and sleep wakes nothing."""

from tests.security.stage import SESSION, Do, execute, fields, thief, time_passes, twin
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.cli.opening import Open
from newel.storage.sql.sessions import sessions_of


def silently(browser: Browser, bank: Relying, **more: str) -> dict[str, str]:
    """The client's answer without any page."""
    return browser.get(authorize_url(bank.id, bank.redirect_uri, prompt="none", **more)).answer


def test_s06_evidence_rotates_the_identifier_and_the_old_one_keeps_its_old_evidence(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    old = thief(browser)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert browser.cookies[SESSION] != old.cookies[SESSION]
    assert silently(old, bank, acr_values="aal2")["error"] == "interaction_required"
    assert "code" in silently(old, bank)
    assert "code" in ask(prompt="none", acr_values="aal2").answer
    assert silently(old, bank)["error"] == "login_required"
    old.close()


def test_s06_the_old_identifier_ends_30_seconds_after_the_rotation(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    old = thief(browser)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    ((until, now),) = server.rows("SELECT previous_until, active_at FROM sessions WHERE subject = :s", s=alex.id)
    assert until == now + 30
    execute(server, "UPDATE sessions SET previous_until = :at WHERE subject = :s", at=now - 1, s=alex.id)
    assert silently(old, bank)["error"] == "login_required"
    old.close()


def test_s06_the_old_identifier_with_the_password_never_yields_what_the_new_one_proved(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    old = thief(browser)
    page = old.follow(old.get(authorize_url(bank.id, bank.redirect_uri, prompt="login")))
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert "code" in old.submit(page, password=alex.password).answer
    assert old.cookies[SESSION].split(".")[0] != browser.cookies[SESSION].split(".")[0]
    assert silently(old, bank, acr_values="aal2")["error"] == "interaction_required"
    assert "code" in silently(old, bank)
    assert "code" in ask(prompt="none", acr_values="aal2").answer
    old.close()


def test_s06_waking_a_session_with_a_password_does_not_wake_the_second_factor(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert "code" in silently(browser, bank, acr_values="aal2")
    time_passes(server, alex, 2 * 3600, idle=2 * 3600)
    page = ask(prompt="select_account")
    assert "code" in browser.submit(page, username=alex.name, password=alex.password).answer
    assert silently(browser, bank, acr_values="aal2")["error"] == "interaction_required"


def test_s06_a_class_ends_after_its_idle_time_and_after_its_lasts(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    time_passes(server, alex, 3601, idle=3601)
    assert silently(browser, bank, acr_values="aal2")["error"] == "interaction_required"
    assert silently(browser, bank, acr_values="aal2")["error"] == "interaction_required"
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert "code" in silently(browser, bank, acr_values="aal2")
    time_passes(server, alex, 24 * 3600 + 1)
    assert silently(browser, bank, acr_values="aal2")["error"] == "interaction_required"


def test_s06_a_refresh_token_from_before_a_step_up_never_yields_the_higher_level(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    before = bank.redeem(sign_in(alex, scope="openid offline_access").answer["code"]).json()
    first = bank.introspect(before["access_token"])
    after = browser.submit(ask(acr_values="aal2", scope="openid offline_access"), otp=alex.code())
    higher = bank.redeem(after.answer["code"]).json()
    again = bank.introspect(bank.refresh(before["refresh_token"]).json()["access_token"])
    assert (again["acr"], again["auth_time"]) == ("aal1", first["auth_time"])
    assert bank.introspect(bank.refresh(higher["refresh_token"]).json()["access_token"])["acr"] == "aal2"
    assert before["refresh_token"].split(".")[0] != higher["refresh_token"].split(".")[0]


def test_s06_refreshing_drops_what_was_removed_since(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    step_up = browser.submit(ask(acr_values="aal2", scope="openid offline_access"), otp=alex.code())
    tokens = bank.redeem(step_up.answer["code"]).json()
    assert bank.introspect(tokens["access_token"])["acr"] == "aal2"
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert bank.introspect(bank.refresh(tokens["refresh_token"]).json()["access_token"])["acr"] == "aal1"


def test_s06_a_sign_in_gives_a_new_session_and_never_takes_one_that_was_planted(
    ask: Do, browser: Browser, server: Running, alex: Person, sam: Person
) -> None:
    planted = server.browser()
    page = planted.follow(planted.get("/account"))
    planted.submit(page, username=sam.name, password=sam.password)
    fixed = planted.cookies[SESSION]
    browser.cookies[SESSION] = fixed
    page = ask(prompt="select_account")
    browser.submit(page, username=alex.name, password=alex.password)
    assert browser.cookies[SESSION].split(".")[0] != fixed.split(".")[0]

    async def lineages(everything: Open) -> set[str]:
        return {row.lineage for row in await everything.store.all(sessions_of(alex.id))}

    assert fixed.split(".")[0] not in server.open(lineages)
    planted.close()


def test_s06_two_tabs_that_answer_at_once_both_reach_their_client(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    pages = [ask(prompt="login", state=str(tab)) for tab in range(2)]
    tabs = [twin(browser), twin(browser)]
    for tab, page in zip(tabs, pages, strict=True):
        assert fields(page, "password")
        assert "code" in tab.submit(page, password=alex.password).answer
        tab.close()
