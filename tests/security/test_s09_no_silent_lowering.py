"""S09: a step-up may not lower strength in silence."""

import json

from tests.security.stage import Do, execute
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying, Running


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
