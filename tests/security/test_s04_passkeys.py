"""S04: a passkey without user verification is one factor; nothing that is not attested counts as hardware."""

from tests.security.stage import Do, assertion, confirm_passkey, execute, signed_up
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device, Lies


def test_s04_a_key_that_does_not_verify_its_user_is_one_factor(
    sign_in: Do, ask: Do, browser: Browser, server: Running, bank: Relying, sam: Person
) -> None:
    key = Device(user_verifying=False, transports=("usb",))
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/security_key"))
    assert "/account" in (confirm_passkey(browser, page, key).location or "")
    execute(server, "UPDATE authenticators SET ceiling = NULL WHERE subject = :s", s=sam.id)
    for lies in (Lies(), Lies(verified=True)):
        page = assertion(browser, ask(prompt="login"), key, lies=lies)
        told = bank.introspect(bank.redeem(page.answer["code"]).json()["access_token"])
        assert (told["acr"], "mfa" in told["amr"]) == ("aal1", False)
    page = browser.follow(browser.submit(ask(prompt="login", acr_values="aal2"), password=sam.password))
    assert "code" in assertion(browser, page, key).answer


def test_s04_a_passkey_that_skips_user_verification_proves_nothing(ask: Do, browser: Browser, server: Running) -> None:
    device = Device()
    signed_up(browser, server, "rosa", device)
    answer = assertion(browser, ask(), device, lies=Lies(verified=False))
    assert "error=not_verified" in (answer.location or "")


def test_s04_a_passkey_with_user_verification_reaches_phr_alone(
    ask: Do, browser: Browser, server: Running, bank: Relying
) -> None:
    device = Device()
    signed_up(browser, server, "toni", device)
    told = bank.introspect(bank.redeem(assertion(browser, ask(), device).answer["code"]).json()["access_token"])
    assert told["acr"] == "phr"


def test_s04_neither_a_synced_nor_an_unattested_key_satisfies_a_hardware_requirement(
    ask: Do, browser: Browser, server: Running
) -> None:
    for name, device in (("uma", Device(synced=True, backed_up=True)), ("vera", Device())):
        signed_up(browser, server, name, device)
        assert "code" in assertion(browser, ask(), device).answer
        assert ask(acr_values="aal3").answer["error"] == "unmet_authentication_requirements"
        browser.cookies.clear()
