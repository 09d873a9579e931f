"""S03: two pieces of evidence of one kind are one factor."""

from tests.security.stage import Do
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying, Running


def test_s03_a_password_twice_is_one_factor(sign_in: Do, ask: Do, browser: Browser, bank: Relying, sam: Person) -> None:
    sign_in(sam)
    again = browser.submit(ask(prompt="login"), password=sam.password)
    told = bank.introspect(bank.redeem(again.answer["code"]).json()["access_token"])
    assert (told["acr"], told["amr"]) == ("aal1", ["pwd"])
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"


def test_s03_a_recovery_code_beside_a_password_is_no_second_factor(
    sign_in: Do, ask: Do, server: Running, bank: Relying
) -> None:
    kim = server.person("kim-with-codes", recovery=True)
    told = bank.introspect(bank.redeem(sign_in(kim).answer["code"]).json()["access_token"])
    assert told["acr"] == "aal1"
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"


def test_s03_one_code_counts_for_one_event(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    code = alex.code()
    first, second = ask(acr_values="aal2", prompt="login"), ask(acr_values="aal2", prompt="login")
    first = browser.follow(browser.submit(first, password=alex.password))
    assert "code" in browser.submit(first, otp=code).answer
    second = browser.follow(browser.submit(second, password=alex.password))
    assert "error=code_used" in (browser.submit(second, otp=code).location or "")
