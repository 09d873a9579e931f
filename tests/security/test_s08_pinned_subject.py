"""S08: the subject is pinned during step-up."""

from tests.security.stage import Do, assertion, signed_up
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device


def test_s08_another_person_cannot_finish_a_pinned_ceremony(
    sign_in: Do, ask: Do, browser: Browser, alex: Person, sam: Person
) -> None:
    sign_in(alex)
    page = ask(prompt="login")
    assert "code" not in browser.submit(page, password=sam.password).answer


def test_s08_another_persons_code_or_passkey_answers_nothing(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    other, device = server.person("olga", app=True), Device()
    signed_up(browser, server, "pablo", device)
    sign_in(alex)
    page = ask(acr_values="aal2")
    assert "error=wrong_code" in (browser.submit(page, otp=other.code()).location or "")
    options = '{"challenge": "AAAA", "rpId": "localhost"}'
    forged = device.get(options, origin=server.issuer)
    csrf = page.form("otp")["fields"]["csrf"]
    answer = browser.post(page.url, {"csrf": csrf, "way": "passkey", "assertion": forged})
    assert "code" not in answer.answer


def test_s08_a_request_about_another_subject_is_never_answered_for_the_one_who_is_here(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person, sam: Person
) -> None:
    hint = bank.redeem(sign_in(alex).answer["code"]).json()["id_token"]
    browser.cookies.clear()
    sign_in(sam)
    assert ask(prompt="none", id_token_hint=hint).answer["error"] == "login_required"
    page = ask(id_token_hint=hint)
    assert "code" not in browser.submit(page, username=sam.name, password=sam.password).answer
    assert "code" in browser.submit(browser.get(page.url), username=alex.name, password=alex.password).answer


def test_s08_a_passkey_of_another_person_does_not_answer_a_pinned_sign_in(
    ask: Do, sign_in: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    device = Device()
    signed_up(browser, server, "quinn", device)
    hint = bank.redeem(sign_in(alex).answer["code"]).json()["id_token"]
    browser.cookies.clear()
    page = ask(id_token_hint=hint)
    assert "code" not in assertion(browser, page, device).answer
