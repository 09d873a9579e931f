"""S09: a step-up may not lower strength in silence."""

import json

import pytest
from tests.security.stage import Do, assertion, execute, number, signed_up
from tests.simulators.person import Browser
from tests.simulators.running import POLICY, Person, Relying, Running, put_in_force
from tests.simulators.webauthn_device import Device

FALLBACK = """
  - id: profile-passkey
    on: newel.scope:profile
    require: {evidence: {phr: session}}
    fallback: {when: cannot_meet, require: {evidence: {aal2: session}}}
"""
TOLD = "what you have proven already is taken in its place"
INSTEAD = "nothing stronger to prove this with"


@pytest.fixture(scope="module")
def fallback(server: Running, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The policy in force lets whoever has no passkey read the profile with two other proofs."""
    file = tmp_path_factory.mktemp("policy") / "policy.yaml"
    file.write_text(POLICY.read_text("utf-8") + FALLBACK, "utf-8")
    server.open(lambda everything: put_in_force(everything, file))
    server.process.terminate()
    server.process.wait(60)
    if server.process.stdout:
        server.process.stdout.close()
    server.process = server.restart()


def test_s09_a_missing_factor_is_unmet_and_never_a_pass(sign_in: Do, ask: Do, sam: Person) -> None:
    sign_in(sam)
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": ["aal2"]}}})
    for asked in ({"acr_values": "aal2"}, {"acr_values": "phr aal2"}, {"claims": essential}):
        for prompt in ("", "none", "login"):
            answer = ask(prompt=prompt, **asked)
            assert answer.answer["error"] == "unmet_authentication_requirements"
            assert "code" not in answer.answer


def test_s09_a_missing_factor_is_unmet_at_the_sign_in_itself(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    answer = browser.submit(ask(acr_values="aal2"), username=sam.name, password=sam.password)
    assert answer.answer["error"] == "unmet_authentication_requirements"
    assert server.rows("SELECT 1 FROM sessions WHERE subject = :s", s=sam.id) == []


def test_s09_a_factor_that_disappears_in_the_middle_ends_it(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    page = browser.submit(ask(acr_values="aal2"), username=alex.name, password=alex.password)
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert browser.follow(page).answer["error"] == "unmet_authentication_requirements"


def test_s09_a_scope_is_asked_for_and_never_granted_without_its_class(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    page = ask(scope="openid payments offline_access")
    tokens = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()
    assert "payments" in tokens["scope"].split()
    assert bank.introspect(tokens["access_token"])["acr"] == "aal2"


def test_s09_a_scope_ends_with_the_evidence_it_demanded(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = ask(scope="openid payments offline_access")
    tokens = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert "payments" not in bank.refresh(tokens["refresh_token"]).json()["scope"].split()


@pytest.mark.usefixtures("fallback")
def test_s09_a_declared_fallback_is_shown_recorded_and_kept(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = ask(scope="openid profile offline_access")
    assert INSTEAD in page.text
    assert "nichts St\u00e4rkeres" in browser.get(page.url + "?ui_locales=de").text
    why = browser.get(page.url + "/why?ui_locales=en").text
    assert "A passkey." in why
    assert "Two proofs. Your account has nothing stronger." in why
    answer = browser.submit(browser.get(page.url), otp=alex.code())
    tokens = bank.redeem(answer.answer["code"]).json()
    assert "profile" in tokens["scope"].split()
    assert "profile" in bank.refresh(tokens["refresh_token"]).json()["scope"].split()
    for kind in ("authorize.asked", "authorize.met"):
        sql = "SELECT body FROM audit WHERE kind = :kind AND instr(body, :id) > 0 ORDER BY at DESC LIMIT 1"
        ((body,),) = server.rows(sql, kind=kind, id=number(page).encode())
        assert b"fallen" in body


@pytest.mark.usefixtures("fallback")
def test_s09_a_fallback_that_is_met_already_is_told_before_it_goes_on(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    page = ask(scope="openid profile")
    assert "code" not in page.answer
    assert TOLD in page.text
    assert "was Sie schon nachgewiesen haben" in browser.get(page.url + "?ui_locales=de").text
    csrf = page.form("csrf")["fields"]["csrf"]
    forged = browser.post(page.url, {"csrf": "forged", "decision": "go_on"})
    assert forged.status == 403
    assert TOLD in browser.get(page.url + "?ui_locales=en").text  # to look at it is not to go on
    answer = browser.post(page.url, {"csrf": csrf, "decision": "go_on"})
    tokens = bank.redeem(answer.answer["code"]).json()
    assert "profile" in tokens["scope"].split()
    assert browser.post(page.url, {"csrf": csrf, "decision": "go_on"}).location in {answer.location, page.url}
    for kind in ("authorize.asked", "authorize.met"):
        sql = "SELECT body FROM audit WHERE kind = :kind AND instr(body, :id) > 0 ORDER BY at DESC LIMIT 1"
        ((body,),) = server.rows(sql, kind=kind, id=number(page).encode())
        assert b"fallen" in body
    declined = ask(scope="openid profile")
    no = browser.post(declined.url, {"csrf": csrf, "decision": "decline"})
    assert no.answer["error"] == "access_denied"
    assert "code" in ask(scope="openid profile", prompt="none").answer  # no page is wanted: the record says it


@pytest.mark.usefixtures("fallback")
def test_s09_going_on_is_no_way_past_a_demand(ask: Do, browser: Browser, sign_in: Do, alex: Person) -> None:
    sign_in(alex)
    page = ask(scope="openid profile")
    csrf = page.form("csrf", "otp")["fields"]["csrf"]
    passed = browser.post(page.url, {"csrf": csrf, "decision": "go_on"})
    assert (passed.location, passed.answer) == (page.url, {})
    waiting = ask(scope="openid")
    assert "code" in waiting.answer
    browser.cookies.clear()
    unknown = ask(scope="openid")
    csrf = unknown.form("csrf", "username")["fields"]["csrf"]
    assert "code" not in browser.post(unknown.url, {"csrf": csrf, "decision": "go_on"}).answer


@pytest.mark.usefixtures("fallback")
def test_s09_a_fallback_is_nothing_for_who_can_meet_the_demand(
    browser: Browser, ask: Do, sign_in: Do, bank: Relying, server: Running
) -> None:
    device = Device()
    robin = signed_up(browser, server, "robin-of-the-passkey", device)
    sign_in(robin)
    page = ask(scope="openid profile")
    assert INSTEAD not in page.text
    assert not any("otp" in form["fields"] for form in page.parsed.forms)
    answer = assertion(browser, page, device)
    assert "profile" in bank.redeem(answer.answer["code"]).json()["scope"].split()


@pytest.mark.usefixtures("fallback")
def test_s09_a_scope_by_fallback_ends_when_the_demand_can_be_met(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    other = server.browser()
    kim = signed_up(other, server, "kim-of-the-passkey", Device())
    other.close()
    sign_in(alex)
    page = ask(scope="openid profile offline_access")
    tokens = bank.redeem(browser.submit(page, otp=alex.code()).answer["code"]).json()
    sql = "UPDATE authenticators SET subject = :to WHERE subject = :of AND method = 'passkey'"
    execute(server, sql, to=alex.id, of=kim.id)
    assert "profile" not in bank.refresh(tokens["refresh_token"]).json()["scope"].split()


@pytest.mark.usefixtures("fallback")
def test_s09_whoever_has_not_even_the_fallback_gets_nothing(sign_in: Do, ask: Do, sam: Person) -> None:
    sign_in(sam)
    assert ask(scope="openid profile").answer["error"] == "unmet_authentication_requirements"
