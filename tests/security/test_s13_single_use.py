"""S13: single use is a conditional statement, so of many at once exactly one succeeds."""

import json

from tests.security.signing import asserting
from tests.security.stage import PAYMENT, Do, at_once, twin
from tests.simulators.person import CHALLENGE, Browser, Page
from tests.simulators.running import Person, Relying, Running

ONCE = 8


def test_s13_two_browsers_redeeming_one_code_give_one_success(sign_in: Do, bank: Relying, sam: Person) -> None:
    code = sign_in(sam).answer["code"]
    answers = at_once(lambda _: bank.redeem(code), range(ONCE))
    assert sorted(each.status_code for each in answers) == [200, *[400] * (ONCE - 1)]
    won = next(each.json() for each in answers if each.status_code == 200)
    assert {each.json()["error"] for each in answers if each.status_code == 400} == {"invalid_grant"}
    assert bank.introspect(won["access_token"]) == {"active": False}


def test_s13_a_replayed_code_revokes_what_it_issued(sign_in: Do, bank: Relying, sam: Person) -> None:
    code = sign_in(sam, scope="openid offline_access").answer["code"]
    tokens = bank.redeem(code).json()
    assert bank.introspect(tokens["access_token"])["active"]
    assert bank.redeem(code).json()["error"] == "invalid_grant"
    assert bank.introspect(tokens["access_token"]) == {"active": False}
    assert bank.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_s13_the_client_is_authenticated_before_its_code_is_consumed(
    sign_in: Do, bank: Relying, server: Running, sam: Person
) -> None:
    other = server.client("other-web")
    code = sign_in(sam).answer["code"]
    wrong = Relying(server, bank.id, "0" * 64, bank.redirect_uri)
    assert wrong.redeem(code).json()["error"] == "invalid_client"
    assert other.redeem(code).json()["error"] == "invalid_grant"
    assert bank.redeem(code).status_code == 200


def test_s13_a_wrong_verifier_burns_the_code(sign_in: Do, bank: Relying, sam: Person) -> None:
    code = sign_in(sam).answer["code"]
    assert bank.redeem(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    assert bank.redeem(code).json()["error"] == "invalid_grant"


def test_s13_a_totp_step_is_used_once_in_any_interaction(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    code = alex.code()
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=code).answer
    page = browser.submit(ask(prompt="login", acr_values="aal2"), password=alex.password)
    again = browser.submit(browser.follow(page), otp=code)
    assert "error=code_used" in (again.location or "")


def test_s13_an_older_step_than_the_last_used_is_refused(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    older, newer = alex.code(), alex.code()
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=newer).answer
    page = browser.submit(ask(prompt="login", acr_values="aal2"), password=alex.password)
    assert "code" not in browser.submit(browser.follow(page), otp=older).answer


def test_s13_a_recovery_code_is_used_once(sign_in: Do, ask: Do, browser: Browser, server: Running) -> None:
    kim = server.person("kim-13", recovery=True)
    sign_in(kim)
    asked = [ask(prompt="login", state=str(each)) for each in range(4)]
    pages = [browser.get(f"{page.url}?way=recovery_code") for page in asked]

    def answer(page: Page) -> bool:
        again = twin(browser)
        try:
            return "code" in again.submit(page, recovery_code=kim.recovery[0]).answer
        finally:
            again.close()

    assert sum(at_once(answer, pages)) == 1


def test_s13_a_pushed_request_is_answered_once(sign_in: Do, browser: Browser, bank: Relying, sam: Person) -> None:
    sign_in(sam)
    asked = {"response_type": "code", "redirect_uri": bank.redirect_uri, "scope": "openid", "state": "pushed"}
    pushed = bank.post("/par", **asked, code_challenge=CHALLENGE, code_challenge_method="S256").json()["request_uri"]
    where = f"/authorize?client_id={bank.id}&request_uri={pushed}"

    def answer(_: int) -> bool:
        again = twin(browser)
        try:
            return "code" in again.get(where).answer
        finally:
            again.close()

    assert sum(at_once(answer, range(ONCE))) == 1
    assert browser.get(where).status == 400


def test_s13_of_two_prompts_for_one_pushed_request_one_is_answered(
    sign_in: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    asked = {"response_type": "code", "redirect_uri": bank.redirect_uri, "scope": "openid", "acr_values": "aal2"}
    pushed = bank.post("/par", **asked, code_challenge=CHALLENGE, code_challenge_method="S256").json()["request_uri"]
    pages = [browser.follow(browser.get(f"/authorize?client_id={bank.id}&request_uri={pushed}")) for _ in range(2)]
    assert "code" in browser.submit(pages[0], otp=alex.code()).answer
    assert "code" not in browser.submit(pages[1], otp=alex.code()).answer


def test_s13_a_client_assertion_is_used_once(server: Running) -> None:
    there = asserting(server, "asserting-web")
    one = there.key.sign(there.assertion())
    assert sorted(at_once(lambda _: there.status(one), range(ONCE))) == [200, *[401] * (ONCE - 1)]
    assert there.status(there.key.sign(there.assertion())) == 200


def test_s13_one_approval_makes_one_code(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([PAYMENT]))
    code = alex.code()

    def answer(_: int) -> str | None:
        again = twin(browser)
        try:
            return again.submit(page, otp=code).answer.get("code")
        finally:
            again.close()

    assert len({each for each in at_once(answer, range(ONCE)) if each}) == 1


def test_s13_a_sign_up_address_is_used_once(server: Running, browser: Browser) -> None:
    address = server.sign_up_address("lena")
    pages = [browser.follow(browser.submit(browser.get(address), has=("csrf",))) for _ in range(3)]

    def answer(page: Page) -> int:
        again = twin(browser)
        try:
            return again.submit(page, password=f"violet harbour {pages.index(page)}7").status
        finally:
            again.close()

    assert sorted(at_once(answer, pages)) == [303, 410, 410]
    assert server.rows(
        "SELECT COUNT(*) FROM authenticators JOIN subjects ON subject = subjects.id WHERE canonical = 'lena'"
    ) == [(1,)]
